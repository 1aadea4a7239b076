// SPDX-License-Identifier: MIT OR Apache-2.0

use super::Format;

/// Why a frame cannot be drawn on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame side is 0 or more than 16384.
    #[error("a frame of {width}x{height} pixels cannot be drawn on: each side must be 1..=16384")]
    FrameSize { width: u32, height: u32 },
    /// The frame has another number of planes than its format.
    #[error("a {format:?} frame has {expected} planes, but {found} were given")]
    PlaneCount {
        format: Format,
        expected: usize,
        found: usize,
    },
    /// Rows of a plane would overlap.
    #[error("plane {plane} has a stride of {found} bytes, but its rows are {needed} bytes long")]
    Stride {
        plane: usize,
        needed: usize,
        found: usize,
    },
    /// A plane ends before its last row does.
    #[error("plane {plane} has {found} bytes, but its rows need {needed}: the buffer is truncated")]
    PlaneData {
        plane: usize,
        needed: usize,
        found: usize,
    },
}
