// SPDX-License-Identifier: MIT OR Apache-2.0

mod exact;
mod random;
mod reference;
mod refused;

use super::{Converter, Source};
use crate::{Colorimetry, Frame, PixelFormat, Plane, TensorSpec};

const FORMATS: [PixelFormat; 6] = [
    PixelFormat::Nv12,
    PixelFormat::I420,
    PixelFormat::Rgb,
    PixelFormat::Bgr,
    PixelFormat::Rgbx,
    PixelFormat::Bgrx,
];

/// A frame that owns its planes: (data, stride) each.
#[derive(Debug, Clone)]
struct Picture {
    source: Source,
    planes: Vec<(Vec<u8>, usize)>,
}

impl Picture {
    /// `byte(plane, y, offset in the row)` gives every byte; rows are `pad` bytes apart, filled
    /// with a value that would show, and the last has none after it.
    fn new(
        format: PixelFormat,
        (width, height): (u32, u32),
        pad: usize,
        mut byte: impl FnMut(usize, usize, usize) -> u8,
    ) -> Self {
        let planes = (0..format.n_planes())
            .map(|plane| {
                let row_bytes = format.row_bytes(plane, width as usize);
                let rows = format.rows(plane, height as usize);
                let stride = row_bytes + pad;
                let mut data = vec![0xee; stride * (rows - 1) + row_bytes];
                for y in 0..rows {
                    for x in 0..row_bytes {
                        data[y * stride + x] = byte(plane, y, x);
                    }
                }
                (data, stride)
            })
            .collect();
        Self {
            source: Source {
                format,
                width,
                height,
                colorimetry: Colorimetry::default(),
            },
            planes,
        }
    }

    fn with<R>(&self, f: impl FnOnce(&Frame<'_>) -> R) -> R {
        let planes: Vec<_> = (self.planes.iter())
            .map(|(data, stride)| Plane {
                data,
                stride: *stride,
            })
            .collect();
        f(&Frame { planes: &planes })
    }

    /// The tensor, made by `converter` in a slice that held NaN.
    fn convert_with(&self, converter: &mut Converter) -> Vec<f32> {
        let mut out = vec![f32::NAN; converter.spec().len()];
        self.with(|frame| converter.convert(frame, &mut out))
            .unwrap();
        out
    }

    fn convert(&self, spec: &TensorSpec) -> Vec<f32> {
        self.convert_with(&mut Converter::new(self.source, spec).unwrap())
    }
}
