// SPDX-License-Identifier: MIT OR Apache-2.0
//! With GStreamer's own analytics elements, in both directions. They are in Debian's
//! gstreamer1.0-plugins-bad: from 1.26 on `onnxinference`, `ssdobjectdetector` and
//! `objectdetectionoverlay`, from 1.28 on the others.

mod ours;
mod runtimes;
mod theirs;

use gst::prelude::*;
use lynx_geometry::Rect;
use lynx_tests::places::root;
use lynx_tests::run::{Seen, build, play_to_end};

/// Frames as large as the tiny models' input, black.
pub(super) const SOURCE: &str =
    "videotestsrc pattern=black num-buffers=4 ! video/x-raw,format=RGB,width=32,height=32";

pub(super) const PERSON: Rect = Rect::new(4.0, 8.0, 8.0, 16.0);
pub(super) const CAR: Rect = Rect::new(18.0, 16.0, 12.0, 8.0);

pub(super) fn labels() -> String {
    root().join("tests/models/labels.txt").display().to_string()
}

/// The SSD model counts classes from 1, which its decoder knows from 1.28 on.
pub(super) fn ssd_labels() -> String {
    if cfg!(feature = "v1_28") {
        labels()
    } else {
        labels().replace("labels.txt", "labels-from-1.txt")
    }
}

/// Plays a line to its end and keeps the frames, and the pixels of the last one.
pub(super) fn play(line: &str) -> (gst::Pipeline, Vec<Seen>, Vec<u8>) {
    let (pipeline, seen) = build(&format!(
        "{SOURCE} ! {line} ! fakesink name=out enable-last-sample=true"
    ));
    let warnings = play_to_end(&pipeline);
    assert_eq!(warnings, [""; 0], "{line}");
    let out = pipeline.by_name("out").unwrap();
    let last = out.property::<gst::Sample>("last-sample");
    let pixels = last.buffer().unwrap().map_readable().unwrap().to_vec();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(seen.len(), 4, "{line}");
    (pipeline, seen, pixels)
}

pub(super) fn stop(pipeline: &gst::Pipeline) {
    pipeline.set_state(gst::State::Null).unwrap();
}

/// Each frame's objects are these, each with the same identity on all frames.
pub(super) fn assert_tracked(seen: &[Seen], expected: &[(&str, Rect)]) {
    for frame in seen {
        let found: Vec<_> = frame.objects.iter().map(|o| (o.label, o.rect)).collect();
        assert_eq!(found, expected);
        let ids: Vec<_> = frame
            .objects
            .iter()
            .map(|o| o.identity.unwrap().id)
            .collect();
        assert_eq!(ids, (1..=expected.len() as u64).collect::<Vec<_>>());
    }
}

/// The pixels of a 32x32 RGB frame that are not black.
pub(super) fn lit(pixels: &[u8]) -> Vec<(usize, usize)> {
    let lit = pixels
        .chunks(3)
        .enumerate()
        .filter(|(_, p)| **p != [0, 0, 0]);
    lit.map(|(i, _)| (i % 32, i / 32)).collect()
}
