// SPDX-License-Identifier: MIT OR Apache-2.0
//! How it goes, from what runs.

use super::entry::Entry;
use super::{Inner, lock};
use crate::clock;
use crate::status::{CameraStatus, ModelStatus, Status};

pub fn status(inner: &Inner) -> Status {
    let model = lock(&inner.config).model.clone();
    let provider = lock(&inner.loaded).as_ref().map(|loaded| loaded.provider());
    let cameras = lock(&inner.cameras).clone();
    let name = model.path.file_stem().unwrap_or_default();
    Status {
        version: env!("CARGO_PKG_VERSION"),
        uptime: inner.started.elapsed().as_secs_f64(),
        model: ModelStatus {
            name: name.display().to_string(),
            path: model.path.display().to_string(),
            threshold: model.threshold,
            provider: provider.unwrap_or_default(),
        },
        encoder: inner.encoder.clone(),
        rtsp: inner.server.address().into(),
        cameras: cameras.iter().map(|entry| camera(inner, entry)).collect(),
    }
}

pub fn camera(inner: &Inner, entry: &Entry) -> CameraStatus {
    let current = entry.camera.current();
    let raw = format!("{}/raw", entry.name);
    let server = &inner.server;
    let viewers =
        server.viewers(&entry.name) + server.viewers(&raw) + entry.camera.snapshots.count();
    let url = |path: &str| format!("{}/{path}", server.address());
    CameraStatus {
        name: entry.name.clone(),
        state: current.state,
        error: current.error,
        retry_in: current.retry_in.map(|wait| wait.as_secs_f64()),
        connections: current.connections,
        last_frame: current.newest.at.map(clock::unix),
        width: current.newest.width,
        height: current.newest.height,
        fps: current.rates,
        latency: current.latency,
        viewers: u32::try_from(viewers).unwrap_or(u32::MAX),
        encoding: entry.camera.stream.is_encoding(),
        objects: current.newest.objects,
        url: url(&entry.name),
        raw_url: lock(&entry.raw).codec.map(|_| url(&raw)),
    }
}
