// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much later a viewer of the annotated stream sees what a viewer of the camera itself sees.
//!
//! The camera burns the time into its picture; both viewers read it there, on the same clock:
//!
//! ```text
//! cargo test -p lynx-restream --bench delay -- [SECONDS] [MODEL]
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // what it finds is its output

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::camera::Camera;
use common::picture::Picture;
use common::restream::{Restream, cameras, config};
use common::viewer::Viewer;
use common::{SOON, Scratch, tiny};
use gst::prelude::*;

/// Milliseconds of the camera's clock begin anew after so many.
const TURN: i64 = 1 << 24;

type Delays = Arc<Mutex<Vec<(u32, f64)>>>;

/// Watches, and notes how old each picture is, by the time that it shows.
fn watch(url: &str) -> (Viewer, Delays) {
    let delays = Delays::default();
    let into = delays.clone();
    let viewer = Viewer::each(url, move |picture: &Picture| {
        let now = gst::SystemClock::obtain().time().nseconds();
        if let Some(stamp) = picture.stamp() {
            let micros = now as i64 / 1000 - i64::from(stamp) * 1000;
            let delay = micros.rem_euclid(TURN * 1000) as f64 / 1e3;
            into.lock().expect("no panic").push((stamp, delay));
        }
    });
    (viewer, delays)
}

/// Median, 99th percentile and longest.
fn show(what: &str, mut delays: Vec<f64>) {
    delays.sort_by(f64::total_cmp);
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share).round() as usize];
    println!(
        "{what:<32} p50 {:6.1} ms, p99 {:6.1} ms, longest {:6.1} ms, {} frames",
        at(0.5),
        at(0.99),
        at(1.0),
        delays.len()
    );
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let seconds = arguments
        .next()
        .map_or(30, |text| text.parse().expect("seconds"));
    let model = arguments.next();
    let scratch = Scratch::new();
    let camera = Camera::start("stamp", &[]);
    let mut text = config(&cameras(&[("gate", &camera.url())]));
    if let Some(model) = &model {
        text = text.replace(&tiny("yolov8-fixed"), model);
    }
    let app = Restream::start(&scratch, &text);
    app.wait_for("gate", "playing", SOON);
    let (direct_viewer, direct) = watch(&camera.url());
    let (annotated_viewer, annotated) = watch(&app.url("gate"));
    direct_viewer.wait_total(50, SOON);
    annotated_viewer.wait_total(50, SOON);
    for delays in [&direct, &annotated] {
        delays.lock().expect("no panic").clear();
    }
    std::thread::sleep(Duration::from_secs(seconds));
    let taken = |delays: &Delays| std::mem::take(&mut *delays.lock().expect("no panic"));
    let (direct, annotated) = (taken(&direct), taken(&annotated));
    let difference = annotated.iter().filter_map(|(stamp, delay)| {
        let same = direct.iter().find(|(other, _)| other == stamp)?;
        Some(delay - same.1)
    });
    let difference: Vec<_> = difference.collect();
    let delays = |all: &[(u32, f64)]| all.iter().map(|(_, delay)| *delay).collect();
    println!(
        "640x480, 25 frames/s, {}",
        model.as_deref().unwrap_or("a tiny model")
    );
    show("camera to its own viewer", delays(&direct));
    show("camera to annotated viewer", delays(&annotated));
    show("added, for the same frame", difference);
    let status = app.camera("gate");
    println!(
        "inference alone: {} ms; {}",
        status["latency"], status["fps"]
    );
}
