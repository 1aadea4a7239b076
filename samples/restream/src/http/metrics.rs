// SPDX-License-Identifier: MIT OR Apache-2.0
//! For Prometheus: text exposition format 0.0.4.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;
use crate::status::{CameraStatus, State as CameraState, Status};

pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, text(&app.status()))
}

type Value = fn(&CameraStatus) -> f64;

/// Name, what it is, and where it comes from.
const GAUGES: [(&str, &str, Value); 10] = [
    ("up", "Whether the camera plays.", |c| {
        f64::from(c.state == CameraState::Playing)
    }),
    ("frames_in_per_second", "Frames from the camera.", |c| {
        c.fps.r#in
    }),
    (
        "frames_inferred_per_second",
        "Frames that the model looked at.",
        |c| c.fps.inferred,
    ),
    (
        "frames_skipped_per_second",
        "Frames that it did not.",
        |c| c.fps.skipped,
    ),
    (
        "frames_out_per_second",
        "Frames encoded for viewers.",
        |c| c.fps.out,
    ),
    (
        "latency_p50_seconds",
        "From a frame's entry to its last result, median.",
        |c| c.latency.p50 / 1e3,
    ),
    ("latency_p99_seconds", "The same, 99th percentile.", |c| {
        c.latency.p99 / 1e3
    }),
    ("viewers", "Who watches.", |c| f64::from(c.viewers)),
    ("encoding", "Whether frames are drawn and encoded.", |c| {
        f64::from(c.encoding)
    }),
    ("connected", "Times that the camera was connected.", |c| {
        c.connections as f64
    }),
];

fn text(status: &Status) -> String {
    let mut out = String::new();
    // Writing to a `String` does not fail.
    for (name, help, value) in GAUGES {
        let _ = writeln!(
            out,
            "# HELP lynx_camera_{name} {help}\n# TYPE lynx_camera_{name} gauge"
        );
        for camera in &status.cameras {
            let _ = writeln!(
                out,
                "lynx_camera_{name}{{camera=\"{}\"}} {}",
                camera.name,
                value(camera)
            );
        }
    }
    let name = "lynx_camera_objects";
    let _ = writeln!(
        out,
        "# HELP {name} Objects in the newest frame.\n# TYPE {name} gauge"
    );
    for camera in &status.cameras {
        for (label, count) in &camera.objects {
            let label = label
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = writeln!(
                out,
                "{name}{{camera=\"{}\",label=\"{label}\"}} {count}",
                camera.name
            );
        }
    }
    let _ = writeln!(
        out,
        "# HELP lynx_uptime_seconds Since the start.\n# TYPE lynx_uptime_seconds gauge"
    );
    let _ = writeln!(out, "lynx_uptime_seconds {}", status.uptime);
    out
}
