// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the samples of each format lie.

use crate::PixelFormat;

/// Where the samples of one component lie in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Samples {
    pub(crate) plane: usize,
    /// Bytes from the start of a row to its first sample.
    pub(crate) offset: usize,
    /// Bytes from one sample to the next.
    pub(crate) step: usize,
    /// Whether there is one column of samples for two of pixels.
    pub(crate) half_width: bool,
    /// Whether there is one row of samples for two of pixels.
    pub(crate) half_height: bool,
}

impl Samples {
    const fn new(plane: usize, offset: usize, step: usize) -> Self {
        Self {
            plane,
            offset,
            step,
            half_width: false,
            half_height: false,
        }
    }

    /// 4:2:2
    const fn half(self) -> Self {
        Self {
            half_width: true,
            ..self
        }
    }

    /// 4:2:0
    const fn quarter(self) -> Self {
        Self {
            half_width: true,
            half_height: true,
            ..self
        }
    }

    /// Samples in a row of a frame `width` pixels wide.
    pub(crate) const fn columns(&self, width: usize) -> usize {
        if self.half_width {
            width.div_ceil(2)
        } else {
            width
        }
    }

    /// Rows of samples in a frame `height` pixels high.
    pub(crate) const fn rows(&self, height: usize) -> usize {
        if self.half_height {
            height.div_ceil(2)
        } else {
            height
        }
    }
}

/// A format's components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// Y, Cb, Cr.
    Yuv([Samples; 3]),
    /// R, G, B.
    Rgb([Samples; 3]),
    Gray([Samples; 1]),
}

impl Model {
    pub(crate) fn samples(&self) -> &[Samples] {
        match self {
            Self::Yuv(all) | Self::Rgb(all) => all,
            Self::Gray(all) => all,
        }
    }
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// One byte.
    Byte,
    /// Two bytes, of which `bits` bits count; the code is the word divided by `2^shift`.
    Word {
        bits: u32,
        shift: u32,
        big_endian: bool,
    },
}

impl Depth {
    pub(crate) const fn bits(self) -> u32 {
        match self {
            Self::Byte => 8,
            Self::Word { bits, .. } => bits,
        }
    }

    /// Bytes of a sample.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Word { .. } => 2,
        }
    }

    /// The sample that `bytes` begin with.
    #[inline(always)]
    pub(crate) fn sample(self, bytes: &[u8]) -> f32 {
        f32::from(match self {
            Self::Byte => u16::from(bytes[0]),
            Self::Word {
                big_endian: false, ..
            } => u16::from_le_bytes([bytes[0], bytes[1]]),
            Self::Word { .. } => u16::from_be_bytes([bytes[0], bytes[1]]),
        })
    }

    pub(crate) const fn is_big_endian(self) -> bool {
        matches!(
            self,
            Self::Word {
                big_endian: true,
                ..
            }
        )
    }

    /// How many units of the stored word one 8-bit level is.
    pub(crate) fn level(self) -> f64 {
        match self {
            Self::Byte => 1.0,
            Self::Word { bits, shift, .. } => f64::from(1_u32 << (bits - 8 + shift)),
        }
    }
}

impl PixelFormat {
    pub(crate) const fn depth(self) -> Depth {
        match self {
            Self::P010Le => Depth::Word {
                bits: 10,
                shift: 6,
                big_endian: false,
            },
            Self::I420P10Le => Depth::Word {
                bits: 10,
                shift: 0,
                big_endian: false,
            },
            Self::Gray16Le => Depth::Word {
                bits: 16,
                shift: 0,
                big_endian: false,
            },
            Self::Gray16Be => Depth::Word {
                bits: 16,
                shift: 0,
                big_endian: true,
            },
            _ => Depth::Byte,
        }
    }

    pub(crate) const fn model(self) -> Model {
        const fn at(plane: usize, offset: usize, step: usize) -> Samples {
            Samples::new(plane, offset, step)
        }
        const fn packed(r: usize, g: usize, b: usize, step: usize) -> Model {
            Model::Rgb([at(0, r, step), at(0, g, step), at(0, b, step)])
        }
        let y = at(0, 0, 1);
        match self {
            Self::Nv12 => Model::Yuv([y, at(1, 0, 2).quarter(), at(1, 1, 2).quarter()]),
            Self::Nv21 => Model::Yuv([y, at(1, 1, 2).quarter(), at(1, 0, 2).quarter()]),
            Self::Nv16 => Model::Yuv([y, at(1, 0, 2).half(), at(1, 1, 2).half()]),
            Self::I420 => Model::Yuv([y, at(1, 0, 1).quarter(), at(2, 0, 1).quarter()]),
            Self::Yv12 => Model::Yuv([y, at(2, 0, 1).quarter(), at(1, 0, 1).quarter()]),
            Self::Y42b => Model::Yuv([y, at(1, 0, 1).half(), at(2, 0, 1).half()]),
            Self::Y444 => Model::Yuv([y, at(1, 0, 1), at(2, 0, 1)]),
            Self::Yuy2 => Model::Yuv([at(0, 0, 2), at(0, 1, 4).half(), at(0, 3, 4).half()]),
            Self::Uyvy => Model::Yuv([at(0, 1, 2), at(0, 0, 4).half(), at(0, 2, 4).half()]),
            Self::P010Le => Model::Yuv([at(0, 0, 2), at(1, 0, 4).quarter(), at(1, 2, 4).quarter()]),
            Self::I420P10Le => {
                Model::Yuv([at(0, 0, 2), at(1, 0, 2).quarter(), at(2, 0, 2).quarter()])
            }
            Self::Rgb => packed(0, 1, 2, 3),
            Self::Bgr => packed(2, 1, 0, 3),
            Self::Rgbx => packed(0, 1, 2, 4),
            Self::Bgrx => packed(2, 1, 0, 4),
            Self::Xrgb => packed(1, 2, 3, 4),
            Self::Xbgr => packed(3, 2, 1, 4),
            Self::Rgbp => Model::Rgb([at(0, 0, 1), at(1, 0, 1), at(2, 0, 1)]),
            Self::Gbr => Model::Rgb([at(2, 0, 1), at(0, 0, 1), at(1, 0, 1)]),
            Self::Gray8 => Model::Gray([y]),
            Self::Gray16Le | Self::Gray16Be => Model::Gray([at(0, 0, 2)]),
        }
    }
}
