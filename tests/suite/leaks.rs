// SPDX-License-Identifier: MIT OR Apache-2.0
//! GStreamer's `leaks` tracer over the built plugin.

use std::process::Command;

use lynx_tests::places::{clip, tiny};

#[test]
fn the_leaks_tracer_finds_nothing() {
    let launch = format!(
        "filesrc location={} ! decodebin ! identity eos-after=100 ! videoconvert ! lynxpreprocess ! queue \
         ! lynxinfer model={} threshold=0.1 inference-interval=2 ! lynxtrack ! lynxoverlay \
         ! lynxpublish location=/dev/null ! fakesink",
        clip(),
        tiny("yolov8-fixed")
    );
    let output = Command::new("gst-launch-1.0")
        .args(launch.split_whitespace())
        .env("GST_TRACERS", "leaks")
        .env("GST_DEBUG", "GST_TRACER:7")
        .env("GST_DEBUG_NO_COLOR", "1")
        .output()
        .expect("gst-launch-1.0 runs");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert!(
        log.contains("new format string: object-alive"),
        "the tracer is active"
    );
    let alive: Vec<_> = log
        .lines()
        .filter(|l| l.contains("object-alive, ") && !l.contains("new format string"))
        .collect();
    assert_eq!(alive, [""; 0]);
}
