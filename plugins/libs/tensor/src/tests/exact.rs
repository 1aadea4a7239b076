// SPDX-License-Identifier: MIT OR Apache-2.0

use super::Picture;
use crate::{
    ColorFormat, Colorimetry, Converter, Matrix, PixelFormat, Range, ResizeMode, TensorLayout,
    TensorSpec,
};

/// RGB in levels, stretched.
fn levels(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        resize: ResizeMode::Stretch,
        std: [1.0; 3],
        ..TensorSpec::new(width, height)
    }
}

/// The one colour of a frame of one Y'CbCr code.
fn color_of(matrix: Matrix, range: Range, [y, cb, cr]: [u8; 3]) -> [f32; 3] {
    let mut found = None;
    for format in [PixelFormat::Nv12, PixelFormat::I420] {
        let mut picture = Picture::new(format, (6, 4), 3, |plane, _, x| match (plane, x % 2) {
            (0, _) => y,
            (1, 1) if format == PixelFormat::Nv12 => cr,
            (1, _) => cb,
            _ => cr,
        });
        picture.source.colorimetry = Colorimetry { matrix, range };
        let tensor = picture.convert(&levels(3, 3));
        let color = [tensor[0], tensor[9], tensor[18]];
        for (i, value) in tensor.iter().enumerate() {
            assert_eq!(*value, color[i / 9]);
        }
        assert_eq!(*found.get_or_insert(color), color);
    }
    found.unwrap()
}

#[track_caller]
fn assert_near(found: [f32; 3], expected: [f32; 3], tolerance: f32) {
    for (f, e) in found.iter().zip(expected) {
        assert!(
            (f - e).abs() <= tolerance,
            "{found:?}, expected {expected:?}"
        );
    }
}

/// The 8-bit codes of 100 % colour bars, rounded, so that the colours come back within a level
/// or so.
#[test]
fn colour_bars_come_back_from_every_matrix() {
    use {Matrix::*, Range::*};
    let bars = [
        (Bt601, Limited, [81, 90, 240], [255.0, 0.0, 0.0]),
        (Bt601, Limited, [145, 54, 34], [0.0, 255.0, 0.0]),
        (Bt601, Limited, [41, 240, 110], [0.0, 0.0, 255.0]),
        (Bt709, Limited, [63, 102, 240], [255.0, 0.0, 0.0]),
        (Bt709, Limited, [173, 42, 26], [0.0, 255.0, 0.0]),
        (Bt709, Limited, [32, 240, 118], [0.0, 0.0, 255.0]),
        (Bt2020, Limited, [74, 97, 240], [255.0, 0.0, 0.0]),
        (Bt601, Full, [76, 85, 255], [255.0, 0.0, 0.0]),
        (Bt601, Full, [150, 44, 21], [0.0, 255.0, 0.0]),
        (Bt601, Full, [29, 255, 107], [0.0, 0.0, 255.0]),
    ];
    for (matrix, range, code, color) in bars {
        assert_near(color_of(matrix, range, code), color, 1.5);
    }
}

#[test]
fn greys_have_no_hue_and_the_ends_of_the_range_are_black_and_white() {
    for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
        for y in 0..=255 {
            let limited = (f32::from(y) - 16.0) * 255.0 / 219.0;
            let grey = [limited.clamp(0.0, 255.0); 3];
            assert_near(color_of(matrix, Range::Limited, [y, 128, 128]), grey, 1e-3);
            let grey = [f32::from(y); 3];
            assert_near(color_of(matrix, Range::Full, [y, 128, 128]), grey, 1e-3);
        }
        assert_eq!(color_of(matrix, Range::Limited, [0, 128, 128]), [0.0; 3]);
        assert_eq!(
            color_of(matrix, Range::Limited, [255, 128, 128]),
            [255.0; 3]
        );
    }
}

#[test]
fn a_frame_of_the_tensors_size_is_copied_in_every_rgb_format() {
    let value = |x: usize, y: usize, c: usize| (x * 31 + y * 17 + c * 70) as u8;
    let formats = [
        (PixelFormat::Rgb, 3, [0, 1, 2, 3]),
        (PixelFormat::Bgr, 3, [2, 1, 0, 3]),
        (PixelFormat::Rgbx, 4, [0, 1, 2, 3]),
        (PixelFormat::Bgrx, 4, [2, 1, 0, 3]),
        (PixelFormat::Xrgb, 4, [3, 0, 1, 2]),
        (PixelFormat::Xbgr, 4, [3, 2, 1, 0]),
    ];
    for (format, step, order) in formats {
        let picture = Picture::new(format, (5, 3), 2, |_, y, i| {
            value(i / step, y, order[i % step])
        });
        for color in [ColorFormat::Rgb, ColorFormat::Bgr] {
            for layout in [TensorLayout::Nchw, TensorLayout::Nhwc] {
                let spec = TensorSpec {
                    color,
                    layout,
                    ..levels(5, 3)
                };
                let tensor = picture.convert(&spec);
                for (x, y, c) in (0..45).map(|i| (i % 5, i / 5 % 3, i / 15)) {
                    let at = match layout {
                        TensorLayout::Nchw => c * 15 + y * 5 + x,
                        TensorLayout::Nhwc => (y * 5 + x) * 3 + c,
                    };
                    let c = if color == ColorFormat::Rgb { c } else { 2 - c };
                    assert_eq!(
                        tensor[at],
                        f32::from(value(x, y, c)),
                        "{format:?} {color:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_fourth_byte_of_a_pixel_is_ignored() {
    let with = |fourth: u8| {
        Picture::new(PixelFormat::Rgbx, (7, 5), 0, |_, y, i| {
            if i % 4 == 3 {
                fourth
            } else {
                (i * 9 + y * 5) as u8
            }
        })
        .convert(&levels(4, 9))
    };
    assert_eq!(with(0), with(255));
}

#[test]
fn doubling_a_row_blends_as_cv2_does() {
    let picture = Picture::new(
        PixelFormat::Rgb,
        (2, 1),
        0,
        |_, _, i| if i < 3 { 0 } else { 100 },
    );
    assert_eq!(
        picture.convert(&levels(4, 1))[..4],
        [0.0, 25.0, 75.0, 100.0]
    );
}

#[test]
fn padding_lies_where_the_transform_says_and_holds_the_normalised_value() {
    let white = Picture::new(PixelFormat::Rgb, (8, 4), 0, |_, _, _| 255);
    let cases = [
        (ResizeMode::Letterbox, 8, 9, 2..6, 0..8),
        (ResizeMode::LetterboxTopLeft, 8, 9, 0..4, 0..8),
        (ResizeMode::Letterbox, 11, 4, 0..4, 1..9),
        (ResizeMode::LetterboxTopLeft, 11, 4, 0..4, 0..8),
        (ResizeMode::Stretch, 11, 9, 0..9, 0..11),
    ];
    for (resize, width, height, rows, columns) in cases {
        for layout in [TensorLayout::Nchw, TensorLayout::Nhwc] {
            let spec = TensorSpec {
                resize,
                layout,
                pad_value: 114,
                mean: [10.0, 20.0, 30.0],
                std: [2.0, 4.0, -8.0],
                ..TensorSpec::new(width as u32, height as u32)
            };
            let tensor = white.convert(&spec);
            for (i, found) in tensor.iter().enumerate() {
                let (pixel, c) = match layout {
                    TensorLayout::Nchw => (i % (width * height), i / (width * height)),
                    TensorLayout::Nhwc => (i / 3, i % 3),
                };
                let inside = rows.contains(&(pixel / width)) && columns.contains(&(pixel % width));
                let level = if inside { 255.0 } else { 114.0 };
                let expected = (level - spec.mean[c]) / spec.std[c];
                assert!(
                    (found - expected).abs() < 1e-4,
                    "{resize:?} {layout:?} {i}: {found}"
                );
            }
        }
    }
}

#[test]
fn padding_and_image_together_are_the_whole_and_neither_touches_the_other() {
    let picture = Picture::new(PixelFormat::I420, (13, 7), 1, |p, y, x| {
        (p * 50 + y * 9 + x * 5) as u8
    });
    let spec = TensorSpec::new(16, 16);
    let mut converter = Converter::new(picture.source, &spec).unwrap();
    let whole = picture.convert_with(&mut converter);
    let mut pads = vec![f32::NAN; spec.len()];
    converter
        .padding()
        .fill(bytemuck::cast_slice_mut(&mut pads))
        .unwrap();
    let mut image = vec![f32::NAN; spec.len()];
    picture
        .with(|frame| converter.convert_image(frame, bytemuck::cast_slice_mut(&mut image)))
        .unwrap();
    for ((whole, pad), image) in whole.iter().zip(&pads).zip(&image) {
        assert_ne!(pad.is_nan(), image.is_nan());
        assert_eq!(*whole, if pad.is_nan() { *image } else { *pad });
    }
}
