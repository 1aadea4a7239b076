// SPDX-License-Identifier: MIT OR Apache-2.0

/// Why a picture cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A side is 0 or more than 16384.
    #[error(
        "a picture of {width}x{height} pixels cannot be looked at: each side must be 1..=16384"
    )]
    Size { width: u32, height: u32 },
    /// Samples overlap.
    #[error("samples of {size} bytes from byte {offset} on do not fit in steps of {step} bytes")]
    Samples {
        offset: usize,
        size: usize,
        step: usize,
    },
    /// Rows overlap.
    #[error("the plane has a stride of {found} bytes, but its rows are {needed} bytes long")]
    Stride { needed: usize, found: usize },
    /// The plane ends before its last row does.
    #[error("the plane has {found} bytes, but its rows need {needed}: the buffer is truncated")]
    Data { needed: usize, found: usize },
}
