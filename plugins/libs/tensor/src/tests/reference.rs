// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conversion as its definition reads: one pixel at a time, no tables, in `f64`.

use super::Picture;
use crate::{
    ColorFormat, Matrix, PixelFormat, Range, ResizeMode, TensorLayout, TensorSpec, Transform,
};

pub(crate) fn convert(picture: &Picture, spec: &TensorSpec) -> Vec<f32> {
    let (tw, th) = (spec.width as usize, spec.height as usize);
    let (w, h) = (picture.source.width, picture.source.height);
    let (transform, (iw, ih)) = Transform::fit(w, h, spec);
    if spec.resize == ResizeMode::Stretch {
        assert_eq!((iw, ih), (spec.width, spec.height));
    }
    let (ox, oy) = (transform.offset_x as f64, transform.offset_y as f64);
    let mut out = vec![0.0; spec.len()];
    for y in 0..th {
        for x in 0..tw {
            let (ix, iy) = (x as f64 - ox, y as f64 - oy);
            let inside = ix >= 0.0 && iy >= 0.0 && ix < iw as f64 && iy < ih as f64;
            let mut value = if inside {
                rgb(
                    picture,
                    (ix + 0.5) * w as f64 / iw as f64,
                    (iy + 0.5) * h as f64 / ih as f64,
                )
            } else {
                [spec.pad_value as f64; 3]
            };
            if spec.color == ColorFormat::Bgr {
                value.reverse();
            }
            for (c, value) in value.into_iter().enumerate() {
                let at = match spec.layout {
                    TensorLayout::Nchw => (c * th + y) * tw + x,
                    TensorLayout::Nhwc => (y * tw + x) * 3 + c,
                };
                out[at] = ((value - spec.mean[c] as f64) / spec.std[c] as f64) as f32;
            }
        }
    }
    out
}

/// R, G and B at a point of the frame, in pixels from its top left corner.
fn rgb(picture: &Picture, x: f64, y: f64) -> [f64; 3] {
    let byte = |plane, step, offset, x, y| bilinear(picture, plane, step, offset, x, y);
    match picture.source.format {
        PixelFormat::Rgb => [0, 1, 2].map(|c| byte(0, 3, c, x, y)),
        PixelFormat::Bgr => [2, 1, 0].map(|c| byte(0, 3, c, x, y)),
        PixelFormat::Rgbx => [0, 1, 2].map(|c| byte(0, 4, c, x, y)),
        PixelFormat::Bgrx => [2, 1, 0].map(|c| byte(0, 4, c, x, y)),
        PixelFormat::Nv12 => yuv_to_rgb(
            picture,
            byte(0, 1, 0, x, y),
            byte(1, 2, 0, x / 2.0, y / 2.0),
            byte(1, 2, 1, x / 2.0, y / 2.0),
        ),
        PixelFormat::I420 => yuv_to_rgb(
            picture,
            byte(0, 1, 0, x, y),
            byte(1, 1, 0, x / 2.0, y / 2.0),
            byte(2, 1, 0, x / 2.0, y / 2.0),
        ),
    }
}

fn bilinear(picture: &Picture, plane: usize, step: usize, offset: usize, x: f64, y: f64) -> f64 {
    let format = picture.source.format;
    let columns = format.row_bytes(plane, picture.source.width as usize) / step;
    let rows = format.rows(plane, picture.source.height as usize);
    let (data, stride) = &picture.planes[plane];
    let at = |x: f64, y: f64| {
        let x = x.clamp(0.0, (columns - 1) as f64) as usize;
        let y = y.clamp(0.0, (rows - 1) as f64) as usize;
        data[y * stride + x * step + offset] as f64
    };
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (wx, wy) = (x - left, y - top);
    at(left, top) * (1.0 - wx) * (1.0 - wy)
        + at(left + 1.0, top) * wx * (1.0 - wy)
        + at(left, top + 1.0) * (1.0 - wx) * wy
        + at(left + 1.0, top + 1.0) * wx * wy
}

fn yuv_to_rgb(picture: &Picture, y: f64, cb: f64, cr: f64) -> [f64; 3] {
    let (kr, kg, kb) = match picture.source.colorimetry.matrix {
        Matrix::Bt601 => (0.299, 0.587, 0.114),
        Matrix::Bt709 => (0.2126, 0.7152, 0.0722),
        Matrix::Bt2020 => (0.2627, 0.6780, 0.0593),
    };
    let (y, pb, pr) = match picture.source.colorimetry.range {
        Range::Limited => (
            (y - 16.0) / 219.0,
            (cb - 128.0) / 224.0,
            (cr - 128.0) / 224.0,
        ),
        Range::Full => (y / 255.0, (cb - 128.0) / 255.0, (cr - 128.0) / 255.0),
    };
    let r = y + 2.0 * (1.0 - kr) * pr;
    let b = y + 2.0 * (1.0 - kb) * pb;
    let g = (y - kr * r - kb * b) / kg;
    [r, g, b].map(|v| (v * 255.0).clamp(0.0, 255.0))
}
