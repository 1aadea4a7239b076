// SPDX-License-Identifier: MIT OR Apache-2.0
//! From resized planes to a tensor as one would write it by hand: a loop over rows in `f32` that
//! the compiler makes vector code of, for AVX2 where the processor has it.

use half::f16;
use half::slice::HalfFloatSliceExt;
use lynx_tensor::{ColorFormat, Converter, Element, PixelFormat, Source, TensorLayout, TensorSpec};

use crate::Case;

/// Where the image lies in the tensor, in elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    x: usize,
    y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Place {
    /// As Lynx has it. Regions are only stretched.
    pub(crate) fn new(case: &Case) -> Self {
        let source = Source::new(case.format, case.width, case.height);
        let converter = Converter::new(source, &case.spec).expect("a case that works");
        let transform = converter.transform();
        let side = |scale: f32, side: u32| (scale * side as f32).round() as usize;
        Self {
            x: transform.offset_x as usize,
            y: transform.offset_y as usize,
            width: side(transform.scale_x, case.width),
            height: side(transform.scale_y, case.height),
        }
    }
}

/// `v * scale + bias` of a channel.
type Norm = [f32; 2];

/// So many pixels at once: arrays, of which the compiler knows that they do not overlap.
const BLOCK: usize = 16;

type Block = [f32; BLOCK];

#[inline(always)]
fn plane(data: &[u8], first: usize) -> Block {
    let bytes: [u8; BLOCK] = std::array::from_fn(|i| data[first..first + BLOCK][i]);
    bytes.map(f32::from)
}

/// The channels of pixels of `N` bytes.
#[inline(always)]
fn interleaved<const N: usize>(data: &[u8], first: usize) -> [Block; N] {
    let pixels = &data[N * first..N * (first + BLOCK)].as_chunks::<N>().0;
    std::array::from_fn(|channel| std::array::from_fn(|i| f32::from(pixels[i][channel])))
}

/// ITU-R BT.601 in limited range.
#[inline(always)]
fn bt601(y: Block, u: Block, v: Block) -> [Block; 3] {
    let y = y.map(|y| 1.164_383_6 * (y - 16.0));
    let (u, v) = (u.map(|u| u - 128.0), v.map(|v| v - 128.0));
    [
        std::array::from_fn(|i| y[i] + 1.596_026_8 * v[i]),
        std::array::from_fn(|i| y[i] - 0.391_762_3 * u[i] - 0.812_967_6 * v[i]),
        std::array::from_fn(|i| y[i] + 2.017_232_1 * u[i]),
    ]
}

/// The loop with what it needs.
pub(crate) struct OwnConvert {
    format: PixelFormat,
    spec: TensorSpec,
    place: Place,
    /// In the tensor's channel order.
    norms: [Norm; 3],
    /// A row of each channel, and the same interleaved.
    room: Vec<f32>,
}

impl OwnConvert {
    /// For resized images of `format`.
    pub(crate) fn new(case: &Case, format: PixelFormat, place: Place) -> Self {
        assert_eq!(place.width % BLOCK, 0, "no case has another width");
        let norm = |i| {
            let (mean, std): (f32, f32) = (case.spec.mean[i], case.spec.std[i]);
            [1.0 / std, -mean / std]
        };
        Self {
            format,
            spec: case.spec.clone(),
            place,
            norms: std::array::from_fn(norm),
            room: vec![0.0; 6 * place.width],
        }
    }

    /// Writes a whole tensor.
    pub(crate) fn run(&mut self, planes: [&[u8]; 3], tensor: &mut [u8]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has both.
            return unsafe { self.rows_avx2(planes, tensor) };
        }
        self.rows(planes, tensor);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn rows_avx2(&mut self, planes: [&[u8]; 3], tensor: &mut [u8]) {
        self.rows(planes, tensor);
    }

    #[inline(always)]
    fn rows(&mut self, planes: [&[u8]; 3], tensor: &mut [u8]) {
        let Place { width, height, .. } = self.place;
        let mut room = std::mem::take(&mut self.room);
        for y in 0..height {
            let (parts, pixels) = room.split_at_mut(3 * width);
            let (a, rest) = parts.split_at_mut(width);
            let (b, c) = rest.split_at_mut(width);
            self.row(planes, y, [a, b, c]);
            self.store(y, [a, b, c], pixels, tensor);
        }
        self.room = room;
        self.pad(tensor);
    }

    /// One row of the image, in the tensor's channel order.
    #[inline(always)]
    fn row(&self, planes: [&[u8]; 3], y: usize, out: [&mut [f32]; 3]) {
        let mut out = out.map(|channel| channel.as_chunks_mut::<BLOCK>().0);
        for block in 0..self.place.width / BLOCK {
            let first = y * self.place.width + block * BLOCK;
            let mut rgb = self.rgb(planes, first);
            if self.spec.color == ColorFormat::Bgr {
                rgb.swap(0, 2);
            }
            for ((out, values), [scale, bias]) in out.iter_mut().zip(rgb).zip(self.norms) {
                out[block] = values.map(|v| v.clamp(0.0, 255.0) * scale + bias);
            }
        }
    }

    /// Red, green and blue of the pixels from `first` on.
    #[inline(always)]
    fn rgb(&self, planes: [&[u8]; 3], first: usize) -> [Block; 3] {
        match self.format {
            PixelFormat::Nv12 => {
                let [u, v] = interleaved(planes[1], first);
                bt601(plane(planes[0], first), u, v)
            }
            PixelFormat::I420 => {
                let [y, u, v] = planes.map(|data| plane(data, first));
                bt601(y, u, v)
            }
            PixelFormat::Rgb => interleaved(planes[0], first),
            _ => {
                let [r, g, b, _] = interleaved(planes[0], first);
                [r, g, b]
            }
        }
    }

    /// A row into the tensor.
    #[inline(always)]
    fn store(&self, y: usize, made: [&[f32]; 3], pixels: &mut [f32], tensor: &mut [u8]) {
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let first = (y + self.place.y) * width + self.place.x;
        match self.spec.layout {
            TensorLayout::Nchw => {
                for (channel, made) in made.into_iter().enumerate() {
                    self.pack(channel * width * height + first, made, tensor);
                }
            }
            TensorLayout::Nhwc => {
                let made = made[0].iter().zip(made[1]).zip(made[2]);
                for (pixel, ((&a, &b), &c)) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(made) {
                    *pixel = [a, b, c];
                }
                self.pack(3 * first, pixels, tensor);
            }
        }
    }

    /// Values as the tensor's elements, from `first` on.
    #[inline(always)]
    fn pack(&self, first: usize, values: &[f32], tensor: &mut [u8]) {
        let size = self.spec.element.size();
        let out = &mut tensor[first * size..][..values.len() * size];
        match self.spec.element {
            Element::F32 => out.copy_from_slice(bytemuck::cast_slice(values)),
            Element::F16 => {
                bytemuck::cast_slice_mut::<u8, f16>(out).convert_from_f32_slice(values);
            }
            Element::U8 => {
                for (out, value) in out.iter_mut().zip(values) {
                    *out = (value + 0.5) as u8;
                }
            }
            Element::I8 => unimplemented!("no case has it"),
        }
    }

    /// What surrounds the image: whole rows above and below, as all cases have it or none.
    fn pad(&self, tensor: &mut [u8]) {
        let spec = &self.spec;
        let (width, height) = (spec.width as usize, spec.height as usize);
        assert_eq!(self.place.width, width, "no case has columns to pad");
        let values: [f32; 3] = std::array::from_fn(|i| {
            let [scale, bias] = self.norms[i];
            f32::from(spec.pad_value) * scale + bias
        });
        let size = spec.element.size();
        for rows in [0..self.place.y, self.place.y + self.place.height..height] {
            let (first, last) = (rows.start * width, rows.end * width);
            match spec.layout {
                TensorLayout::Nchw => {
                    for (channel, value) in values.into_iter().enumerate() {
                        let plane = channel * width * height;
                        let range = (plane + first) * size..(plane + last) * size;
                        fill(spec.element, &mut tensor[range], [value]);
                    }
                }
                TensorLayout::Nhwc => {
                    let range = 3 * first * size..3 * last * size;
                    fill(spec.element, &mut tensor[range], values);
                }
            }
        }
    }
}

/// Fills elements with a plane's value, or with the channels' values in turn.
fn fill<const N: usize>(element: Element, out: &mut [u8], values: [f32; N]) {
    match element {
        Element::F32 => pixels(bytemuck::cast_slice_mut(out)).fill(values),
        Element::F16 => pixels(bytemuck::cast_slice_mut(out)).fill(values.map(f16::from_f32)),
        Element::U8 => pixels(out).fill(values.map(|v| v as u8)),
        Element::I8 => unimplemented!("no case has it"),
    }
}

fn pixels<T, const N: usize>(elements: &mut [T]) -> &mut [[T; N]] {
    elements.as_chunks_mut().0
}
