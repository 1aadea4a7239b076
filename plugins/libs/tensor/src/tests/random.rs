// SPDX-License-Identifier: MIT OR Apache-2.0

use proptest::prelude::*;

use super::{FORMATS, Picture, reference};
use crate::Converter;
use crate::cpu::Cpu;
use crate::{ColorFormat, Colorimetry, Matrix, Range, ResizeMode, TensorLayout, TensorSpec};

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
        prop::sample::select(FORMATS.to_vec()),
        (side(), side()),
        0..20_usize,
        any::<u64>(),
        colorimetry(),
    )
        .prop_map(|(format, size, pad, seed, colorimetry)| {
            // Noise from xorshift: proptest need not shrink bytes, and would be slow making them.
            let mut state = seed | 1;
            let mut picture = Picture::new(format, size, pad, |_, _, _| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            });
            picture.source.colorimetry = colorimetry;
            picture
        })
}

fn spec() -> impl Strategy<Value = TensorSpec> {
    (
        (side(), side()),
        prop::sample::select(vec![TensorLayout::Nchw, TensorLayout::Nhwc]),
        prop::sample::select(vec![ColorFormat::Rgb, ColorFormat::Bgr]),
        prop::sample::select(vec![
            ResizeMode::Stretch,
            ResizeMode::Letterbox,
            ResizeMode::LetterboxTopLeft,
        ]),
        any::<u8>(),
        prop::array::uniform3(-200.0..200.0_f32),
        prop::array::uniform3(prop_oneof![0.5..300.0_f32, -300.0..-0.5_f32]),
    )
        .prop_map(
            |(size, layout, color, resize, pad_value, mean, std)| TensorSpec {
                layout,
                color,
                resize,
                pad_value,
                mean,
                std,
                ..TensorSpec::new(size.0, size.1)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Asked for are 1.1/255 of full scale, which leaves room for integer kernels; this one is
    /// in `f32` and held to 0.01/255.
    #[test]
    fn every_format_and_mode_is_as_the_formula_says(picture in picture(), spec in spec()) {
        let expected = reference::convert(&picture, &spec);
        let found = picture.convert(&spec);
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let channel = match spec.layout {
                TensorLayout::Nchw => i / (spec.len() / 3),
                TensorLayout::Nhwc => i % 3,
            };
            let levels = (found - expected) * spec.std[channel];
            prop_assert!(levels.abs() < 0.01, "element {i}: {found}, expected {expected}");
        }
    }

    #[test]
    fn nothing_of_the_frame_before_is_left_and_every_processor_gives_the_same_bits(
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
        let mut baseline = Converter::with_cpu(after.source, &spec, Cpu::baseline()).unwrap();
        prop_assert_eq!(&fresh, &bits(after.convert_with(&mut baseline)));
    }
}
