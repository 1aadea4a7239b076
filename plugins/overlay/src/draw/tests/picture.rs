// SPDX-License-Identifier: MIT OR Apache-2.0

use std::fmt;

use crate::draw::encode::Encoder;
use crate::draw::format::{Sampling, steps};
use crate::draw::span::Span;
use crate::draw::{Canvas, Color, Colorimetry, Format, Matrix, PlaneMut, Range};

/// A frame that owns its planes and can be read back.
#[derive(Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) format: Format,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colorimetry: Colorimetry,
    /// Bytes and stride.
    pub(super) planes: Vec<(Vec<u8>, usize)>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            width,
            height,
            colorimetry,
            planes,
        } = self;
        let strides: Vec<_> = planes.iter().map(|p| p.1).collect();
        write!(f, "{format:?} {width}x{height} {colorimetry:?} {strides:?}")
    }
}

impl Picture {
    /// All bytes 0, with `padding` bytes after each row and after the last one.
    pub(super) fn new(
        format: Format,
        (width, height): (usize, usize),
        colorimetry: Colorimetry,
        padding: usize,
    ) -> Self {
        let plane = |(index, step): (usize, &usize)| {
            let half = |v: usize| if index == 0 { v } else { v.div_ceil(2) };
            let across = match format.sampling() {
                Sampling::Pair => width.div_ceil(2),
                _ => half(width),
            };
            let stride = across * step + padding;
            (vec![0; stride * half(height)], stride)
        };
        Self {
            format,
            width,
            height,
            colorimetry,
            planes: steps(format).iter().enumerate().map(plane).collect(),
        }
    }

    /// A frame of one colour without padding.
    pub(super) fn plain(format: Format, size: (usize, usize), color: Color) -> Self {
        let mut picture = Self::new(format, size, super::BT709, 0);
        picture.paint(|_, _| color);
        picture
    }

    /// Gives every sample the colour of its (top left) pixel.
    pub(super) fn paint(&mut self, color: impl Fn(usize, usize) -> Color) {
        let encoder = Encoder::new(self.format, self.colorimetry);
        for y in 0..self.height {
            for x in 0..self.width {
                let ink = encoder.ink(color(x, y));
                for (index, step) in steps(self.format).iter().enumerate() {
                    let first = match self.format.sampling() {
                        Sampling::Pair => x % 2 == 0,
                        _ => index == 0 || (x % 2 == 0 && y % 2 == 0),
                    };
                    if first {
                        self.sample_mut(index, x, y)
                            .copy_from_slice(&ink[index][..*step]);
                    }
                }
            }
        }
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Canvas<'_>)) {
        let mut planes: Vec<_> = self
            .planes
            .iter_mut()
            .map(|(data, stride)| PlaneMut {
                data,
                stride: *stride,
            })
            .collect();
        let (width, height) = (self.width as u32, self.height as u32);
        let canvas = Canvas::new(self.format, width, height, self.colorimetry, &mut planes);
        draw(&mut canvas.unwrap());
    }

    /// These pixels in samples of a plane.
    pub(super) fn place(&self, plane: usize, span: Span) -> Span {
        let half = span.halved();
        match (self.format.sampling(), plane) {
            (Sampling::Pair, _) => Span {
                x0: half.x0,
                x1: half.x1,
                ..span
            },
            (_, 0) => span,
            _ => half,
        }
    }

    fn offset(&self, plane: usize, x: usize, y: usize) -> usize {
        let half = |v: usize| if plane == 0 { v } else { v / 2 };
        let across = match self.format.sampling() {
            Sampling::Pair => x / 2,
            _ => half(x),
        };
        half(y) * self.planes[plane].1 + across * steps(self.format)[plane]
    }

    fn sample(&self, plane: usize, x: usize, y: usize) -> &[u8] {
        &self.planes[plane].0[self.offset(plane, x, y)..][..steps(self.format)[plane]]
    }

    fn sample_mut(&mut self, plane: usize, x: usize, y: usize) -> &mut [u8] {
        let offset = self.offset(plane, x, y);
        &mut self.planes[plane].0[offset..][..steps(self.format)[plane]]
    }

    /// The samples of a pixel, Y'CbCr or R'G'B'.
    pub(super) fn codes(&self, x: usize, y: usize) -> [u8; 3] {
        let first = self.sample(0, x, y);
        match self.format {
            Format::Nv12 => {
                let chroma = self.sample(1, x, y);
                [first[0], chroma[0], chroma[1]]
            }
            Format::I420 => [first[0], self.sample(1, x, y)[0], self.sample(2, x, y)[0]],
            Format::Rgb | Format::Rgbx => [first[0], first[1], first[2]],
            Format::Bgr | Format::Bgrx | Format::Premultiplied => [first[2], first[1], first[0]],
            Format::Xrgb => [first[1], first[2], first[3]],
            Format::Xbgr => [first[3], first[2], first[1]],
            Format::Yuy2 => [first[x % 2 * 2], first[1], first[3]],
            Format::Uyvy => [first[x % 2 * 2 + 1], first[0], first[2]],
        }
    }

    /// A pixel as R'G'B'; the inverse of BT.709's or BT.601's matrix as their annexes print it.
    pub(super) fn rgb(&self, x: usize, y: usize) -> [f32; 3] {
        let codes = self.codes(x, y).map(f32::from);
        if self.format.sampling() == Sampling::One {
            return codes;
        }
        let [y, u, v] = codes;
        let (y, c) = match self.colorimetry.range {
            Range::Limited => ((y - 16.0) * 255.0 / 219.0, 255.0 / 224.0),
            Range::Full => (y, 1.0),
        };
        let (u, v) = ((u - 128.0) * c, (v - 128.0) * c);
        let rgb = match self.colorimetry.matrix {
            Matrix::Bt601 => [
                y + 1.402 * v,
                y - 0.344136 * u - 0.714136 * v,
                y + 1.772 * u,
            ],
            Matrix::Bt709 => [
                y + 1.5748 * v,
                y - 0.187324 * u - 0.468124 * v,
                y + 1.8556 * u,
            ],
            Matrix::Bt2020 => [
                y + 1.4746 * v,
                y - 0.164553 * u - 0.571353 * v,
                y + 1.8814 * u,
            ],
        };
        rgb.map(|v| v.clamp(0.0, 255.0))
    }
}
