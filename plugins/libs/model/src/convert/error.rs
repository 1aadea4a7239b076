// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::PixelFormat;

/// Why a converter cannot be built, or cannot read a frame or write a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame side is 0 or more than 16384.
    #[error("a frame of {width}x{height} pixels cannot be converted: each side must be 1..=16384")]
    FrameSize { width: u32, height: u32 },
    /// A tensor side is 0 or more than 16384.
    #[error(
        "a tensor of {width}x{height} elements cannot be filled: each side must be 1..=16384; \
         check the model's input size"
    )]
    TensorSize { width: u32, height: u32 },
    /// `(v - mean) / std` is not a finite number for every `v` in 0..=255.
    #[error(
        "channel {channel} cannot be normalised with mean {mean} and std {std}: both must be \
         finite and std must not be 0"
    )]
    Normalization { channel: usize, mean: f32, std: f32 },
    /// The frame has another number of planes than its format.
    #[error("a {format:?} frame has {expected} planes, but {found} were given")]
    PlaneCount {
        format: PixelFormat,
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
    /// The output slice is not `TensorSpec::len` elements long.
    #[error("the tensor has {found} elements, but its shape needs {expected}")]
    TensorLen { expected: usize, found: usize },
}
