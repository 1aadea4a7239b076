// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_tensor::PixelFormat;
pub use lynx_tensor::{Colorimetry, FrameError as Error, Matrix, Range};

/// Memory layouts of the frames that can be drawn on, named as in GStreamer.
///
/// An alpha channel is left as it is: RGBA is `Rgbx`, BGRA is `Bgrx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Nv12,
    I420,
    Rgb,
    Bgr,
    Rgbx,
    Bgrx,
}

impl Format {
    /// The format of that layout; `None` for one that cannot be drawn on.
    pub fn of(format: PixelFormat) -> Option<Self> {
        Some(match format {
            PixelFormat::Nv12 => Self::Nv12,
            PixelFormat::I420 => Self::I420,
            PixelFormat::Rgb => Self::Rgb,
            PixelFormat::Bgr => Self::Bgr,
            PixelFormat::Rgbx => Self::Rgbx,
            PixelFormat::Bgrx => Self::Bgrx,
            _ => return None,
        })
    }

    /// Where its samples lie.
    pub fn layout(self) -> PixelFormat {
        match self {
            Self::Nv12 => PixelFormat::Nv12,
            Self::I420 => PixelFormat::I420,
            Self::Rgb => PixelFormat::Rgb,
            Self::Bgr => PixelFormat::Bgr,
            Self::Rgbx => PixelFormat::Rgbx,
            Self::Bgrx => PixelFormat::Bgrx,
        }
    }
}

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
