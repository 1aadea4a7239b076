// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ready-made launch lines of `pipelines/`, each run for real.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lynx_tests::places::{clip, model, root};
use serde_json::Value;

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A script of `pipelines/`.
fn script(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.arg(format!("pipelines/{name}")).args(arguments);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The first seconds of the clip, so that tests are short.
pub(crate) fn short_clip(name: &str, seconds: u32) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lynx-{name}-{}.avi", std::process::id()));
    let cut = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i", &clip(), "-c", "copy"])
        .args(["-t", &seconds.to_string()])
        .arg(&path)
        .status()
        .unwrap();
    assert!(cut.success());
    path
}

#[test]
fn the_sample_prints_detections() {
    let input = short_clip("sample", 5);
    let done = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "detections",
            "--",
        ])
        .arg(&input)
        .arg(model("yolox-tiny-person"))
        .current_dir(root())
        .output()
        .unwrap();
    std::fs::remove_file(input).unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(text.lines().count() > 100, "{text}");
    assert!(
        text.lines().all(|line| line.contains(" person #")),
        "{text}"
    );
}

#[test]
fn file_sh_writes_a_video() {
    let output = std::env::temp_dir().join(format!("lynx-file-{}.mp4", std::process::id()));
    let input = short_clip("file", 5);
    let done = script(
        "file.sh",
        &[&input.to_string_lossy(), &output.to_string_lossy()],
    );
    let done = { done }.output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(std::fs::metadata(&output).unwrap().len() > 10_000);
    std::fs::remove_file(output).unwrap();
    std::fs::remove_file(input).unwrap();
}

#[test]
fn camera_sh_runs_on_a_test_source() {
    let done = script("camera.sh", &["--test", "20"]).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let missing = script("camera.sh", &["/dev/video99"]).output().unwrap();
    assert!(!missing.status.success());
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/dev/video99"));
}

#[test]
fn rtsp_sh_reads_a_real_rtsp_server() {
    let server = Command::new("/usr/bin/python3")
        .args(["tests/rtsp/server.py", &clip()])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env_remove("G_DEBUG")
        .spawn()
        .unwrap();
    let mut server = Running(server);
    let mut url = String::new();
    let stdout = server.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut url).unwrap();
    assert!(url.starts_with("rtsp://127.0.0.1:"), "{url:?}");

    let mut viewer = script("rtsp.sh", &[url.trim()]);
    let mut viewer = Running(viewer.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(viewer.0.stdout.take().unwrap()).lines();
    let started = Instant::now();
    let (mut frames, mut people) = (0, 0);
    for line in lines {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        frames += 1;
        people += line["objects"].as_array().unwrap().len();
        if frames == 30 || started.elapsed() > Duration::from_secs(60) {
            break;
        }
    }
    assert_eq!(frames, 30, "30 messages from a live camera");
    assert!(people > 30, "{people} people on 30 frames");
}
