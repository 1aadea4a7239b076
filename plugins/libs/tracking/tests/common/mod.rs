// SPDX-License-Identifier: MIT OR Apache-2.0
#![allow(dead_code, reason = "each test crate uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use lynx_geometry::{Detection, Rect};
use lynx_tracking::{Config, Track, Tracker};
use std::time::Duration;

pub fn tracker() -> Tracker {
    Tracker::new(Config::default()).unwrap()
}

pub fn person(x: f32, y: f32) -> Detection {
    Detection {
        rect: Rect::new(x, y, 40.0, 100.0),
        class: 0,
        score: 0.9,
    }
}

/// Time of a frame at 30 frames a second.
pub fn at(frame: u32) -> Duration {
    Duration::from_secs(1) * frame / 30
}

pub fn ids(tracks: &[Track]) -> Vec<u64> {
    tracks.iter().map(|t| t.id).collect()
}

/// The identity given to each detection of a frame, by the detection's index.
pub fn by_detection(tracks: &[Track]) -> Vec<(Option<usize>, u64)> {
    let mut pairs: Vec<_> = tracks.iter().map(|t| (t.detection, t.id)).collect();
    pairs.sort_unstable();
    pairs
}
