// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::Rect;

/// One detected object: where, what and how sure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Where the object is, in pixels of the image the producer says.
    pub rect: Rect,
    /// Index of the class, 0 for the model's first.
    pub class: u32,
    /// Confidence, 0..=1.
    pub score: f32,
}
