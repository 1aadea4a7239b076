// SPDX-License-Identifier: MIT OR Apache-2.0
//! `pipelines/quickstart.sh` when something goes wrong.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lynx_tests::places::{clip, root};
use lynx_tests::probe::video_stream;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lynx quick {name} {}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn quickstart(arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.arg("pipelines/quickstart.sh").args(arguments);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Frames that decode without an error from a video file.
fn frames(video: &str) -> usize {
    let stream = video_stream(video);
    let count = stream["nb_read_frames"]
        .as_str()
        .and_then(|n| n.parse().ok());
    count.unwrap_or_else(|| panic!("ffprobe says {stream}"))
}

#[test]
fn a_truncated_file_with_spaces_in_its_name_leaves_a_playable_video() {
    let folder = Folder::new("truncated");
    let whole = fs::read(clip()).unwrap();
    let input = folder.file("half a clip.avi");
    fs::write(&input, &whole[..whole.len() / 8]).unwrap();
    let output = folder.file("out put.mp4");
    let done = quickstart(&["--input", &input, "--output", &output])
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(!text.contains("panicked"), "{text}");
    assert!(frames(&output) > 50, "{text}");
}

#[test]
fn an_interrupt_leaves_a_playable_video() {
    let folder = Folder::new("interrupt");
    let output = folder.file("a.mp4");
    // In a process group of its own, so that the interrupt reaches the script and what it runs,
    // as Ctrl-C does, and not this test.
    let mut running = quickstart(&["--output", &output])
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let published = || {
        let text = fs::read_to_string(folder.file("detections.jsonl"));
        text.map_or(0, |text| text.lines().count())
    };
    let started = Instant::now();
    while published() < 30 {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "no 30 frames in two minutes"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let group = i32::try_from(running.id()).unwrap();
    // SAFETY: sends a signal; touches no memory.
    assert_eq!(unsafe { libc::kill(-group, libc::SIGINT) }, 0);
    running.wait().unwrap();
    let frames = frames(&output);
    assert!((20..795).contains(&frames), "{frames} frames");
}

#[test]
fn a_second_run_fetches_nothing_and_needs_no_network() {
    let folder = Folder::new("offline");
    let nowhere = "http://127.0.0.1:9";
    let done = quickstart(&["--frames", "2", "--output", &folder.file("a.mp4")])
        .envs([
            ("http_proxy", nowhere),
            ("https_proxy", nowhere),
            ("CARGO_NET_OFFLINE", "true"),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{text}");
    assert!(
        !text.contains("fetching") && !text.contains("installing"),
        "{text}"
    );
}

#[test]
fn a_fault_in_mid_stream_leaves_a_playable_video_and_a_failure() {
    let folder = Folder::new("fault");
    let output = folder.file("a.mp4");
    // The sample's model for faults fails on bright frames: black frames first, then white.
    let model = lynx_tests::places::tiny("fails-at-run");
    let black_then_white = folder.file("in.mkv");
    let made = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "color=black:s=64x64:r=25:d=2",
            "-f",
            "lavfi",
        ])
        .args([
            "-i",
            "color=white:s=64x64:r=25:d=2",
            "-filter_complex",
            "[0][1]concat",
        ])
        .args(["-c:v", "mpeg4", &black_then_white])
        .status()
        .unwrap();
    assert!(made.success());
    let done = quickstart(&[
        "--input",
        &black_then_white,
        "--model",
        &model,
        "--output",
        &output,
    ])
    .output()
    .unwrap();
    let text =
        String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success(), "{text}");
    assert!(text.contains("did not run"), "{text}");
    assert!((20..=50).contains(&frames(&output)), "{text}");
}

#[test]
fn a_limit_of_frames_is_exact() {
    let folder = Folder::new("limit");
    let output = folder.file("a.mp4");
    let done = quickstart(&["--frames", "7", "--output", &output])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}");
    assert!(text.contains("frames         7 in"), "{text}");
    assert_eq!(frames(&output), 7);
    assert_eq!(
        fs::read_to_string(folder.file("detections.jsonl"))
            .unwrap()
            .lines()
            .count(),
        7
    );
}

#[test]
fn unknown_words_name_the_remedy_and_fail() {
    for (arguments, word) in [
        (&["--model", "yolo99"][..], "yolox-tiny-person"),
        (&["--runtime", "npu"], "openvino"),
        (&["--input", "/nowhere.avi"], "/nowhere.avi"),
        (&["--frobnicate"], "--help"),
    ] {
        let done = quickstart(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success(), "{arguments:?}");
        assert!(text.contains(word), "{arguments:?}: {text}");
    }
}
