// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use gst_video::VideoInfo;

/// A frame's duration where the caps name no frame rate: 1/30 s.
const FRAME: Duration = Duration::from_nanos(33_333_333);

/// What time it is in a stream: that of its newest frame. Never the wall clock's.
#[derive(Debug, Clone, Copy, Default)]
pub struct FrameClock {
    newest: Duration,
}

impl FrameClock {
    /// The frame's time: its timestamp or, without one, a frame's duration after the one before.
    pub fn time(&mut self, buffer: &gst::BufferRef, info: Option<&VideoInfo>) -> Duration {
        self.newest = match buffer.pts() {
            Some(pts) => pts.into(),
            None => self.newest.saturating_add(duration(info)),
        };
        self.newest
    }
}

fn duration(info: Option<&VideoInfo>) -> Duration {
    let rate = info.map(|info| (info.fps().numer(), info.fps().denom()));
    match rate {
        Some((frames, seconds)) if frames > 0 && seconds > 0 => {
            Duration::from_secs_f64(f64::from(seconds) / f64::from(frames))
        }
        _ => FRAME,
    }
}
