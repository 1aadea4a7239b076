// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::PixelFormat;

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

impl Matrix {
    /// Shares of red and blue in luma, Kr and Kb: ITU-R BT.601-7 §2.5.1, BT.709-6 §3.2,
    /// BT.2020-2 table 4. Green has the rest.
    pub const fn luma_weights(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
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

impl Range {
    /// The code of black, the steps of Y' from there to white, and the steps that Cb and Cr have
    /// in all. Their zero is 128 in either range (ITU-R BT.601-7 §2.5.3; ITU-T T.871).
    ///
    /// In 8-bit levels, also of samples of more bits: a code of `bits` bits is divided by
    /// `2^(bits - 8)`, so that the greatest is a little above 255.
    pub fn codes(self, bits: u32) -> (f64, f64, f64) {
        let most = f64::from((1_u32 << bits) - 1) / f64::from(1_u32 << (bits - 8));
        match self {
            Self::Limited => (16.0, 219.0, 224.0),
            Self::Full => (0.0, most, most),
        }
    }
}

/// Where chroma samples sit among the luma samples of a subsampled format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChromaSite {
    /// In the column of every second luma sample (MPEG-2, H.264 and H.265 by default), not
    /// between two columns (JPEG, MPEG-1).
    pub left: bool,
    /// In the row of every second luma sample (BT.2020), not between two rows.
    pub top: bool,
}

/// What samples mean. RGB frames have a range, but no matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Colorimetry {
    pub matrix: Matrix,
    pub range: Range,
}

impl Colorimetry {
    /// What a format has if nobody says: BT.601 in limited range, full range if RGB or grey.
    pub fn of(format: PixelFormat) -> Self {
        Self {
            matrix: Matrix::Bt601,
            range: if format.is_yuv() {
                Range::Limited
            } else {
                Range::Full
            },
        }
    }
}

/// One plane of a frame: rows of bytes, `stride` apart.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    pub data: &'a [u8],
    /// Bytes from the start of one row to the start of the next.
    pub stride: usize,
}

/// One plane of a frame that can be written.
#[derive(Debug)]
pub struct PlaneMut<'a> {
    pub data: &'a mut [u8],
    /// Bytes from the start of one row to the start of the next.
    pub stride: usize,
}

/// A borrowed video frame. Its format, size and colorimetry are those of the converter that
/// reads it, and [`PixelFormat::check`](crate::PixelFormat::check) tells whether it is sound.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub planes: &'a [Plane<'a>],
}
