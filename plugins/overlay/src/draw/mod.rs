// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boxes, filled areas and labels drawn straight into a mapped video frame.
//!
//! Nothing is converted: a colour is put into the frame's own samples once per drawing call, and
//! only the bytes under a shape are written. Nothing is allocated either. What lies outside the
//! frame is clipped, and a rectangle with a NaN, an infinity or no area draws nothing.
//!
//! ```
//! use lynx_geometry::Rect;
//! use lynx_overlay::draw::{
//!     Canvas, Colorimetry, Format, Labels, PlaneMut, TextSize, color_for, thickness_for,
//! };
//!
//! let (width, height) = (1280, 720);
//! let (mut y, mut uv) = (vec![16; 1280 * 720], vec![128; 1280 * 360]);
//! let mut planes = [
//!     PlaneMut { data: &mut y, stride: 1280 },
//!     PlaneMut { data: &mut uv, stride: 1280 },
//! ];
//! let colorimetry = Colorimetry::default();
//! let mut canvas = Canvas::new(Format::Nv12, width, height, colorimetry, &mut planes)?;
//!
//! let person = Rect::new(300.0, 200.0, 120.0, 300.0);
//! let color = color_for(7);
//! canvas.rectangle(&person, thickness_for(height), color);
//! canvas.label(&person, "person 0.93 #7", TextSize::for_height(height), color, &mut Labels::default());
//! # Ok::<(), lynx_overlay::draw::Error>(())
//! ```

mod canvas;
mod color;
mod dash;
mod encode;
mod font;
mod format;
mod hide;
mod label;
mod layer;
mod mask;
mod mosaic;
mod palette;
mod shapes;
mod sheet;
mod span;
mod text;
mod turned;

#[cfg(test)]
mod tests;

pub use canvas::{Canvas, thickness_for};
pub use color::Color;
pub use font::FontFile;
pub use format::{Colorimetry, Error, Format, Matrix, Range};
pub use hide::{Averages, Hiding, LEAST_CELL, MOST_CELLS};
pub use label::Labels;
pub use lynx_tensor::PlaneMut;
pub use mask::Mask;
pub use palette::color_for;
pub use shapes::MOST_CORNERS;
pub use sheet::{Patch, Sheet};
pub use text::{Face, Glyph, TextSize};
