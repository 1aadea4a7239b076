// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use crate::FrameError;

/// Why a converter cannot be built, or cannot read a frame or write a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame that is not as its caps say.
    #[error(transparent)]
    Frame(#[from] FrameError),
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
    /// The output slice is not `TensorSpec::bytes` bytes long.
    #[error("the tensor has {found} bytes, but its shape needs {expected}")]
    TensorLen { expected: usize, found: usize },
    /// The output slice does not begin where its elements may.
    #[error("the tensor's memory is not aligned to the {needed} bytes of its elements")]
    Alignment { needed: usize },
    /// A turned crop is nowhere.
    #[error("the transform of a turned crop has a number that is not finite; check its landmarks")]
    Affine,
    /// Nothing of a region lies in the frame.
    #[error(
        "the region {}x{} at {},{} has no pixel of a {width}x{height} frame; it is given as left, \
         top, width and height in pixels",
        region.w, region.h, region.x, region.y
    )]
    Region {
        region: Rect,
        width: u32,
        height: u32,
    },
}
