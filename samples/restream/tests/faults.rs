// SPDX-License-Identifier: MIT OR Apache-2.0
//! One of two cameras fails: its viewers stay and see that, it comes back, and the other notices
//! nothing.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // helpers have no `#[test]`

mod common;

use std::time::{Duration, Instant};

use common::camera::Camera;
use common::restream::{Restream, cameras, config};
use common::viewer::Viewer;
use common::{SOON, Scratch};

/// No wait between two frames of a camera that is well is as long as this, even on a machine that
/// has much else to do.
const UNDISTURBED: Duration = Duration::from_secs(3);

/// Two cameras that are well, and their viewers.
struct Two {
    bad: Camera,
    _good: Camera,
    app: Restream,
    bad_viewer: Viewer,
    good_viewer: Viewer,
    _scratch: Scratch,
}

fn two() -> Two {
    let scratch = Scratch::new();
    let bad = Camera::start("test:white", &[]);
    let good = Camera::start("test:smpte", &["--fps", "15"]);
    let list = [("bad", &*bad.url()), ("good", &*good.url())];
    let app = Restream::start(&scratch, &config(&cameras(&list)));
    app.wait_for("bad", "playing", SOON);
    app.wait_for("good", "playing", SOON);
    let bad_viewer = Viewer::watch(&app.url("bad"));
    let good_viewer = Viewer::watch(&app.url("good"));
    bad_viewer.wait_frames(10, SOON);
    good_viewer.wait_frames(10, SOON);
    good_viewer.gap();
    Two {
        bad,
        _good: good,
        app,
        bad_viewer,
        good_viewer,
        _scratch: scratch,
    }
}

impl Two {
    fn no_signal(&self) {
        self.app.wait_for("bad", "lost", SOON);
        let dark = |picture: &common::picture::Picture| picture.mean() < 60.0;
        self.bad_viewer
            .wait_picture("the picture of no signal", SOON, dark);
        // At a low rate, not once.
        self.bad_viewer.wait_frames(3, SOON);
    }

    /// The camera is there again: within its back-off, as the application itself says it.
    fn is_back(&self) {
        let retry = self.app.camera("bad")["retry-in"]
            .as_f64()
            .unwrap_or_default();
        let margin = Duration::from_secs(15);
        let back = Instant::now();
        self.app
            .wait_for("bad", "playing", Duration::from_secs_f64(retry) + margin);
        let bright = |picture: &common::picture::Picture| picture.mean() > 150.0;
        self.bad_viewer
            .wait_picture("the camera's picture", margin, bright);
        println!(
            "back after {:?}, the next try was in {retry:.1} s",
            back.elapsed()
        );
    }

    fn nobody_else_noticed(&self) {
        assert_eq!(self.bad_viewer.ended(), None, "its session lives on");
        assert_eq!(self.good_viewer.ended(), None);
        assert_eq!(self.app.camera("good")["connections"], 1);
        let gap = self.good_viewer.gap();
        println!("longest wait for a frame of the other: {gap:?}");
        assert!(
            gap < UNDISTURBED,
            "the other camera's frames came {gap:?} apart"
        );
    }
}

#[test]
fn a_camera_that_is_killed_shows_no_signal_until_it_is_back() {
    let mut two = two();
    two.bad.kill();
    two.no_signal();
    let lost = two.app.camera("bad");
    assert!(lost["error"].is_string(), "{lost}");
    two.bad.restart();
    two.is_back();
    assert_eq!(two.app.camera("bad")["connections"], 2);
    two.nobody_else_noticed();
}

#[test]
fn a_camera_that_hangs_with_its_connections_open_is_lost_and_comes_back() {
    let two = two();
    two.bad.signal("STOP");
    two.no_signal();
    two.bad.signal("CONT");
    two.is_back();
    two.nobody_else_noticed();
}

#[test]
fn a_camera_that_keeps_its_session_and_sends_nothing_is_lost_and_comes_back() {
    let mut two = two();
    two.bad.tell("stall");
    two.no_signal();
    two.bad.tell("go");
    two.is_back();
    two.nobody_else_noticed();
}

#[test]
fn corrupt_frames_end_nobodys_session() {
    let mut two = two();
    two.bad.tell("corrupt 50");
    // Whatever the decoder makes of it: afterwards there are good pictures again.
    two.bad_viewer.wait_frames(50, SOON);
    two.is_back();
    two.bad_viewer.wait_frames(50, SOON);
    two.is_back();
    two.nobody_else_noticed();
}

#[test]
fn a_camera_may_change_its_size() {
    let mut two = two();
    for (size, width) in [("320x240", 320), ("800x600", 800)] {
        two.bad.tell(&format!("resize {size}"));
        two.bad_viewer
            .wait_picture("the new size", SOON, |picture| {
                picture.width == width && picture.mean() > 150.0
            });
        common::wait("the new size in its status", SOON, || {
            (two.app.camera("bad")["width"] == width).then_some(())
        });
    }
    two.nobody_else_noticed();
}

#[test]
fn identities_begin_anew_when_a_camera_comes_back() {
    let scratch = Scratch::new();
    let mut camera = Camera::start("test:white", &[]);
    let events = scratch.path("events.jsonl");
    let list = cameras(&[("gate", &camera.url())]);
    let app = Restream::start(&scratch, &config(&format!("{list}events = {events:?}\n")));
    app.wait_for("gate", "playing", SOON);
    let seen = |after: usize| {
        common::wait("objects with identities", SOON, || {
            let text = std::fs::read_to_string(&events).ok()?;
            let lines: Vec<_> = text.lines().skip(after).map(String::from).collect();
            let with_id = lines.iter().filter(|line| ids(line).len() == 2);
            (with_id.count() >= 10).then_some((after + lines.len(), ids(lines.last()?)))
        })
    };
    let (lines, before) = seen(0);
    camera.restart();
    app.wait_for("gate", "lost", SOON);
    app.wait_for("gate", "playing", SOON);
    let (_, after) = seen(lines);
    println!("identities {before:?}, then {after:?}");
    assert_eq!(before, after, "the same two numbers, given anew");
}

/// Identities in a line of events.
fn ids(line: &str) -> Vec<u64> {
    let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else {
        return Vec::new();
    };
    let objects = line["objects"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = objects
        .iter()
        .filter_map(|object| object["id"].as_u64())
        .collect();
    ids.sort_unstable();
    ids
}
