// SPDX-License-Identifier: MIT OR Apache-2.0

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
    /// The output slice is not `TensorSpec::len` elements long.
    #[error("the tensor has {found} elements, but its shape needs {expected}")]
    TensorLen { expected: usize, found: usize },
}
