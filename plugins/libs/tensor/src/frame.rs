// SPDX-License-Identifier: MIT OR Apache-2.0

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
    pub const fn codes(self) -> (f64, f64, f64) {
        match self {
            Self::Limited => (16.0, 219.0, 224.0),
            Self::Full => (0.0, 255.0, 255.0),
        }
    }
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
/// reads it, and [`PixelFormat::check`](crate::PixelFormat::check) tells whether it is sound.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub planes: &'a [Plane<'a>],
}
