// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models that want to be told more than the image.

use half::f16;
use proptest::prelude::*;

use super::*;
use lynx_tensor::Element;

/// What `input` is given for one image of `spec`, as numbers.
fn values(input: &ExtraInput, spec: &TensorSpec) -> [f64; 2] {
    let mut bytes = [0xff; 16];
    let size = match input.element {
        ElementType::I64 => 8,
        ElementType::F16 => 2,
        _ => 4,
    };
    let (out, rest) = bytes.split_at_mut(2 * size);
    input.write(spec, out);
    assert!(rest.iter().all(|byte| *byte == 0xff));
    [&out[..size], &out[size..]].map(|bytes| match input.element {
        ElementType::I64 => i64::from_ne_bytes(bytes.try_into().unwrap()) as f64,
        ElementType::I32 => i32::from_ne_bytes(bytes.try_into().unwrap()).into(),
        ElementType::F16 => f16::from_ne_bytes(bytes.try_into().unwrap()).into(),
        _ => f32::from_ne_bytes(bytes.try_into().unwrap()).into(),
    })
}

fn only(name: &str, element: ElementType) -> ExtraInput {
    let mut io = dfine();
    io.inputs[1] = info(name, element, &[1, -1]);
    let said = with(&io, r#"{"family":"detr"}"#);
    said.unwrap().extra_inputs.remove(0)
}

#[test]
fn rt_detr_and_d_fine_are_told_the_tensors_width_and_height() {
    let found = alone(&dfine()).unwrap();
    assert_eq!((found.family, found.image_input), (Family::Detr, 0));
    assert_eq!(found.input_name, "images");
    let expected = ExtraInput {
        index: 1,
        name: "orig_target_sizes".to_owned(),
        element: ElementType::I64,
        dims: [1, 2],
        content: Content::TargetSize,
    };
    assert_eq!(found.extra_inputs, [expected]);
    let wide = TensorSpec::new(640, 384);
    assert_eq!(values(&found.extra_inputs[0], &wide), [640.0, 384.0]);
    assert!(found.dynamic_batch);
    assert_eq!(
        found.reasons[1],
        "input orig_target_sizes i64 [?, 2] says the tensor's width and height: boxes are in its elements"
    );
    let expected = TensorSpec {
        resize: ResizeMode::Stretch,
        filter: Filter::Antialias,
        ..TensorSpec::new(640, 640)
    };
    assert_eq!(found.input, expected);
}

#[test]
fn paddle_detection_is_told_that_the_frame_is_as_large_as_the_tensor() {
    let found = alone(&paddle()).unwrap();
    assert_eq!(
        (found.family, found.image_input),
        (Family::PaddleDetection, 1)
    );
    assert_eq!(found.input_name, "image");
    let [shape, scale] = found.extra_inputs.as_slice() else {
        panic!("{:?}", found.extra_inputs);
    };
    assert_eq!((shape.index, scale.index), (0, 2));
    let wide = TensorSpec::new(640, 384);
    assert_eq!(values(shape, &wide), [384.0, 640.0]);
    assert_eq!(values(scale, &wide), [1.0, 1.0]);
    let expected = TensorSpec {
        resize: ResizeMode::Stretch,
        ..TensorSpec::new(640, 640)
    };
    assert_eq!(found.input, expected);
}

#[test]
fn boxes_of_a_batch_that_cannot_be_told_apart_mean_one_image_a_run() {
    let found = alone(&paddle()).unwrap();
    assert!(!found.dynamic_batch);
    let last = found.reasons.last().unwrap();
    assert!(last.starts_with("one image a run"), "{last}");
    let mut fixed = dfine();
    fixed.inputs[1].dims[0] = Some(1);
    assert!(!alone(&fixed).unwrap().dynamic_batch);
}

#[test]
fn without_im_shape_paddle_detections_pixels_are_an_assumption_that_says_so() {
    let mut io = paddle();
    io.inputs.remove(0);
    let found = alone(&io).unwrap();
    assert_eq!((found.image_input, found.extra_inputs.len()), (0, 1));
    let pixels = found.reasons.iter().find(|r| r.starts_with("pixels"));
    let pixels = pixels.unwrap();
    assert!(
        pixels.contains("an assumption, that the model is a PP-YOLOE+"),
        "{pixels}"
    );
}

#[test]
fn the_shapes_of_all_inputs_are_in_the_models_order() {
    let two = || (ElementType::F32, vec![1, 2]);
    let image = (ElementType::F32, vec![1, 3, 640, 640]);
    let shapes = alone(&paddle()).unwrap().input_shapes();
    assert_eq!(shapes, [two(), image.clone(), two()]);
    let sizes = (ElementType::I64, vec![1, 2]);
    assert_eq!(alone(&dfine()).unwrap().input_shapes(), [image, sizes]);
    for (element, expected) in [
        (Element::F16, ElementType::F16),
        (Element::U8, ElementType::U8),
        (Element::I8, ElementType::I8),
    ] {
        let mut found = alone(&yolo11n()).unwrap();
        found.input.element = element;
        assert_eq!(found.input_shapes(), [(expected, vec![1, 3, 640, 640])]);
    }
}

#[test]
fn memory_that_is_too_small_gets_no_half_element() {
    let input = only("orig_target_sizes", ElementType::I64);
    let mut out = [7; 12];
    input.write(&TensorSpec::new(64, 32), &mut out);
    assert_eq!(out[..8], 64i64.to_ne_bytes());
    assert_eq!(out[8..], [7; 4]);
    input.write(&TensorSpec::new(64, 32), &mut []);
}

#[test]
fn inputs_that_nobody_knows_are_refused_with_those_that_are_known() {
    let output = [1, 84, 8400];
    let mut io = model(&[1, 3, 640, 640], &output, &[]);
    io.inputs.push(f32("scale", &[2]));
    refused(
        alone(&io),
        "input scale f32 [2]: nothing is known to feed it with; expected besides the image \
         orig_target_sizes, im_shape or scale_factor alone",
    );
    for input in [
        f32("im_shape", &[2]),
        f32("im_shape", &[1, 3]),
        f32("im_shape", &[4, 2]),
        info("im_shape", ElementType::U8, &[1, 2]),
    ] {
        io.inputs[1] = input;
        refused(
            alone(&io),
            "two numbers an image do not fit; expected f32, f16, i64 or i32 [1, 2]",
        );
    }
    io.inputs[1] = f32("im_shape", &[0, 2]);
    refused(alone(&io), "a dimension is 0");
    io.inputs[1] = f32("mask", &[1, 1, 640, 640]);
    refused(
        alone(&io),
        "inputs images f32 [1, 3, 640, 640], mask f32 [1, 1, 640, 640]: the model has 2 inputs, \
         2 of them of four dimensions; expected one image tensor",
    );
    io.inputs = vec![f32("im_shape", &[1, 2]), f32("scale_factor", &[1, 2])];
    refused(alone(&io), "the model has 2 inputs, 0 of them of four");
    io.inputs.clear();
    refused(alone(&io), "the model has 0 inputs");
}

proptest! {
    #[test]
    fn every_size_arrives_whole_in_every_type(width in 1u32..=2048, height in 1u32..=2048) {
        let spec = TensorSpec::new(width, height);
        let (w, h) = (f64::from(width), f64::from(height));
        for element in [ElementType::F32, ElementType::F16, ElementType::I64, ElementType::I32] {
            prop_assert_eq!(values(&only("orig_target_sizes", element), &spec), [w, h]);
            prop_assert_eq!(values(&only("im_shape", element), &spec), [h, w]);
            prop_assert_eq!(values(&only("scale_factor", element), &spec), [1.0, 1.0]);
        }
    }
}
