// SPDX-License-Identifier: MIT OR Apache-2.0
//! Crops that are turned.

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::{Picture, elements};
use crate::{
    Affine, AlignedBytes, ColorFormat, Converter, Error, PixelFormat, ResizeMode, TensorSpec,
};

fn levels(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        resize: ResizeMode::Stretch,
        std: [1.0; 3],
        ..TensorSpec::new(width, height)
    }
}

fn turned(picture: &Picture, spec: &TensorSpec, affine: &Affine) -> Vec<f32> {
    let mut converter = Converter::new(picture.source, spec).unwrap();
    let mut out = AlignedBytes::new(spec.bytes());
    out.fill(0xff);
    let done = picture.with(|frame| converter.convert_turned(frame, affine, &mut out));
    done.unwrap();
    elements(spec.element, &out)
}

proptest! {
    /// A crop turned by nothing is the region, at least where neither reaches the region's edge,
    /// beyond which only the turned one sees.
    #[test]
    fn a_crop_turned_by_nothing_is_the_region(
        format in prop::sample::select(PixelFormat::ALL.to_vec()),
        color in prop::sample::select(vec![ColorFormat::Rgb, ColorFormat::Bgr, ColorFormat::Gray]),
        size in (4..40_u32, 4..40_u32),
        tensor in (2..30_u32, 2..30_u32),
        seed in any::<u8>(),
    ) {
        let picture = Picture::new(format, size, 3, |plane, y, x| {
            // Ten bits at most, little endian.
            if format == PixelFormat::I420P10Le && x % 2 == 1 {
                return seed & 3;
            }
            seed.wrapping_add((plane * 37 + y * 5 + x * 3) as u8)
        });
        let spec = TensorSpec { color, ..levels(tensor.0, tensor.1) };
        let rect = Rect::new(0.0, 0.0, size.0 as f32, size.1 as f32);
        let affine = Affine::from_turned(&rect, 0.0, &spec);
        let expected = picture.convert(&spec);
        for (found, expected) in turned(&picture, &spec, &affine).iter().zip(expected) {
            prop_assert!((found - expected).abs() < 0.1, "{found}, expected {expected}");
        }
    }
}

#[test]
fn a_quarter_turn_moves_every_pixel_to_its_place() {
    let picture = Picture::new(PixelFormat::Gray8, (5, 3), 0, |_, y, x| {
        (y * 50 + x * 7) as u8
    });
    let spec = TensorSpec {
        color: ColorFormat::Gray,
        ..levels(3, 5)
    };
    let affine = Affine {
        xx: 0.0,
        xy: 1.0,
        x0: 0.0,
        yx: -1.0,
        yy: 0.0,
        y0: 3.0,
    };
    let found = turned(&picture, &spec, &affine);
    for (i, found) in found.iter().enumerate() {
        let (x, y) = (i % 3, i / 3);
        assert!(
            (found - ((2 - x) * 50 + y * 7) as f32).abs() < 1e-3,
            "{x} {y}"
        );
    }
}

#[test]
fn beside_the_frame_is_its_edge_and_no_number_is_no_crop() {
    let picture = Picture::new(PixelFormat::Nv12, (5, 3), 0, |_, _, _| 128);
    let spec = levels(4, 4);
    let far = Affine {
        xx: 1e20,
        xy: 0.0,
        x0: -1e30,
        yx: 0.0,
        yy: -1e20,
        y0: 1e30,
    };
    let found = turned(&picture, &spec, &far);
    assert!(found.iter().all(|v| (v - found[0]).abs() < 1e-3));
    let mut converter = Converter::new(picture.source, &spec).unwrap();
    let mut out = AlignedBytes::new(spec.bytes());
    let nowhere = Affine {
        x0: f32::NAN,
        ..far
    };
    let error = picture.with(|frame| converter.convert_turned(frame, &nowhere, &mut out));
    assert_eq!(error, Err(Error::Affine));
}
