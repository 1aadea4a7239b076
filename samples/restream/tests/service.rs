// SPDX-License-Identifier: MIT OR Apache-2.0
//! What systemd is told, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // helpers of tests are tests

mod common;

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::process::signal;
use common::restream::{Restream, cameras, config};
use common::{SOON, Scratch, wait};

#[test]
fn systemd_hears_of_the_start_of_life_and_of_the_end() {
    let scratch = Scratch::new();
    let path = scratch.path("config.toml");
    std::fs::write(&path, config(&cameras(&[("one", "test:ball?fps=5")]))).unwrap();
    let notified = scratch.path("notify");
    let socket = UnixDatagram::bind(&notified).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lynx-restream"))
        .arg(&path)
        .env("NOTIFY_SOCKET", &notified)
        .env("WATCHDOG_USEC", "600000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let hear = || {
        let mut text = [0; 1024];
        let count = socket.recv(&mut text).expect("something is said");
        String::from_utf8_lossy(&text[..count]).into_owned()
    };
    let until = |word: &str| {
        let mut heard = Vec::new();
        let end = Instant::now() + SOON;
        while Instant::now() < end {
            heard.push(hear());
            if heard.last().is_some_and(|last| last.contains(word)) {
                return heard.pop().unwrap_or_default();
            }
        }
        panic!("{word} is not in {heard:?}")
    };
    until("READY=1");
    let alive = until("WATCHDOG=1");
    assert!(alive.contains("of 1 cameras play"), "{alive}");
    until("WATCHDOG=1");
    signal(child.id(), "TERM");
    until("STOPPING=1");
    let status = wait("its end", SOON, || child.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

#[test]
fn one_that_hangs_says_nothing_more() {
    let scratch = Scratch::new();
    let path = scratch.path("config.toml");
    std::fs::write(&path, config(&cameras(&[("one", "test:ball?fps=5")]))).unwrap();
    let notified = scratch.path("notify");
    let socket = UnixDatagram::bind(&notified).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lynx-restream"))
        .arg(&path)
        .env("NOTIFY_SOCKET", &notified)
        .env("WATCHDOG_USEC", "400000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut text = [0; 1024];
    loop {
        let count = socket.recv(&mut text).unwrap();
        if String::from_utf8_lossy(&text[..count]).contains("WATCHDOG=1") {
            break;
        }
    }
    signal(child.id(), "STOP");
    socket.set_nonblocking(true).unwrap();
    while socket.recv(&mut text).is_ok() {}
    socket.set_nonblocking(false).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    assert!(
        socket.recv(&mut text).is_err(),
        "a process that hangs says that it lives"
    );
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn it_ends_within_two_seconds_whatever_goes_on() {
    let scratch = Scratch::new();
    let many = [
        ("one", "test:ball?fps=10"),
        ("two", "rtsp://127.0.0.1:1/x"),
        // Nobody answers there: whoever connects waits.
        ("three", "rtsp://192.0.2.1/x"),
    ];
    let app = Restream::start(&scratch, &config(&cameras(&many)));
    app.wait_for("one", "playing", SOON);
    let started = Instant::now();
    let (status, said) = app.end();
    let took = started.elapsed();
    assert!(status.success(), "{said}");
    assert!(said.contains("ended"), "{said}");
    // Two seconds are promised; a machine that has much else to do may take longer.
    assert!(took < Duration::from_secs(6), "{took:?}: {said}");
    println!("ended within {took:?}");
}
