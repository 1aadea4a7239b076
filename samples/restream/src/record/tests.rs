// SPDX-License-Identifier: MIT OR Apache-2.0

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst::prelude::*;

use super::Recording;
use super::files::new_name;
use crate::hub::Hub;
use crate::log::Say;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("lynx-restream-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn nobody() -> Say {
    Arc::new(|_: &str| ())
}

/// Encoded samples as an annotated stream gives them, a key frame every ten.
fn encoded(frames: u32, size: (u32, u32)) -> Vec<gst::Sample> {
    gst::init().unwrap();
    let (width, height) = size;
    let line = format!(
        "videotestsrc num-buffers={frames} ! video/x-raw, format=I420, width={width}, \
         height={height}, framerate=25/1 ! x264enc tune=zerolatency key-int-max=10 ! h264parse \
         config-interval=-1 ! video/x-h264, stream-format=byte-stream, alignment=au ! \
         appsink name=sink sync=false"
    );
    let pipeline = gst::parse::launch(&line).unwrap();
    let bin = pipeline.downcast_ref::<gst::Bin>().unwrap();
    let sink = bin.by_name("sink").unwrap();
    let sink = sink.downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let samples = std::iter::from_fn(|| sink.pull_sample().ok()).collect();
    pipeline.set_state(gst::State::Null).unwrap();
    samples
}

/// Frames in a file, and their size.
fn read(file: &Path) -> (usize, (i32, i32)) {
    let line = format!(
        "filesrc location={} ! qtdemux ! avdec_h264 ! appsink name=sink sync=false",
        file.display()
    );
    let pipeline = gst::parse::launch(&line).unwrap();
    let bin = pipeline.downcast_ref::<gst::Bin>().unwrap();
    let sink = bin.by_name("sink").unwrap();
    let sink = sink.downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut frames = 0;
    let mut size = (0, 0);
    while let Ok(sample) = sink.pull_sample() {
        let caps = sample.caps().unwrap().structure(0).unwrap();
        size = (caps.get("width").unwrap(), caps.get("height").unwrap());
        frames += 1;
    }
    pipeline.set_state(gst::State::Null).unwrap();
    (frames, size)
}

#[test]
fn a_recording_holds_every_frame_from_the_first_key_frame_on() {
    let folder = Folder::new("whole");
    let hub = Hub::new();
    let recording = Recording::start("gate", &folder.0, &hub, nobody()).unwrap();
    for sample in &encoded(60, (320, 240))[5..] {
        hub.send(sample);
    }
    drop(recording);
    let files = folder.files();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(read(&files[0]), (50, (320, 240)));
}

#[test]
fn a_stream_of_another_size_begins_another_file() {
    let folder = Folder::new("size");
    let hub = Hub::new();
    let recording = Recording::start("gate", &folder.0, &hub, nobody()).unwrap();
    for sample in encoded(25, (320, 240))
        .iter()
        .chain(&encoded(30, (160, 128)))
    {
        hub.send(sample);
    }
    drop(recording);
    let mut found: Vec<_> = folder.files().iter().map(|file| read(file)).collect();
    found.sort();
    assert_eq!(found, [(25, (320, 240)), (30, (160, 128))]);
}

#[test]
fn a_file_is_followed_by_the_next_and_no_frame_is_lost() {
    let folder = Folder::new("next");
    let hub = Hub::new();
    let second = Duration::from_secs(1);
    let recording = Recording::start_with("gate", &folder.0, &hub, nobody(), second).unwrap();
    for sample in &encoded(60, (320, 240)) {
        hub.send(sample);
    }
    drop(recording);
    let files = folder.files();
    assert!(files.len() >= 2, "{files:?}");
    assert_eq!(files.iter().map(|file| read(file).0).sum::<usize>(), 60);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused() {
    let error = Recording::start("gate", Path::new("/proc/no/folder"), &Hub::new(), nobody());
    let error = error.err().unwrap().to_string();
    assert!(error.contains("/proc/no/folder"), "{error}");
}

#[test]
fn a_folder_that_goes_is_said_once_and_nobody_is_held_up() {
    let folder = Folder::new("gone");
    let hub = Hub::new();
    let said = Arc::new(Mutex::new(Vec::new()));
    let (tell, heard) = std::sync::mpsc::channel();
    let lines = said.clone();
    let say: Say = Arc::new(move |line: &str| {
        lines.lock().unwrap().push(line.to_owned());
        tell.send(()).unwrap();
    });
    let recording = Recording::start("gate", &folder.0, &hub, say).unwrap();
    std::fs::remove_dir_all(&folder.0).unwrap();
    let samples = encoded(25, (320, 240));
    let frame = Duration::from_millis(10);
    let mut frames = samples.iter().cycle().take(1000);
    assert!(frames.any(|sample| {
        hub.send(sample);
        heard.recv_timeout(frame).is_ok()
    }));
    drop(recording);
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("gone") && said[0].contains("gate"),
        "{said:?}"
    );
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = Folder::new("name");
    std::fs::create_dir_all(&folder.0).unwrap();
    let name = || new_name(&folder.0, "gate", "2026-11-26 23:12:05 UTC");
    for expected in ["", "-2", "-3"] {
        let expected = format!("gate-20261126-231205{expected}.mp4");
        assert_eq!(name(), folder.0.join(expected));
        std::fs::write(name(), []).unwrap();
    }
}
