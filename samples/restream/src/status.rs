// SPDX-License-Identifier: MIT OR Apache-2.0
//! How it goes: what the API, the page and the metrics show. No secrets in here.

use std::collections::BTreeMap;

use serde::Serialize;

/// All of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    pub version: &'static str,
    /// Seconds since the start.
    pub uptime: f64,
    pub model: ModelStatus,
    /// The encoder element that was chosen.
    pub encoder: String,
    /// Where RTSP is served, such as `rtsp://127.0.0.1:8554`.
    pub rtsp: String,
    pub cameras: Vec<CameraStatus>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ModelStatus {
    pub name: String,
    pub path: String,
    pub threshold: f32,
    /// On what it runs, such as `cpu`; empty until it does.
    pub provider: String,
}

/// What a camera is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not yet a frame.
    Connecting,
    Playing,
    /// Lost; the next try is at `retry-in`.
    Lost,
    Paused,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CameraStatus {
    pub name: String,
    pub state: State,
    /// Why it is lost, in words.
    pub error: Option<String>,
    /// Seconds until the next try.
    pub retry_in: Option<f64>,
    /// Times that it was connected.
    pub connections: u64,
    /// Unix seconds of the last frame.
    pub last_frame: Option<f64>,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    /// Frames a second over the last seconds: from the camera, looked at by the model, not looked
    /// at, and encoded for viewers.
    pub fps: Rates,
    /// Milliseconds from a frame's arrival to its last result: median and 99th percentile.
    pub latency: Latency,
    /// Who watches over RTSP, annotated and raw, and on the page.
    pub viewers: u32,
    /// Whether annotated video is drawn and encoded just now.
    pub encoding: bool,
    /// Objects in the newest frame, by label.
    pub objects: BTreeMap<String, u32>,
    /// `rtsp://host:port/NAME`, and the raw one where there is one.
    pub url: String,
    pub raw_url: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rates {
    pub r#in: f64,
    pub inferred: f64,
    pub skipped: f64,
    pub out: f64,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
}
