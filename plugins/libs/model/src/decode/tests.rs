// SPDX-License-Identifier: MIT OR Apache-2.0

mod sets;

use ndarray::{Array, ArrayD, Axis};
use proptest::prelude::*;

use super::*;
use crate::describe::Labels;
use lynx_tensor::TensorSpec;

const EVERYTHING: DecodeConfig = DecodeConfig {
    threshold: 0.0,
    iou_threshold: 1.0,
    max_detections: usize::MAX,
};

const FAMILIES: [Family; 5] = [
    Family::YoloV8,
    Family::YoloX,
    Family::DetsLabels,
    Family::Detr,
    Family::PaddleDetection,
];

fn description(family: Family, size: u32, classes: usize) -> Description {
    Description {
        name: "test".to_owned(),
        version: None,
        family,
        input: TensorSpec::new(size, size),
        input_name: "images".to_owned(),
        image_input: 0,
        extra_inputs: Vec::new(),
        dynamic_batch: false,
        labels: Labels::numbered(classes),
        reasons: Vec::new(),
    }
}

fn decoder(family: Family, classes: usize, config: DecodeConfig) -> Decoder {
    Decoder::new(&description(family, 32, classes), config).unwrap()
}

fn at(threshold: f32) -> DecodeConfig {
    DecodeConfig {
        threshold,
        ..EVERYTHING
    }
}

fn array<T: Clone>(shape: &[usize], values: &[T]) -> ArrayD<T> {
    Array::from_shape_vec(shape, values.to_vec()).unwrap()
}

fn run(decoder: &mut Decoder, outputs: &[OutputView]) -> Result<Vec<Detection>, Error> {
    // What was there before must be gone, after an error too.
    let mut found = vec![Detection {
        rect: Rect::default(),
        class: 9,
        score: 9.0,
    }];
    let result = decoder.decode(outputs, &mut found);
    assert!(result.is_ok() || found.is_empty());
    result.map(|()| found)
}

/// Both YOLO families by the book: every candidate, no suppression, in the order of points.
fn naive(family: Family, classes: usize, values: &ArrayD<f32>, threshold: f32) -> Vec<Detection> {
    let mut cells = Vec::new();
    for stride in [8, 16, 32] {
        for y in 0..32 / stride {
            for x in 0..32 / stride {
                cells.push((x as f32, y as f32, stride as f32));
            }
        }
    }
    let mut found = Vec::new();
    for (point, (x, y, stride)) in cells.into_iter().enumerate() {
        let value = |i: usize| match family {
            Family::YoloV8 => values[[0, i, point]],
            _ => values[[0, point, i]],
        };
        let (rect, first, objectness) = if family == Family::YoloV8 {
            (
                Rect::from_center(value(0), value(1), value(2), value(3)),
                4,
                1.0,
            )
        } else {
            let (w, h) = (value(2).exp() * stride, value(3).exp() * stride);
            let (cx, cy) = ((value(0) + x) * stride, (value(1) + y) * stride);
            (Rect::from_center(cx, cy, w, h), 5, value(4))
        };
        let mut best: Option<(u32, f32)> = None;
        for class in 0..classes {
            let score = value(first + class);
            if !score.is_nan() && best.is_none_or(|best| score > best.1) {
                best = Some((class as u32, score));
            }
        }
        let Some((class, score)) = best else { continue };
        let score = objectness * score;
        if score.is_finite() && score >= threshold && rect.is_valid() {
            found.push(Detection { rect, class, score });
        }
    }
    // A score of -0 is a tie with 0.
    found.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap());
    found
}

/// 21 points of a 32×32 input with 3 classes; scores of few values, and now and then none.
fn any_values(per_point: usize) -> impl Strategy<Value = Vec<f32>> {
    let value = prop_oneof![
        30 => (0u8..=20).prop_map(|v| f32::from(v) / 20.0),
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
        1 => Just(f32::NEG_INFINITY),
        1 => Just(-0.0f32),
    ];
    prop::collection::vec(value, 21 * per_point)
}

proptest! {
    #[test]
    fn yolov8_decodes_as_the_book_does(values in any_values(7), threshold in 0u8..=20) {
        let threshold = f32::from(threshold) / 20.0;
        let values = array(&[1, 7, 21], &values);
        let mut decoder = decoder(Family::YoloV8, 3, at(threshold));
        let found = run(&mut decoder, &[OutputView::F32(values.view().into())]).unwrap();
        prop_assert_eq!(found, naive(Family::YoloV8, 3, &values, threshold));
    }

    #[test]
    fn yolox_decodes_as_the_book_does(mut values in any_values(8), threshold in 0u8..=20) {
        // Class scores are a sigmoid's; infinities belong in boxes and objectness.
        for point in values.as_chunks_mut::<8>().0 {
            point[5..].iter_mut().filter(|v| v.is_infinite()).for_each(|v| *v = 1.0);
        }
        let threshold = f32::from(threshold) / 20.0;
        let values = array(&[1, 21, 8], &values);
        let mut decoder = decoder(Family::YoloX, 3, at(threshold));
        let found = run(&mut decoder, &[OutputView::F32(values.view().into())]).unwrap();
        prop_assert_eq!(found, naive(Family::YoloX, 3, &values, threshold));
    }

    #[test]
    fn no_shape_panics(
        shape in prop::collection::vec(0usize..9, 0..4), whole in any::<bool>(), twice in any::<bool>(),
    ) {
        let floats = ArrayD::<f32>::ones(shape.clone());
        let integers = ArrayD::<i64>::zeros(shape);
        for family in FAMILIES {
            let mut outputs = vec![OutputView::F32(floats.view().into())];
            if whole {
                outputs.push(OutputView::I64(integers.view().into()));
            }
            if twice {
                outputs.push(OutputView::F32(floats.view().into()));
            }
            let _ = run(&mut decoder(family, 1, EVERYTHING), &outputs);
        }
    }
}

#[test]
fn yolox_boxes_grow_from_their_grid_cell() {
    // The last of 21 points is the only one of stride 32; point 17 is column 1, row 0 of 16.
    let mut values = vec![0.0; 21 * 6];
    values[20 * 6..].copy_from_slice(&[0.5, 0.25, 0.0, 2f32.ln(), 0.5, 0.8]);
    values[17 * 6..18 * 6].copy_from_slice(&[0.0, 0.0, 0.0, 0.0, 1.0, 0.9]);
    let values = array(&[1, 21, 6], &values);
    let found = run(
        &mut decoder(Family::YoloX, 1, at(0.4)),
        &[OutputView::F32(values.view().into())],
    )
    .unwrap();
    let rects: Vec<_> = found.iter().map(|d| (d.rect, d.score)).collect();
    assert_eq!(rects[0], (Rect::from_center(16.0, 0.0, 16.0, 16.0), 0.9));
    assert_eq!(
        rects[1],
        (Rect::from_center(16.0, 8.0, 32.0, 64.0), 0.4),
        "kept at the threshold"
    );
}

#[test]
fn more_points_than_a_tile_are_all_seen() {
    let points = 1300;
    let mut values = vec![0.0; 5 * points];
    values[2 * points..4 * points].fill(1.0);
    let marked = [0, 511, 512, 1023, 1024, 1299];
    for point in marked {
        values[point] = point as f32 * 2.0;
        values[4 * points + point] = 0.5;
    }
    let values = array(&[1, 5, points], &values);
    let found = run(
        &mut decoder(Family::YoloV8, 1, at(0.5)),
        &[OutputView::F32(values.view().into())],
    )
    .unwrap();
    let xs: Vec<_> = found
        .iter()
        .map(|d| (d.rect.center().0 / 2.0) as usize)
        .collect();
    assert_eq!(xs, marked);
}

#[test]
fn nms_inside_the_model_is_not_repeated() {
    let dets = [
        [0.0, 0.0, 10.0, 10.0, 0.5],
        [0.0, 0.0, 10.0, 10.0, 0.9],
        [0.0, 0.0, 10.0, 10.0, 0.25],
        [0.0, 0.0, 10.0, 10.0, 0.24],
        [0.0, 0.0, 10.0, f32::NAN, 0.9],
        [0.0, 0.0, 0.0, 0.0, 0.9],
        [0.0, 0.0, 10.0, 10.0, f32::NAN],
    ];
    let dets = array(&[1, 7, 5], dets.as_flattened());
    // Padding's classes are never looked at.
    let labels = array(&[1, 7], &[0i64, 1, 0, -1, -1, 7, -1]);
    let outputs = [
        OutputView::F32(dets.view().into()),
        OutputView::I64(labels.view().into()),
    ];
    let config = DecodeConfig {
        iou_threshold: 0.0,
        ..at(0.25)
    };
    let mut two = decoder(Family::DetsLabels, 2, config);
    let found = run(&mut two, &outputs).unwrap();
    let kept: Vec<_> = found.iter().map(|d| (d.class, d.score)).collect();
    assert_eq!(kept, [(1, 0.9), (0, 0.5), (0, 0.25)]);
    assert_eq!(found[0].rect, Rect::new(0.0, 0.0, 10.0, 10.0));

    let swapped = [
        OutputView::I64(labels.view().into()),
        OutputView::F32(dets.view().into()),
    ];
    assert_eq!(
        run(&mut two, &swapped).unwrap(),
        found,
        "outputs in any order"
    );

    let one = DecodeConfig {
        max_detections: 1,
        ..config
    };
    assert_eq!(
        run(&mut decoder(Family::DetsLabels, 2, one), &outputs).unwrap(),
        found[..1]
    );

    let error = run(&mut decoder(Family::DetsLabels, 1, config), &outputs).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model found class 1, but there are 1 labels: give this model's own with labels-file or in a sidecar"
    );
}

#[test]
fn a_frame_without_boxes_is_no_error() {
    let (dets, labels) = (ArrayD::zeros(vec![1, 0, 5]), ArrayD::zeros(vec![1, 0]));
    let outputs = [
        OutputView::F32(dets.view().into()),
        OutputView::I64(labels.view().into()),
    ];
    assert_eq!(
        run(&mut decoder(Family::DetsLabels, 1, EVERYTHING), &outputs),
        Ok(vec![])
    );
    let none = ArrayD::zeros(vec![1, 5, 0]);
    let outputs = [OutputView::F32(none.view().into())];
    assert_eq!(
        run(&mut decoder(Family::YoloV8, 1, EVERYTHING), &outputs),
        Ok(vec![])
    );
}

#[test]
fn views_in_another_order_decode_alike() {
    let values: Vec<f32> = (0..21 * 6).map(|i| (i % 17) as f32 / 17.0).collect();
    let straight = array(&[1, 21, 6], &values);
    // The same values, stored column by column.
    let mut turned = straight
        .view()
        .permuted_axes(vec![0, 2, 1])
        .as_standard_layout()
        .into_owned();
    turned.swap_axes(1, 2);
    assert!(turned.view().as_slice().is_none());
    let mut decoder = decoder(Family::YoloX, 1, at(0.1));
    let expected = run(&mut decoder, &[OutputView::F32(straight.view().into())]).unwrap();
    assert!(!expected.is_empty());
    assert_eq!(
        run(&mut decoder, &[OutputView::F32(turned.view().into())]).unwrap(),
        expected
    );

    let mut dets = array(
        &[1, 2, 5],
        &[0.0, 0.0, 4.0, 4.0, 0.5, 1.0, 1.0, 4.0, 4.0, 0.7],
    );
    let mut labels = array(&[1, 2], &[0i64, 1]);
    dets.invert_axis(Axis(1));
    labels.invert_axis(Axis(1));
    let outputs = [
        OutputView::F32(dets.view().into()),
        OutputView::I64(labels.view().into()),
    ];
    let found = run(
        &mut self::decoder(Family::DetsLabels, 2, EVERYTHING),
        &outputs,
    )
    .unwrap();
    assert_eq!((found[0].class, found[0].score), (1, 0.7));
}

#[test]
fn outputs_that_are_not_the_descriptions_are_errors() {
    let floats = |shape: &[usize]| ArrayD::<f32>::zeros(shape.to_vec());
    let error = |family, outputs: &[OutputView]| {
        run(&mut decoder(family, 3, EVERYTHING), outputs)
            .unwrap_err()
            .to_string()
    };
    let (v8, x) = (floats(&[1, 84, 21]), floats(&[1, 20, 8]));
    assert_eq!(
        error(Family::YoloV8, &[OutputView::F32(v8.view().into())]),
        "the outputs are f32 [1, 84, 21]; yolov8 expects f32 [1, 7, A]: name the model's family in a sidecar"
    );
    assert_eq!(
        error(Family::YoloX, &[OutputView::F32(x.view().into())]),
        "the outputs are f32 [1, 20, 8]; yolox expects f32 [1, 21, 8]: name the model's family in a sidecar"
    );
    let (dets, labels) = (floats(&[1, 4, 5]), ArrayD::<i64>::zeros(vec![1, 3]));
    assert_eq!(
        error(
            Family::DetsLabels,
            &[
                OutputView::F32(dets.view().into()),
                OutputView::I64(labels.view().into())
            ]
        ),
        "the outputs are f32 [1, 4, 5] and i64 [1, 3]; yolox-dets expects f32 [1, N, 5] and i64 [1, N]: name the model's family in a sidecar"
    );
    for family in FAMILIES {
        assert!(error(family, &[]).contains("the outputs are ; "));
        assert!(error(family, &[OutputView::I64(labels.view().into())]).contains("i64 [1, 3];"));
    }
}

#[test]
fn thresholds_outside_0_to_1_are_refused() {
    let description = description(Family::YoloV8, 32, 1);
    for bad in [-0.1, 1.1, f32::NAN] {
        let error = Decoder::new(&description, at(bad)).unwrap_err().to_string();
        assert_eq!(error, format!("threshold is {bad}; expected 0 to 1"));
        let config = DecodeConfig {
            iou_threshold: bad,
            ..EVERYTHING
        };
        let error = Decoder::new(&description, config).unwrap_err().to_string();
        assert_eq!(error, format!("iou-threshold is {bad}; expected 0 to 1"));
    }
}

#[test]
fn other_limits_hold_from_the_next_frame_on_and_bad_ones_not_at_all() {
    let mut values = vec![0.0; 5 * 21];
    values[2 * 21..][..3].fill(4.0);
    values[3 * 21..][..3].fill(4.0);
    values[4 * 21..][..3].copy_from_slice(&[0.9, 0.6, 0.3]);
    let values = array(&[1, 5, 21], &values);
    let outputs = [OutputView::F32(values.view().into())];
    let mut decoder = decoder(Family::YoloV8, 1, at(0.2));
    assert_eq!(run(&mut decoder, &outputs).unwrap().len(), 3);
    decoder.set_config(at(0.5)).unwrap();
    assert_eq!(run(&mut decoder, &outputs).unwrap().len(), 2);
    assert!(decoder.set_config(at(2.0)).is_err());
    assert_eq!(run(&mut decoder, &outputs).unwrap().len(), 2);
}

#[test]
fn a_second_frame_reuses_the_scratch() {
    let mut values = vec![0.5; 7 * 21];
    for (i, value) in values.iter_mut().enumerate() {
        *value += i as f32 / 1000.0;
    }
    let values = array(&[1, 7, 21], &values);
    let outputs = [OutputView::F32(values.view().into())];
    let mut decoder = decoder(Family::YoloV8, 3, EVERYTHING);
    let mut found = Vec::new();
    decoder.decode(&outputs, &mut found).unwrap();
    let before = (
        found.clone(),
        decoder.candidates.as_ptr(),
        decoder.nms.scratch(),
        found.as_ptr(),
    );
    decoder.decode(&outputs, &mut found).unwrap();
    assert_eq!(found.len(), 21);
    let after = (
        found.clone(),
        decoder.candidates.as_ptr(),
        decoder.nms.scratch(),
        found.as_ptr(),
    );
    assert_eq!(before, after);
}
