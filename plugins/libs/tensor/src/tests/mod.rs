// SPDX-License-Identifier: MIT OR Apache-2.0

mod exact;
mod fits;
mod random;
mod reference;
mod refused;
mod turned;

use half::f16;

use crate::{AlignedBytes, Converter, Element, Frame, PixelFormat, Plane, Source, TensorSpec};

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
            source: Source::new(format, width, height),
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

    /// The tensor, made by `converter` in memory that held other bytes.
    fn convert_with(&self, converter: &mut Converter) -> Vec<f32> {
        let mut out = AlignedBytes::new(converter.spec().bytes());
        out.fill(0xff);
        self.with(|frame| converter.convert(frame, &mut out))
            .unwrap();
        elements(converter.spec().element, &out)
    }

    fn convert(&self, spec: &TensorSpec) -> Vec<f32> {
        self.convert_with(&mut Converter::new(self.source, spec).unwrap())
    }
}

/// A tensor's elements as numbers.
fn elements(element: Element, bytes: &[u8]) -> Vec<f32> {
    match element {
        Element::F32 => bytemuck::cast_slice(bytes).to_vec(),
        Element::F16 => bytemuck::cast_slice::<u8, u16>(bytes)
            .iter()
            .map(|&bits| f16::from_bits(bits).to_f32())
            .collect(),
        Element::U8 => bytes.iter().map(|&v| v.into()).collect(),
        Element::I8 => bytes.iter().map(|&v| (v as i8).into()).collect(),
    }
}
