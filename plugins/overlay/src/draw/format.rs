// SPDX-License-Identifier: MIT OR Apache-2.0

pub use lynx_tensor::{Colorimetry, FrameError as Error, Matrix, PixelFormat as Format, Range};

/// Bytes from one sample to the next, for each plane. Every plane but the first has one sample
/// for 2×2 pixels.
pub(super) const fn steps(format: Format) -> &'static [usize] {
    match format {
        Format::Nv12 => &[1, 2],
        Format::I420 => &[1, 1, 1],
        Format::Rgb | Format::Bgr => &[3],
        Format::Rgbx | Format::Bgrx => &[4],
    }
}
