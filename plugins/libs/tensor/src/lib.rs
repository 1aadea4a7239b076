// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a video frame to a model's input tensor in one pass: resize, colour change,
//! normalisation and layout, with no image in between.
//!
//! ```
//! use lynx_tensor::{AlignedBytes, Converter, Frame, PixelFormat, Plane, Source, TensorSpec};
//!
//! let source = Source::new(PixelFormat::Nv12, 64, 48);
//! let spec = TensorSpec::new(32, 32);
//! let mut converter = Converter::new(source, &spec)?;
//! let (luma, chroma) = ([235; 64 * 48], [128; 64 * 24]);
//! let planes = [
//!     Plane { data: &luma, stride: 64 },
//!     Plane { data: &chroma, stride: 64 },
//! ];
//! let mut tensor = AlignedBytes::new(spec.bytes());
//! converter.convert(&Frame { planes: &planes }, &mut tensor)?;
//! let element = |i: usize| f32::from_ne_bytes(tensor[i * 4..][..4].try_into().unwrap());
//! assert_eq!(element(0), 114.0 / 255.0);
//! assert_eq!(element(16 * 32), 1.0);
//! # Ok::<(), lynx_tensor::Error>(())
//! ```
//!
//! The resize is bilinear with half-pixel centres and clamped edges and is not antialiased, as
//! `cv2.resize` with `INTER_LINEAR`, which the models were trained with; see [`Filter`] for
//! others. Each output row is made of two source rows: each is resized horizontally, at the cost
//! of the output's width and not the source's, and kept while neighbouring rows need it; then one
//! loop blends the two, applies a colour matrix that has range, mean and std folded in, clamps to
//! 0..=255 and stores. Within 0.05 level (of 255) of the formula; the same to the bit on every
//! run, and on every processor that has FMA.
//!
//! Where to look: `samples` says where each format's samples lie, `fit` where the image lies in
//! the tensor, `taps` has the tables of one row. A `component` is what is resized together (the Y
//! of a frame; its U and V; its R, G and B), a `stage` makes channels of them, `color` has the
//! numbers, `place` the padding. In `kernels` are the loops: `columns` is the horizontal half, in
//! intrinsics for AVX2 and NEON, `store` the vertical one with the colours, `pack` other types and
//! layouts, `wide` antialiasing.
//!
//! To add a format, say in `samples` where its components lie, and in `tests/reference.rs` once
//! more.

mod affine;
mod color;
mod component;
mod converter;
pub mod dump;
mod error;
mod fit;
mod frame;
mod kernels;
mod memory;
mod pixel_format;
mod place;
mod rows;
mod samples;
mod spec;
mod stage;
mod taps;
#[cfg(test)]
mod tests;
mod transform;
mod word;

pub use affine::Affine;
pub use converter::{Converter, Source};
pub use error::Error;
pub use frame::{ChromaSite, Colorimetry, Frame, Matrix, Plane, PlaneMut, Range};
pub use memory::AlignedBytes;
pub use pixel_format::{FrameError, PixelFormat};
pub use place::Padding;
pub use spec::{ColorFormat, Element, Filter, ResizeMode, TensorLayout, TensorSpec};
pub use transform::Transform;
pub use word::Word;
