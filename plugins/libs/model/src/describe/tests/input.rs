// SPDX-License-Identifier: MIT OR Apache-2.0
//! Size and layout of the input.

use super::*;
use lynx_tensor::Element;

#[test]
fn a_sidecars_layout_settles_open_channels_and_contradicts_no_shape() {
    let sidecar =
        |layout| format!(r#"{{"input":{{"layout":"{layout}","width":416,"height":416}}}}"#);
    let open = model(&[1, -1, -1, -1], &[1, 3549, 85], &[]);
    refused(
        alone(&open),
        "which dimension the channels are is left open",
    );
    for (layout, expected) in [("nchw", TensorLayout::Nchw), ("nhwc", TensorLayout::Nhwc)] {
        let found = with(&open, &sidecar(layout)).unwrap();
        assert_eq!(found.input.layout, expected);
    }
    for (layout, dims) in [("nchw", [1, 416, 416, 3]), ("nhwc", [1, 3, 416, 416])] {
        let io = model(&dims, &[1, 3549, 85], &[]);
        refused(
            with(&io, &sidecar(layout)),
            "puts no 3 where the channels are",
        );
    }
}

#[test]
fn a_dynamic_size_comes_from_the_highest_authority() {
    let io = yolo11n();
    let size = |io: &ModelIo, sidecar: &str, width, height| {
        let sidecar = Sidecar::parse(sidecar).unwrap();
        let overrides = Overrides {
            width,
            height,
            labels: None,
        };
        let spec = describe("m", io, Some(&sidecar), &overrides).unwrap().input;
        (spec.width, spec.height)
    };
    let sidecar = r#"{"input":{"width":512,"height":288}}"#;
    assert_eq!(size(&io, "{}", None, None), (640, 640));
    assert_eq!(size(&io, sidecar, None, None), (512, 288));
    assert_eq!(size(&io, sidecar, Some(320), None), (320, 288));
    let mut silent = model(&[1, 3, -1, -1], &[1, 84, -1], &[]);
    assert_eq!(size(&silent, "{}", None, None), (640, 640));
    silent.metadata.insert("imgsz".into(), "nonsense".into());
    assert_eq!(
        size(&silent, "{}", Some(320), Some(192)),
        (320, 192),
        "settled, so not read"
    );
}

#[test]
fn a_size_between_strides_names_the_nearest() {
    let size = |width, stride: &str| {
        let mut io = yolo11n();
        io.metadata.insert("stride".into(), stride.into());
        let overrides = Overrides {
            width: Some(width),
            ..Overrides::default()
        };
        describe("m", &io, None, &overrides)
    };
    refused(
        size(650, "32"),
        "input width 650 is not a multiple of the model's stride 32; nearest: 640 or 672",
    );
    refused(size(1, "64"), "stride 64; nearest: 64");
    refused(size(0, "32"), "nearest: 32");
    refused(size(u32::MAX, "32"), "nearest: 16384");
    assert!(size(704, "64").is_ok());
}

#[test]
fn a_fixed_size_is_not_overridden() {
    let io = model(&[1, 3, 640, 640], &[1, 84, 8400], &[]);
    let size = |width| {
        describe(
            "m",
            &io,
            None,
            &Overrides {
                width,
                ..Overrides::default()
            },
        )
    };
    refused(
        size(Some(320)),
        "contradiction: element property says width 320, but the input images f32 [1, 3, 640, 640] is fixed to 640",
    );
    assert!(size(Some(640)).is_ok());
    refused(
        with(&io, r#"{"input":{"height":320}}"#),
        "sidecar says height 320, but",
    );
    let stale = model(
        &[1, 3, 320, 320],
        &[1, 84, 2100],
        &[("imgsz", "[640, 640]")],
    );
    refused(
        alone(&stale),
        "metadata imgsz says width 640, but the input",
    );
    assert!(with(&stale, r#"{"input":{"width":320,"height":320}}"#).is_ok());
}

#[test]
fn the_input_must_be_one_image() {
    let output = [1, 84, 8400];
    for (input, message) in [
        (
            info("x", ElementType::I64, &[1, 3, 640, 640]),
            "input x i64 [1, 3, 640, 640]: no type for an image; expected f32, f16, u8 or i8",
        ),
        (f32("x", &[3, 640, 640]), "3 dimensions; expected four"),
        (
            f32("x", &[1, 1, 640, 640]),
            "no dimension has three channels; expected three channels: [1, 3, H, W]",
        ),
        (
            f32("x", &[1, -1, 640, 640]),
            "is left open, say so in the sidecar's \"input.layout\"",
        ),
        (
            f32("x", &[8, 3, 640, 640]),
            "with a fixed batch is not supported yet; export the model with a batch of 1",
        ),
        (
            f32("x", &[1, 3, 0, 640]),
            "x f32 [1, 3, 0, 640]: a dimension is 0; expected at least 1",
        ),
        (
            f32("x", &[1, 3, 640, 32768]),
            "a width of 32768; expected at most 16384",
        ),
    ] {
        let mut io = model(&[1], &output, &[]);
        io.inputs = vec![input];
        refused(alone(&io), message);
    }
    refused(
        alone(&model(&[1, 3, 640, 640], &[1, 84, 0], &[])),
        "output0 f32 [1, 84, 0]: a dimension is 0",
    );
}

#[test]
fn an_input_of_whole_numbers_is_given_levels() {
    for (element, expected, mean) in [
        (ElementType::F16, Element::F16, 0.0),
        (ElementType::U8, Element::U8, 0.0),
        (ElementType::I8, Element::I8, 128.0),
    ] {
        let mut io = model(&[1], &[1, 84, 8400], &[]);
        io.inputs = vec![info("x", element, &[1, 640, 640, 3])];
        let spec = alone(&io).unwrap().input;
        let std = if element == ElementType::F16 {
            255.0
        } else {
            1.0
        };
        assert_eq!(
            (spec.element, spec.mean[0], spec.std[0]),
            (expected, mean, std)
        );
    }
}
