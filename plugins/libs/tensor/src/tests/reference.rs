// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conversion as its definition reads: one pixel at a time, no tables, in `f64`.

use super::Picture;
use crate::fit::{Axis, Fit, Region};
use crate::{ColorFormat, Filter, Matrix, PixelFormat, Range, TensorLayout, TensorSpec};

pub(super) fn convert(picture: &Picture, region: Region, spec: &TensorSpec) -> Vec<f64> {
    let (tw, th, channels) = (spec.width as usize, spec.height as usize, spec.channels());
    let fit = Fit::new(region, picture.source.pixel_aspect, spec);
    let inside = |axis: &Axis, i: usize| {
        (axis.place as usize..(axis.place + axis.len) as usize).contains(&i)
    };
    let mut out = vec![0.0; spec.len()];
    for y in 0..th {
        for x in 0..tw {
            let mut value = if inside(&fit.x, x) && inside(&fit.y, y) {
                rgb(picture, &fit, spec.filter, x as f64, y as f64, spec.color)
            } else {
                [spec.pad_value as f64; 3]
            };
            if spec.color == ColorFormat::Bgr {
                value.reverse();
            }
            for (c, value) in value.into_iter().enumerate().take(channels) {
                let at = match spec.layout {
                    TensorLayout::Nchw => (c * th + y) * tw + x,
                    TensorLayout::Nhwc => (y * tw + x) * channels + c,
                };
                out[at] = (value - spec.mean[c] as f64) / spec.std[c] as f64;
            }
        }
    }
    out
}

/// Where a component is: plane, byte of the first sample, bytes to the next, and how many pixels
/// a sample has in width and height.
type Component = (usize, usize, usize, f64, f64);

fn components(format: PixelFormat) -> [Component; 3] {
    use PixelFormat::*;
    let full = |plane, offset, step| (plane, offset, step, 1.0, 1.0);
    let half = |plane, offset, step| (plane, offset, step, 2.0, 1.0);
    let quarter = |plane, offset, step| (plane, offset, step, 2.0, 2.0);
    match format {
        Nv12 => [full(0, 0, 1), quarter(1, 0, 2), quarter(1, 1, 2)],
        Nv21 => [full(0, 0, 1), quarter(1, 1, 2), quarter(1, 0, 2)],
        Nv16 => [full(0, 0, 1), half(1, 0, 2), half(1, 1, 2)],
        I420 => [full(0, 0, 1), quarter(1, 0, 1), quarter(2, 0, 1)],
        Yv12 => [full(0, 0, 1), quarter(2, 0, 1), quarter(1, 0, 1)],
        Y42b => [full(0, 0, 1), half(1, 0, 1), half(2, 0, 1)],
        Y444 | Rgbp => [full(0, 0, 1), full(1, 0, 1), full(2, 0, 1)],
        Gbr => [full(2, 0, 1), full(0, 0, 1), full(1, 0, 1)],
        Yuy2 => [full(0, 0, 2), half(0, 1, 4), half(0, 3, 4)],
        Uyvy => [full(0, 1, 2), half(0, 0, 4), half(0, 2, 4)],
        P010Le => [full(0, 0, 2), quarter(1, 0, 4), quarter(1, 2, 4)],
        I420P10Le => [full(0, 0, 2), quarter(1, 0, 2), quarter(2, 0, 2)],
        Rgb => [full(0, 0, 3), full(0, 1, 3), full(0, 2, 3)],
        Bgr => [full(0, 2, 3), full(0, 1, 3), full(0, 0, 3)],
        Rgbx => [full(0, 0, 4), full(0, 1, 4), full(0, 2, 4)],
        Bgrx => [full(0, 2, 4), full(0, 1, 4), full(0, 0, 4)],
        Xrgb => [full(0, 1, 4), full(0, 2, 4), full(0, 3, 4)],
        Xbgr => [full(0, 3, 4), full(0, 2, 4), full(0, 1, 4)],
        Gray8 => [full(0, 0, 1); 3],
        Gray16Le | Gray16Be => [full(0, 0, 2); 3],
    }
}

/// R, G and B of a tensor's element, in levels. Grey is the first.
fn rgb(
    picture: &Picture,
    fit: &Fit,
    filter: Filter,
    x: f64,
    y: f64,
    color: ColorFormat,
) -> [f64; 3] {
    use PixelFormat::*;
    let [a, b, c] = components(picture.source.format)
        .map(|component| resized(picture, component, fit, filter, x, y));
    let (bits, shift) = match picture.source.format {
        P010Le => (10, 6),
        I420P10Le => (10, 0),
        Gray16Le | Gray16Be => (16, 0),
        _ => (8, 0),
    };
    let [a, b, c] = [a, b, c].map(|v| v / 2_f64.powi(bits - 8 + shift));
    let most = (2_f64.powi(bits) - 1.0) / 2_f64.powi(bits - 8);
    let (black, steps, chroma) = match picture.source.colorimetry.range {
        Range::Limited => (16.0, 219.0, 224.0),
        Range::Full => (0.0, most, most),
    };
    let level = |v: f64| (v - black) / steps;
    let gray = color == ColorFormat::Gray;
    let rgb = match picture.source.format {
        Gray8 | Gray16Le | Gray16Be => [level(a); 3],
        Rgb | Bgr | Rgbx | Bgrx | Xrgb | Xbgr | Rgbp | Gbr => {
            let [r, g, b] = [a, b, c].map(level);
            if gray {
                [0.299 * r + 0.587 * g + 0.114 * b; 3]
            } else {
                [r, g, b]
            }
        }
        _ if gray => [level(a); 3],
        _ => {
            let (kr, kg, kb) = match picture.source.colorimetry.matrix {
                Matrix::Bt601 => (0.299, 0.587, 0.114),
                Matrix::Bt709 => (0.2126, 0.7152, 0.0722),
                Matrix::Bt2020 => (0.2627, 0.6780, 0.0593),
            };
            let (y, pb, pr) = (level(a), (b - 128.0) / chroma, (c - 128.0) / chroma);
            let r = y + 2.0 * (1.0 - kr) * pr;
            let b = y + 2.0 * (1.0 - kb) * pb;
            [r, (y - kr * r - kb * b) / kg, b]
        }
    };
    rgb.map(|v| (v * 255.0).clamp(0.0, 255.0))
}

/// A component at a tensor's element, in codes.
fn resized(
    picture: &Picture,
    (plane, offset, step, pixels_x, pixels_y): Component,
    fit: &Fit,
    filter: Filter,
    x: f64,
    y: f64,
) -> f64 {
    let site = picture.source.chroma_site;
    let axis = |axis: &Axis, i: f64, pixels: f64, cosited: bool| {
        let element = i - axis.place as f64 + axis.skip as f64 + 0.5;
        let pixel = axis.start as f64 + element * axis.length as f64 / axis.total as f64;
        let shift = if cosited && pixels == 2.0 { 0.25 } else { 0.0 };
        let first = (axis.start as f64 / pixels).floor();
        let last = ((axis.start + axis.length - 1) as f64 / pixels).floor();
        let ratio = axis.length as f64 / axis.total as f64 / pixels;
        weights(pixel / pixels - 0.5 + shift, ratio, first, last, filter)
    };
    let columns = axis(&fit.x, x, pixels_x, site.left);
    let rows = axis(&fit.y, y, pixels_y, site.top);
    let (data, stride) = &picture.planes[plane];
    let mut sum = 0.0;
    for &(row, wy) in &rows {
        for &(column, wx) in &columns {
            let at = row as usize * stride + offset + column as usize * step;
            let code = match picture.source.format {
                PixelFormat::Gray16Be => u16::from_be_bytes([data[at], data[at + 1]]),
                PixelFormat::P010Le | PixelFormat::I420P10Le | PixelFormat::Gray16Le => {
                    u16::from_le_bytes([data[at], data[at + 1]])
                }
                _ => data[at].into(),
            };
            sum += wx * wy * code as f64;
        }
    }
    sum
}

/// The samples that make a position, with their weights.
fn weights(position: f64, ratio: f64, first: f64, last: f64, filter: Filter) -> Vec<(f64, f64)> {
    let edge = |sample: f64| sample.clamp(first, last);
    match filter {
        Filter::Nearest => vec![(edge((position + 0.5).floor()), 1.0)],
        Filter::Bilinear => {
            let left = position.floor();
            let weight = position - left;
            vec![(edge(left), 1.0 - weight), (edge(left + 1.0), weight)]
        }
        Filter::Antialias => {
            let half = ratio.max(1.0);
            let mut all: Vec<_> = (first as i64..=last as i64)
                .map(|k| (k as f64, 1.0 - (k as f64 - position).abs() / half))
                .filter(|(_, weight)| *weight > 0.0)
                .collect();
            if all.is_empty() {
                all.push((edge(position.round()), 1.0));
            }
            let sum: f64 = all.iter().map(|(_, weight)| weight).sum();
            all.iter().map(|(k, weight)| (*k, weight / sum)).collect()
        }
    }
}
