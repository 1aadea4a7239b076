// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rectangles, intersection over union and detections.
//!
//! Coordinates are pixels as `f32`: x grows to the right, y grows downwards, and a rectangle is
//! its top-left corner with a width and a height, as in `GstVideoRegionOfInterestMeta`.

mod detection;
mod rect;

pub use detection::Detection;
pub use rect::Rect;
