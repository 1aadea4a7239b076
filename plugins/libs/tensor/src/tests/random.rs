// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::{Picture, elements, reference};
use crate::fit::Region;
use crate::kernels::Cpu;
use crate::{
    AlignedBytes, ChromaSite, ColorFormat, Colorimetry, Converter, Element, Filter, Matrix,
    PixelFormat, Range, ResizeMode, TensorLayout, TensorSpec,
};

/// Small sides as often as large ones: that is where edges meet.
fn side() -> impl Strategy<Value = u32> {
    prop_oneof![1..=5_u32, 1..=40_u32, 1..=200_u32]
}

fn colorimetry() -> impl Strategy<Value = Colorimetry> {
    (
        prop::sample::select(vec![Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020]),
        prop::sample::select(vec![Range::Limited, Range::Full]),
    )
        .prop_map(|(matrix, range)| Colorimetry { matrix, range })
}

fn picture() -> impl Strategy<Value = Picture> {
    (
        prop::sample::select(PixelFormat::ALL.to_vec()),
        (side(), side()),
        0..20_usize,
        any::<u64>(),
        colorimetry(),
        any::<(bool, bool)>(),
        (1..4_u32, 1..4_u32),
    )
        .prop_map(
            |(format, size, pad, seed, colorimetry, (left, top), aspect)| {
                // Noise from xorshift: proptest need not shrink bytes, and would be slow making them.
                let mut state = seed | 1;
                let mut picture = Picture::new(format, size, pad, |_, _, _| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    (state >> 32) as u8
                });
                if format == PixelFormat::I420P10Le {
                    let high = picture.planes.iter_mut().flat_map(|(data, stride)| {
                        let row = *stride;
                        let bytes = data.iter_mut().enumerate();
                        bytes.filter(move |(at, _)| at % row % 2 == 1)
                    });
                    high.for_each(|(_, byte)| *byte &= 3);
                }
                picture.source.colorimetry = colorimetry;
                picture.source.chroma_site = ChromaSite { left, top };
                picture.source.pixel_aspect = aspect;
                picture
            },
        )
}

fn spec() -> impl Strategy<Value = TensorSpec> {
    let pick = |resize: &'static [ResizeMode]| prop::sample::select(resize);
    (
        (side(), side()),
        prop::sample::select(vec![TensorLayout::Nchw, TensorLayout::Nhwc]),
        prop::sample::select(vec![ColorFormat::Rgb, ColorFormat::Bgr, ColorFormat::Gray]),
        pick(&[
            ResizeMode::Stretch,
            ResizeMode::Letterbox,
            ResizeMode::LetterboxTopLeft,
            ResizeMode::Crop,
            ResizeMode::CropResize,
        ]),
        prop::sample::select(vec![
            Filter::Bilinear,
            Filter::Bilinear,
            Filter::Nearest,
            Filter::Antialias,
        ]),
        prop::sample::select(vec![Element::F32, Element::F16, Element::U8, Element::I8]),
        any::<u8>(),
        prop::array::uniform3(-200.0..200.0_f32),
        prop::array::uniform3(prop_oneof![0.5..300.0_f32, -300.0..-0.5_f32]),
    )
        .prop_map(
            |(size, layout, color, resize, filter, element, pad_value, mean, std)| TensorSpec {
                element,
                layout,
                color,
                resize,
                filter,
                pad_value,
                mean,
                std,
                ..TensorSpec::new(size.0, size.1)
            },
        )
}

/// A region that lies in the frame, in part at least.
fn region() -> impl Strategy<Value = [f32; 4]> {
    prop::array::uniform4(0.0..1.0_f32)
}

fn rect_of(picture: &Picture, [x, y, w, h]: [f32; 4]) -> Rect {
    let (width, height) = (picture.source.width as f32, picture.source.height as f32);
    let (x, y) = (
        x * width * 1.2 - 0.2 * width,
        y * height * 1.2 - 0.2 * height,
    );
    Rect::new(
        x,
        y,
        w * width - x.min(0.0) + 0.1,
        h * height - y.min(0.0) + 0.1,
    )
}

/// Asserts that a tensor is as the formula says. Asked for are 1.1/255 of full scale; held to is
/// 0.05/255, and what rounding to the element costs.
fn compare(spec: &TensorSpec, found: &[f32], expected: &[f64]) -> Result<(), TestCaseError> {
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let channel = match spec.layout {
            TensorLayout::Nchw => i / (spec.width * spec.height) as usize,
            TensorLayout::Nhwc => i % spec.channels(),
        };
        let (expected, rounding) = match spec.element {
            Element::F32 => (*expected, 0.0),
            Element::F16 => (*expected, expected.abs() / 2048.0 + 1e-7),
            Element::U8 => (expected.clamp(0.0, 255.0), 0.5),
            Element::I8 => (expected.clamp(-128.0, 127.0), 0.5),
        };
        let tolerance = 0.05 / f64::from(spec.std[channel].abs()) + rounding;
        prop_assert!(
            (f64::from(*found) - expected).abs() < tolerance,
            "element {i}: {found}, expected {expected}"
        );
    }
    Ok(())
}

/// Real sizes, at which the tables have no windows, and the longest rows.
#[test]
fn large_frames_are_as_the_formula_says() {
    use PixelFormat::*;
    for (format, size, tensor) in [
        (Nv12, (3840, 2160), (640, 640)),
        (Rgb, (1920, 1080), (320, 320)),
        (Rgbx, (3840, 2160), (300, 200)),
        (Yuy2, (1920, 1080), (640, 640)),
        (P010Le, (3840, 2160), (416, 416)),
        (I420, (16384, 2), (640, 64)),
        (Nv21, (2, 16384), (64, 640)),
    ] {
        let picture = Picture::new(format, size, 5, |plane, y, x| {
            (x.wrapping_mul(31) ^ y.wrapping_mul(17) ^ (plane * 77)) as u8
        });
        let spec = TensorSpec::new(tensor.0, tensor.1);
        let whole = Region {
            x: 0,
            y: 0,
            width: size.0,
            height: size.1,
        };
        let expected = reference::convert(&picture, whole, &spec);
        compare(&spec, &picture.convert(&spec), &expected).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_format_and_mode_is_as_the_formula_says(picture in picture(), spec in spec()) {
        let whole = Region {
            x: 0,
            y: 0,
            width: picture.source.width,
            height: picture.source.height,
        };
        let expected = reference::convert(&picture, whole, &spec);
        compare(&spec, &picture.convert(&spec), &expected)?;
    }

    #[test]
    fn every_region_is_as_the_formula_says(
        picture in picture(),
        spec in spec(),
        regions in prop::collection::vec(region(), 1..4),
    ) {
        let mut converter = Converter::new(picture.source, &spec).unwrap();
        let mut out = AlignedBytes::new(spec.bytes());
        let (width, height) = (picture.source.width, picture.source.height);
        for region in regions {
            let rect = rect_of(&picture, region);
            let Ok(region) = Region::new(&rect, width, height) else {
                continue;
            };
            out.fill(0xff);
            picture.with(|frame| converter.convert_region(frame, &rect, &mut out)).unwrap();
            let expected = reference::convert(&picture, region, &spec);
            compare(&spec, &elements(spec.element, &out), &expected)?;
        }
    }

    #[test]
    fn nothing_of_the_frame_before_is_left_and_every_processor_gives_the_same(
        before in picture(),
        after in picture(),
        spec in spec(),
    ) {
        // The frame before, in the kind and size of the one after.
        let bytes = &before.planes[0].0;
        let size = (after.source.width, after.source.height);
        let before = Picture::new(after.source.format, size, 0, |plane, y, x| {
            bytes[(plane + y * 7 + x) % bytes.len()]
        });
        let bits = |tensor: Vec<f32>| tensor.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let fresh = bits(after.convert(&spec));
        let mut used = Converter::new(after.source, &spec).unwrap();
        before.convert_with(&mut used);
        prop_assert_eq!(&fresh, &bits(after.convert_with(&mut used)));
        // Where a product and a sum are rounded once or twice makes a last bit of difference,
        // which may be a step where elements are rounded to whole numbers.
        let mut baseline = Converter::with_cpu(after.source, &spec, Cpu::Portable).unwrap();
        let step = match spec.element {
            Element::F32 => 0.0,
            Element::F16 => 1.0 / 1024.0,
            Element::U8 | Element::I8 => 1.0,
        };
        for (other, fresh) in after.convert_with(&mut baseline).iter().zip(&fresh) {
            let fresh = f32::from_bits(*fresh);
            let scale = match spec.element {
                Element::F16 => fresh.abs().max(1.0),
                _ => 1.0,
            };
            let std = spec.std.map(f32::abs).into_iter().fold(f32::MAX, f32::min);
            prop_assert!((other - fresh).abs() <= step * scale + 0.001 / std, "{other} {fresh}");
        }
    }
}
