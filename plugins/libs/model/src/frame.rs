// SPDX-License-Identifier: MIT OR Apache-2.0

/// Memory layouts of 8-bit video frames, named as in GStreamer.
///
/// An alpha channel is read as padding: RGBA is `Rgbx`, BGRA is `Bgrx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Plane 0: Y. Plane 1: U and V interleaved, one pair for 2×2 pixels.
    Nv12,
    /// Plane 0: Y. Planes 1 and 2: U and V, one sample for 2×2 pixels.
    I420,
    /// One plane of 3 bytes a pixel.
    Rgb,
    /// One plane of 3 bytes a pixel.
    Bgr,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Rgbx,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Bgrx,
}

impl PixelFormat {
    /// Number of planes.
    pub const fn n_planes(self) -> usize {
        match self {
            Self::Nv12 => 2,
            Self::I420 => 3,
            _ => 1,
        }
    }

    /// Bytes that a row of plane `plane` uses in a frame `width` pixels wide, padding excluded.
    pub const fn row_bytes(self, plane: usize, width: usize) -> usize {
        match (self, plane) {
            (Self::Nv12 | Self::I420, 0) => width,
            (Self::Nv12, _) => width.div_ceil(2) * 2,
            (Self::I420, _) => width.div_ceil(2),
            (Self::Rgb | Self::Bgr, _) => width * 3,
            (Self::Rgbx | Self::Bgrx, _) => width * 4,
        }
    }

    /// Rows that plane `plane` has in a frame `height` pixels high.
    pub const fn rows(self, plane: usize, height: usize) -> usize {
        match (self, plane) {
            (Self::Nv12 | Self::I420, 1..) => height.div_ceil(2),
            _ => height,
        }
    }
}

/// Which Y'CbCr matrix a frame was encoded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Matrix {
    /// ITU-R BT.601, standard definition.
    #[default]
    Bt601,
    /// ITU-R BT.709, high definition.
    Bt709,
    /// ITU-R BT.2020 with non-constant luminance.
    Bt2020,
}

/// Which codes a frame's samples use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Range {
    /// Y' 16..=235, Cb and Cr 16..=240 ("video" or "TV" range).
    #[default]
    Limited,
    /// 0..=255 ("PC" or JPEG range).
    Full,
}

/// How Y'CbCr samples become R'G'B'. RGB frames ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Colorimetry {
    pub matrix: Matrix,
    pub range: Range,
}

/// One plane of a frame: rows of bytes, `stride` apart.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    pub data: &'a [u8],
    /// Bytes from the start of one row to the start of the next.
    pub stride: usize,
}

/// A borrowed video frame. Its format, size and colorimetry are those of the converter that
/// reads it; the planes are `PixelFormat::n_planes` many.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub planes: &'a [Plane<'a>],
}
