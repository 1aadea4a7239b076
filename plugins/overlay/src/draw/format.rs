// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_tensor::PixelFormat;
pub use lynx_tensor::{Colorimetry, FrameError as Error, Matrix, Range};

/// Memory layouts of the frames that can be drawn on, named as in GStreamer.
///
/// An alpha channel is left as it is, or made opaque under what is drawn: RGBA is `Rgbx`, BGRA is
/// `Bgrx`, ARGB is `Xrgb`, ABGR is `Xbgr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Nv12,
    I420,
    Rgb,
    Bgr,
    Rgbx,
    Bgrx,
    Xrgb,
    Xbgr,
    Yuy2,
    Uyvy,
    /// BGRA whose colours are multiplied by alpha: see [`Sheet`](super::Sheet).
    Premultiplied,
}

/// How many pixels share their chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampling {
    /// None: RGB.
    One,
    /// Two side by side, whose bytes are a sample of the only plane (4:2:2, packed).
    Pair,
    /// 2×2, in planes of their own (4:2:0).
    Quad,
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
            PixelFormat::Xrgb => Self::Xrgb,
            PixelFormat::Xbgr => Self::Xbgr,
            PixelFormat::Yuy2 => Self::Yuy2,
            PixelFormat::Uyvy => Self::Uyvy,
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
            Self::Bgrx | Self::Premultiplied => PixelFormat::Bgrx,
            Self::Xrgb => PixelFormat::Xrgb,
            Self::Xbgr => PixelFormat::Xbgr,
            Self::Yuy2 => PixelFormat::Yuy2,
            Self::Uyvy => PixelFormat::Uyvy,
        }
    }

    pub(super) const fn sampling(self) -> Sampling {
        match self {
            Self::Nv12 | Self::I420 => Sampling::Quad,
            Self::Yuy2 | Self::Uyvy => Sampling::Pair,
            _ => Sampling::One,
        }
    }

    /// Which bytes of a sample are both brightness, where two pixels share one.
    pub(super) const fn twins(self) -> Option<[usize; 2]> {
        match self {
            Self::Yuy2 => Some([0, 2]),
            Self::Uyvy => Some([1, 3]),
            _ => None,
        }
    }

    /// Which byte of a pixel is its alpha, or nothing.
    pub(super) const fn alpha(self) -> Option<usize> {
        match self {
            Self::Rgbx | Self::Bgrx => Some(3),
            Self::Xrgb | Self::Xbgr => Some(0),
            _ => None,
        }
    }
}

/// Bytes from one sample to the next, for each plane. Every plane but the first has one sample
/// for 2×2 pixels; packed 4:2:2 has one for two pixels side by side.
pub(super) const fn steps(format: Format) -> &'static [usize] {
    match format {
        Format::Nv12 => &[1, 2],
        Format::I420 => &[1, 1, 1],
        Format::Rgb | Format::Bgr => &[3],
        _ => &[4],
    }
}
