// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a video frame to a model's input tensor in one pass: resize, colour change,
//! normalisation and layout, with no image in between.
//!
//! ```
//! use lynx_tensor::{
//!     Colorimetry, Converter, Frame, PixelFormat, Plane, Source, TensorSpec,
//! };
//!
//! let source = Source {
//!     format: PixelFormat::Nv12,
//!     width: 64,
//!     height: 48,
//!     colorimetry: Colorimetry::default(),
//! };
//! let spec = TensorSpec::new(32, 32);
//! let mut converter = Converter::new(source, &spec)?;
//! let (luma, chroma) = ([235; 64 * 48], [128; 64 * 24]);
//! let planes = [
//!     Plane { data: &luma, stride: 64 },
//!     Plane { data: &chroma, stride: 64 },
//! ];
//! let mut tensor = vec![0.0; spec.len()];
//! converter.convert(&Frame { planes: &planes }, &mut tensor)?;
//! assert_eq!(tensor[0], 114.0 / 255.0);
//! assert_eq!(tensor[16 * 32], 1.0);
//! # Ok::<(), lynx_tensor::Error>(())
//! ```
//!
//! The resize is bilinear with half-pixel centres and clamped edges and is not antialiased, as
//! `cv2.resize` with `INTER_LINEAR`, which the models were trained with. Each output row is made
//! of two source rows: each is resized horizontally, at the cost of the output's width and not
//! the source's, and kept while neighbouring rows need it; then one loop blends the two, applies
//! a colour matrix that has range, mean and std folded in, clamps to 0..=255 and stores. The
//! arithmetic is `f32`: within 0.01 level (of 255) of the formula, and the same to the bit on
//! every run and every processor.
//!
//! Where to look: `taps` has the tables, `columns` the horizontal half, `rows` the vertical one,
//! `color` the matrices, `store` the last loop, `place` the padding, `cpu` the choice of AVX2.
//! A kernel in intrinsics takes the place of one method of `columns` or one function of `store`.
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
pub use frame::{ChromaSite, Colorimetry, Frame, Matrix, Plane, Range};
pub use memory::AlignedBytes;
pub use pixel_format::{FrameError, PixelFormat};
pub use place::Padding;
pub use spec::{ColorFormat, Element, Filter, ResizeMode, TensorLayout, TensorSpec};
pub use transform::Transform;
pub use word::Word;
