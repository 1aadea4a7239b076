// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a viewer sees: brightness alone.

use gst_video::prelude::*;
use gst_video::{VideoFrameRef, VideoInfo};

/// A picture of 8 bits a pixel, without padding.
#[derive(Clone, Default)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// As `tests/rtsp/camera.py` burns a time in.
const COLUMNS: usize = 16;
const ROWS: usize = 2;
const SQUARE: usize = 32;

impl Picture {
    /// `None` where the sample is no picture in `GRAY8`.
    pub fn of(sample: &gst::Sample) -> Option<Self> {
        let caps = sample.caps()?;
        if !caps.structure(0)?.has_name("video/x-raw") {
            return None;
        }
        let info = VideoInfo::from_caps(caps).ok()?;
        let frame = VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let stride = frame.plane_stride()[0] as usize;
        let rows = frame.plane_data(0).ok()?.chunks(stride).take(height);
        let pixels = rows.flat_map(|row| &row[..width]).copied().collect();
        Some(Self {
            width,
            height,
            pixels,
        })
    }

    /// Mean brightness, 0 to 255.
    pub fn mean(&self) -> f64 {
        let sum: u64 = self.pixels.iter().map(|pixel| u64::from(*pixel)).sum();
        sum as f64 / self.pixels.len().max(1) as f64
    }

    /// The time burnt in, in milliseconds of CLOCK_MONOTONIC modulo 2^24; `None` where there is
    /// none that can be read.
    pub fn stamp(&self) -> Option<u32> {
        if self.width < COLUMNS * SQUARE || self.height < ROWS * SQUARE {
            return None;
        }
        let bit = |i: usize| {
            let (x, y) = (
                i % COLUMNS * SQUARE + SQUARE / 2,
                i / COLUMNS * SQUARE + SQUARE / 2,
            );
            u32::from(self.pixels[y * self.width + x] > 127)
        };
        let bits = (0..COLUMNS * ROWS).fold(0_u32, |bits, i| bits << 1 | bit(i));
        let (time, check) = (bits >> 8, bits & 0xff);
        (time.wrapping_mul(0x9E37_79B1) >> 24 == check).then_some(time)
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}, mean {:.1}", self.width, self.height, self.mean())
    }
}
