// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether something moves in front of a fixed camera, and where: to look at a picture with a
//! model only when there is something new to see.
//!
//! ```
//! use lynx_motion::{Config, Gate, Luma, Samples};
//! use std::time::Duration;
//!
//! let mut gate = Gate::new(Config::default());
//! let mut look = |number: u32, picture: &[u8]| {
//!     let luma = Luma { data: picture, stride: 64, width: 64, height: 48, samples: Samples::BYTES };
//!     gate.look(&luma, Duration::from_millis(40) * number)
//! };
//! let street = [90; 64 * 48];
//! assert!(look(0, &street)?.open, "the first picture is new");
//! assert!(!look(100, &street)?.open, "four seconds later it is not");
//! # Ok::<(), lynx_motion::Error>(())
//! ```
//!
//! 1. [`Luma`] reduces a picture to at most 160×160 blocks, each the mean of eight samples.
//! 2. [`MotionDetector`] compares them with a slowly adapting background and knows how much each
//!    block changes when nothing moves.
//! 3. [`Gate`] opens after motion of some frames, stays open for some time after the last of it,
//!    and opens for one frame every now and then.
//!
//! Pure arithmetic on slices: time comes from the caller, and nothing is allocated from the second
//! picture of a size on.

mod background;
mod config;
mod detector;
mod error;
mod gate;
mod grid;
mod luma;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use detector::{Motion, MotionDetector};
pub use error::Error;
pub use gate::{Gate, Look};
pub use luma::{Depth, Luma, Samples};
