// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which parts of a frame nobody may see. Knows no pixels and no GStreamer.
//!
//! [`Guard`] fails closed: what it does not know for certain is covered. Where inference ran, the
//! objects that it found are; where it did not, all places that the last known objects can have
//! got to by now; and once that is too long ago to say anything, the whole frame.
//!
//! How fast an object can get elsewhere:
//!
//! * [`PACE`]: two of its longer sides a second, whatever it did before. For a person of 1.7 m
//!   that is 3.4 m/s: who stands may start to run (jogging is 2 to 3 m/s), who walks may turn (walking is
//!   1.4 m/s: Bohannon, "Comfortable and maximum walking speed", Age and Ageing 1997).
//! * [`AHEAD`] times as fast as its fastest edge moved between the last two runs, in all
//!   directions. An edge moves also when an object comes closer.
//! * [`CROSSING`]: half of the frame's longer side a second for an object that was seen only once,
//!   of which nobody knows how fast it is: something that crosses the frame within two seconds.

mod guard;
mod known;
mod pairing;

#[cfg(test)]
mod tests;

use std::time::Duration;

use lynx_geometry::Rect;

pub use guard::Guard;
pub use known::{AHEAD, CROSSING, PACE, class};

/// What is known of a frame besides its objects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Its timestamp.
    pub time: Duration,
    /// Width and height in pixels.
    pub size: (f32, f32),
    pub look: Look,
    /// Something is missing before it.
    pub discontinuous: bool,
}

impl Frame {
    fn longer(&self) -> f32 {
        self.size.0.max(self.size.1)
    }
}

/// Whether anybody looked at a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// Inference ran on all of it.
    Whole,
    /// Inference ran on this part of it.
    Part(Rect),
    /// Inference was late, skipped or failed, or some of what it found is gone.
    None,
    /// Nobody says. Objects that were detected prove that somebody looked; none prove nothing.
    Unknown,
}

/// An object of a class that is to be covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Object {
    /// Upright, in pixels of the frame.
    pub rect: Rect,
    /// See [`class`].
    pub class: u64,
    /// Who it is, once tracked.
    pub identity: Option<u64>,
    /// It was not detected on this frame: somebody reckons that it is there.
    pub predicted: bool,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Share of an object's width and height that is covered beyond it on each side, 4 pixels at
    /// least.
    pub margin: f32,
    /// After so long without inference the whole frame is covered.
    pub hold: Duration,
    /// For so long an object is covered that inference does not find any more.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            margin: 0.1,
            hold: Duration::from_millis(1000),
            linger: Duration::from_millis(500),
        }
    }
}

/// What is to be covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cover<'a> {
    /// These places, in pixels; they may overlap and reach beyond the frame.
    Regions(&'a [Rect]),
    /// The whole frame.
    Whole,
}
