// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_motion::Config;

/// What the user asked for, as properties hold it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Levels of 0..=255.
    pub threshold: u32,
    /// Share of the frame, 0..=1.
    pub min_area: f32,
    pub min_frames: u32,
    /// Milliseconds.
    pub hold: u32,
    /// Milliseconds; 0 = never.
    pub refresh_interval: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let config = Config::default();
        Self {
            threshold: config.threshold.into(),
            min_area: config.min_area,
            min_frames: config.min_frames,
            hold: config.hold.as_millis() as u32,
            refresh_interval: config.refresh.as_millis() as u32,
        }
    }
}

impl Settings {
    pub fn config(&self) -> Config {
        let milliseconds = |value: u32| Duration::from_millis(value.into());
        Config {
            threshold: u8::try_from(self.threshold).unwrap_or(u8::MAX),
            min_area: self.min_area,
            min_frames: self.min_frames,
            hold: milliseconds(self.hold),
            refresh: milliseconds(self.refresh_interval),
        }
    }
}
