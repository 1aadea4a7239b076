// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ready-made launch lines of `pipelines/`, each run for real.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
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

/// What a script writes of the clip's first five seconds: width, height and number of frames.
fn written(name: &str, arguments: impl Fn(&str, &str) -> Vec<String>) -> String {
    let input = short_clip(name, 5);
    let output = input.with_extension("mp4");
    let mut done = script(name, &[]);
    done.args(arguments(input.to_str().unwrap(), output.to_str().unwrap()));
    let done = done.output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let probe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-of",
            "csv=p=0",
            "-show_entries",
        ])
        .arg("stream=width,height,nb_read_frames")
        .arg(&output)
        .output()
        .unwrap();
    std::fs::remove_file(output).unwrap();
    std::fs::remove_file(input).unwrap();
    String::from_utf8(probe.stdout).unwrap()
}

#[test]
fn file_sh_writes_a_video() {
    let video = written("file.sh", |input, output| vec![input.into(), output.into()]);
    assert_eq!(video.trim(), "768,576,50");
}

#[test]
fn privacy_sh_writes_a_video() {
    let video = written("privacy.sh", |input, output| {
        vec![input.into(), output.into()]
    });
    assert_eq!(video.trim(), "768,576,50");
}

#[test]
fn mosaic_sh_puts_three_cameras_into_one_picture() {
    let video = written("mosaic.sh", |input, output| {
        let uri = format!("file://{input}");
        vec![
            "--output".into(),
            output.into(),
            input.into(),
            uri,
            input.into(),
        ]
    });
    assert_eq!(video.trim(), "1280,720,50");
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

/// Starts a server of `tests/rtsp`; returns it with what it prints, of which its URL is the first.
fn server(name: &str, arguments: &[&str]) -> (Running, String, Lines<BufReader<ChildStdout>>) {
    let server = Command::new("/usr/bin/python3")
        .arg(format!("tests/rtsp/{name}"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env_remove("G_DEBUG")
        .spawn()
        .unwrap();
    let mut server = Running(server);
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap();
    assert!(url.starts_with("rtsp://127.0.0.1:"), "{url:?}");
    (server, url, lines)
}

#[test]
fn rtsp_in_sh_reads_a_real_rtsp_server() {
    let (_server, url, _) = server("server.py", &[&clip()]);
    let mut viewer = script("rtsp-in.sh", &[&url]);
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

#[test]
fn rtsp_out_sh_sends_to_a_real_rtsp_server() {
    let (_server, url, frames) = server("recorder.py", &[]);
    let input = short_clip("rtsp-out", 5);
    let sender = script("rtsp-out.sh", &[input.to_str().unwrap(), &url]);
    let mut sender = Running({ sender }.stdout(Stdio::null()).spawn().unwrap());
    let sizes: Vec<String> = frames.take(30).map(Result::unwrap).collect();
    assert_eq!(sizes, ["768 576"; 30], "30 of 50 frames arrive");
    assert!(sender.0.wait().unwrap().success());
    std::fs::remove_file(input).unwrap();
}
