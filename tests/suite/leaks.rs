// SPDX-License-Identifier: MIT OR Apache-2.0
//! GStreamer's `leaks` tracer over the built plugin.

use std::process::Command;

use lynx_tests::places::{clip, tiny};
use lynx_tests::soak::{Soak, soak};

/// Runs a launch line under the tracer; its exit and what is still alive after it.
fn alive_after(launch: &str) -> (bool, Vec<String>) {
    let output = Command::new("gst-launch-1.0")
        .args(launch.split_whitespace())
        .env("GST_TRACERS", "leaks")
        .env("GST_DEBUG", "GST_TRACER:7")
        .env("GST_DEBUG_NO_COLOR", "1")
        .output()
        .expect("gst-launch-1.0 runs");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(
        log.contains("new format string: object-alive"),
        "the tracer is active"
    );
    let alive = log
        .lines()
        .filter(|l| l.contains("object-alive, ") && !l.contains("new format string"))
        .map(str::to_owned)
        .collect();
    (output.status.success(), alive)
}

#[test]
fn the_leaks_tracer_finds_nothing() {
    let (success, alive) = alive_after(&format!(
        "filesrc location={} ! decodebin ! identity eos-after=100 ! videoconvert ! lynxmotiongate ! lynxpreprocess ! queue \
         ! lynxinfer model={} threshold=0.1 inference-interval=2 ! lynxtrack ! lynxoverlay \
         ! lynxpublish location=/dev/null ! fakesink",
        clip(),
        tiny("yolov8-fixed")
    ));
    assert!(success);
    assert_eq!(alive, [""; 0]);
}

#[test]
fn nor_after_a_run_that_fails_or_a_start_that_does() {
    for (pattern, model) in [
        ("white", tiny("fails-at-run")),
        ("black", "/nowhere.onnx".into()),
        ("black", tiny("faults/external-data")),
        ("black", tiny("faults/rank5")),
    ] {
        let (success, alive) = alive_after(&format!(
            "videotestsrc pattern={pattern} num-buffers=30 ! video/x-raw,format=RGB,width=32,height=32 \
             ! lynxpreprocess ! queue ! lynxinfer model={model} ! lynxtrack ! lynxoverlay \
             ! lynxpublish location=/dev/null ! fakesink"
        ));
        assert!(!success, "{model}");
        assert_eq!(alive, [""; 0], "{model}");
    }
}

/// `cargo run --release -p lynx-tests --bin soak` does so ten times as long.
#[test]
fn a_hundred_cameras_that_come_and_go_leave_nothing_behind() {
    let held = soak(Soak {
        joins: 100,
        frames: 50,
        together: 4,
    });
    // The first tenth is there to load what is loaded once.
    let (first, last) = (held[1], held[9]);
    let grown = last.bytes.abs_diff(first.bytes) as f64 / 1e6;
    assert!(grown <= 5.0, "{grown} MB: {held:?}");
    // GLib keeps threads for a while.
    assert!(last.threads <= first.threads + 6, "{held:?}");
    assert_eq!(last.files, first.files, "{held:?}");
}
