// SPDX-License-Identifier: MIT OR Apache-2.0
//! The players that people have, against the real server.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // helpers have no `#[test]`

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::camera::Camera;
use common::process::{cpu, held, threads};
use common::restream::{Restream, cameras, config};
use common::viewer::Viewer;
use common::{SOON, Scratch};

const WHITE: &str = "test:white?width=320&height=240&fps=15";
/// Frames that a player must have decoded.
const FRAMES: u64 = 20;

fn run(command: &mut Command) -> Output {
    let limited = |command: &Command| {
        let mut limited = Command::new("timeout");
        limited
            .arg("60")
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            limited.env(name, value.unwrap_or_default());
        }
        limited
    };
    let output = limited(command).output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// Certificates that nobody vouches for are refused by FFmpeg from 8 on, unless it is told not to.
fn trusting(url: &str) -> &'static [&'static str] {
    let help = run(Command::new("ffprobe").args(["-hide_banner", "-h", "demuxer=rtsp"]));
    let asks = String::from_utf8_lossy(&help.stdout).contains("-tls_verify");
    match url.starts_with("rtsps://") && asks {
        true => &["-tls_verify", "0"],
        false => &[],
    }
}

/// Frames that `ffprobe` decodes; what it says where it does not come that far.
fn ffprobe(url: &str, transport: &str) -> Result<u64, String> {
    let output = run(Command::new("ffprobe").args(trusting(url)).args([
        "-v",
        "error",
        "-rtsp_transport",
        transport,
        "-count_frames",
        "-read_intervals",
        &format!("%+#{}", FRAMES + 5),
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
        url,
    ]));
    let frames = String::from_utf8_lossy(&output.stdout).trim().parse();
    frames.map_err(|_| words(&output))
}

/// Frames that `ffmpeg` decodes, each a line.
fn ffmpeg(url: &str, transport: &str) -> Result<u64, String> {
    let output = run(Command::new("ffmpeg").args([
        "-v",
        "error",
        "-rtsp_transport",
        transport,
        "-i",
        url,
        "-frames:v",
        &FRAMES.to_string(),
        "-f",
        "framemd5",
        "-",
    ]));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let frames = text.lines().filter(|line| !line.starts_with('#')).count() as u64;
    if frames == 0 {
        Err(words(&output))
    } else {
        Ok(frames)
    }
}

/// A player as somebody else than root, as which VLC refuses to run.
fn cvlc() -> Command {
    if run(Command::new("id").arg("-u")).stdout != b"0\n" {
        return Command::new("cvlc");
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "cvlc",
    ]);
    command
}

/// Frames that `cvlc` decodes; it saves each.
fn vlc(url: &str, option: &str, folder: &Path) -> Result<u64, String> {
    std::fs::create_dir(folder).expect("a folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(folder, open).expect("permissions");
    let mut command = cvlc();
    command.env("HOME", folder).args([
        "--intf=dummy",
        "--no-audio",
        "--vout=dummy",
        "--no-video-title-show",
        "--video-filter=scene",
        "--scene-format=png",
        "--scene-ratio=1",
        "--network-caching=300",
    ]);
    command.arg(format!("--scene-path={}", folder.display()));
    command.args([url, option, "vlc://quit"]);
    let pictures = || {
        let files = std::fs::read_dir(folder).expect("a folder").flatten();
        let pictures = files.filter(|file| file.path().extension().is_some_and(|e| e == "png"));
        pictures.count() as u64
    };
    let words = folder.join("words");
    let into = std::fs::File::create(&words).expect("a file");
    let mut player = command.stderr(into).spawn().expect("cvlc");
    let start = Instant::now();
    while pictures() < FRAMES
        && player.try_wait().expect("a child").is_none()
        && start.elapsed() < SOON
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = player.kill();
    let _ = player.wait();
    match pictures() {
        0 => Err(std::fs::read_to_string(words).expect("a file")),
        frames => Ok(frames),
    }
}

fn enough(what: &str, frames: Result<u64, String>) {
    let frames = frames.unwrap_or_else(|why| panic!("{what}: {why}"));
    println!("{what}: {frames} frames");
    assert!(frames >= FRAMES, "{what}: {frames} frames");
}

#[test]
fn ffmpeg_and_gstreamer_play_annotated_and_raw_video_over_tcp_and_udp() {
    let scratch = Scratch::new();
    let camera = Camera::start("test:smpte", &[]);
    let list = cameras(&[("gate", &camera.url())]);
    let app = Restream::start(&scratch, &config(&format!("{list}raw = true\n")));
    app.wait_for("gate", "playing", SOON);
    for path in ["gate", "gate/raw"] {
        let url = app.url(path);
        for transport in ["tcp", "udp"] {
            enough(
                &format!("ffprobe {transport} {path}"),
                ffprobe(&url, transport),
            );
            enough(
                &format!("ffmpeg {transport} {path}"),
                ffmpeg(&url, transport),
            );
            let viewer = Viewer::start(&url, &format!("protocols={transport}"), true, None);
            viewer.wait_frames(FRAMES, SOON);
        }
    }
    assert_eq!(app.camera("gate")["connections"], 1);
}

#[test]
fn vlc_plays_what_it_can() {
    if std::env::var_os("LYNX_ONLY_GSTREAMER").is_some_and(|on| !on.is_empty()) {
        println!("left out: VLC does not depend on GStreamer (LYNX_ONLY_GSTREAMER)");
        return;
    }
    let scratch = Scratch::new();
    let camera = Camera::start("test:smpte", &[]);
    let list = cameras(&[("gate", &camera.url())]);
    let app = Restream::start(&scratch, &config(&format!("{list}raw = true\n")));
    app.wait_for("gate", "playing", SOON);
    let page = app.page("/api/cameras/gate/live.mjpg");
    enough(
        "cvlc MJPEG",
        vlc(&page, ":demux=mjpeg", &scratch.path("mjpeg")),
    );
    let modules = run(cvlc().arg("-l"));
    if !words(&modules).contains("live555") {
        println!("left out: this VLC is built without live555, as Debian's is, and plays no RTSP");
        return;
    }
    enough(
        "cvlc TCP",
        vlc(&app.url("gate"), ":rtsp-tcp", &scratch.path("tcp")),
    );
    enough(
        "cvlc UDP, raw",
        vlc(&app.url("gate/raw"), ":no-rtsp-tcp", &scratch.path("udp")),
    );
}

#[test]
fn who_brings_the_right_password_watches_and_nobody_else() {
    for auth in ["basic", "digest"] {
        let scratch = Scratch::new();
        let users = "users = { anna = \"right password\" }";
        // `[rtsp]` is the last table before the cameras.
        let more = format!("auth = {auth:?}\n{users}\n{}", cameras(&[("gate", WHITE)]));
        let app = Restream::start(&scratch, &config(&more));
        let url = |login: &str| {
            app.url("gate")
                .replace("rtsp://", &format!("rtsp://{login}"))
        };
        enough(auth, ffprobe(&url("anna:right%20password@"), "tcp"));
        let viewer = Viewer::start(
            &app.url("gate"),
            "protocols=tcp user-id=anna user-pw=\"right password\"",
            true,
            None,
        );
        viewer.wait_frames(FRAMES, SOON);
        for login in ["anna:wrong@", "bert:right%20password@", ""] {
            let refused = ffprobe(&url(login), "tcp");
            let why = refused.expect_err("it must not play");
            assert!(why.contains("401"), "{login}: {why}");
        }
    }
}

#[test]
fn video_is_encrypted_with_a_certificate() {
    let scratch = Scratch::new();
    let (certificate, key) = (scratch.path("certificate.pem"), scratch.path("key.pem"));
    let made = run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate));
    assert!(made.status.success(), "{}", words(&made));
    let tls = format!("tls = {{ certificate = {certificate:?}, key = {key:?} }}");
    let users = "users = { anna = \"right\" }";
    let more = format!("{tls}\n{users}\n{}", cameras(&[("gate", WHITE)]));
    let app = Restream::start(&scratch, &config(&more));
    let url = app.url("gate");
    assert!(url.starts_with("rtsps://"), "{url}");
    enough(
        "ffprobe over TLS",
        ffprobe(&url.replace("rtsps://", "rtsps://anna:right@"), "tcp"),
    );
    let properties = "user-id=anna user-pw=right tls-validation-flags=0";
    Viewer::start(&url, properties, true, None).wait_frames(FRAMES, SOON);
    // Whoever speaks without TLS is told nothing.
    let mut plain =
        TcpStream::connect(url["rtsps://".len()..].trim_end_matches("/gate")).expect("it listens");
    plain
        .set_read_timeout(Some(Duration::from_secs(1)))
        .expect("a socket");
    plain
        .write_all(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        .expect("a socket");
    let mut told = Vec::new();
    let _ = plain.read_to_end(&mut told);
    assert!(!String::from_utf8_lossy(&told).contains("RTSP"), "{told:?}");
}

#[test]
fn fifty_viewers_cost_one_encode() {
    let scratch = Scratch::new();
    let app = Restream::start(
        &scratch,
        &config(&cameras(&[("gate", "test:smpte?fps=15")])),
    );
    app.wait_for("gate", "playing", SOON);
    assert_eq!(app.camera("gate")["encoding"], false, "nobody watches");
    let url = app.url("gate");
    let mut viewers = vec![Viewer::watch(&url)];
    for count in [1, 10, 50] {
        viewers.resize_with(count, || Viewer::count(&url));
        for viewer in &viewers {
            viewer.wait_total(FRAMES, SOON);
        }
        let (start, used) = (Instant::now(), cpu(app.pid()));
        viewers[0].wait_frames(45, SOON);
        let used = (cpu(app.pid()) - used).as_secs_f64() / start.elapsed().as_secs_f64();
        let names = threads(app.pid());
        let status = app.camera("gate");
        println!(
            "{count} viewers: {:.1} frames/s encoded, {:.0} % of a core, {} threads, {:?}",
            status["fps"]["out"],
            100.0 * used,
            names.len(),
            held(app.pid())
        );
        assert_eq!(status["viewers"], count);
        let encoders = names
            .iter()
            .filter(|name| name.starts_with("annotate"))
            .count();
        assert_eq!(encoders, 1, "{names:?}");
        let encoded = status["fps"]["out"].as_f64().expect("a rate");
        assert!(
            encoded < 20.0,
            "{count} viewers, and {encoded} frames/s are encoded"
        );
    }
    drop(viewers);
    common::wait("an end of encoding", SOON, || {
        let status = app.camera("gate");
        (status["encoding"] == false && status["viewers"] == 0).then_some(())
    });
}

#[test]
fn a_viewer_who_is_gone_without_a_word_is_forgotten() {
    let scratch = Scratch::new();
    let app = Restream::start(&scratch, &config(&cameras(&[("gate", WHITE)])));
    let mut player = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-rtsp_transport",
            "udp",
            "-i",
            &app.url("gate"),
            "-f",
            "null",
            "-",
        ])
        .spawn()
        .expect("ffmpeg");
    common::wait("a viewer", SOON, || {
        (app.camera("gate")["viewers"] == 1).then_some(())
    });
    player.kill().expect("it lives");
    player.wait().expect("it ends");
    common::wait("that it is gone", Duration::from_secs(90), || {
        let status = app.camera("gate");
        (status["viewers"] == 0 && status["encoding"] == false).then_some(())
    });
}
