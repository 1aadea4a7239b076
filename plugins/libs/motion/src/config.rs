// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

/// When a [`Gate`](crate::Gate) opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// How far a block's mean must be from the background to have moved, in levels of 0..=255.
    /// Higher misses what hardly differs from what is behind it, lower opens for compression and
    /// shadows. A block that always changes needs more, see [`MotionDetector`](crate::MotionDetector).
    pub threshold: u8,
    /// Share of the picture that must move, 0..=1; higher misses what is small or far away. Never
    /// fewer than two blocks that touch.
    pub min_area: f32,
    /// Frames in a row that must show motion before the gate opens; higher opens later, lower
    /// opens for a flash. 0 is taken for 1.
    pub min_frames: u32,
    /// How long the gate stays open after the last motion; longer costs power, shorter closes
    /// while somebody pauses.
    pub hold: Duration,
    /// A closed gate opens for one frame this long after it was open last, so that what stopped
    /// or came unnoticed is seen; zero: never.
    pub refresh: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            threshold: 12,
            min_area: 0.0002,
            min_frames: 2,
            hold: Duration::from_secs(1),
            refresh: Duration::from_secs(5),
        }
    }
}
