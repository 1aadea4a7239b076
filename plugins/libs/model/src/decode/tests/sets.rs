// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models that give boxes that are final, with what they were told.

use super::*;
use crate::ElementType;
use crate::describe::{Content, ExtraInput};

fn rect(corners: &[f32; 4]) -> Rect {
    Rect::from_corners(corners[0], corners[1], corners[2], corners[3])
}

/// Boxes, classes and scores as the outputs of a model of the DETR family.
fn set(found: &[([f32; 4], i64, f32)]) -> (ArrayD<f32>, ArrayD<i64>, ArrayD<f32>) {
    let corners: Vec<_> = found.iter().flat_map(|(corners, ..)| *corners).collect();
    let classes: Vec<_> = found.iter().map(|(_, class, _)| *class).collect();
    let scores: Vec<_> = found.iter().map(|(.., score)| *score).collect();
    let n = found.len();
    (
        array(&[1, n, 4], &corners),
        array(&[1, n], &classes),
        array(&[1, n], &scores),
    )
}

fn detr(
    found: &[([f32; 4], i64, f32)],
    labels: usize,
    threshold: f32,
) -> Result<Vec<Detection>, Error> {
    let (boxes, classes, scores) = set(found);
    let outputs = [
        OutputView::I64(classes.view().into()),
        OutputView::F32(boxes.view().into()),
        OutputView::F32(scores.view().into()),
    ];
    run(&mut decoder(Family::Detr, labels, at(threshold)), &outputs)
}

fn paddle(rows: &[[f32; 6]], count: i64, labels: usize) -> Result<Vec<Detection>, Error> {
    let rows = array(&[rows.len(), 6], rows.as_flattened());
    let counts = array(&[1], &[count]);
    let outputs = [
        OutputView::F32(rows.view().into()),
        OutputView::I64(counts.view().into()),
    ];
    run(
        &mut decoder(Family::PaddleDetection, labels, at(0.25)),
        &outputs,
    )
}

#[test]
fn a_set_of_boxes_is_taken_whole_best_first_and_without_suppression() {
    let same = [1.0, 2.0, 9.0, 8.0];
    let found = [
        (same, 1, 0.3),
        (same, 1, 0.9),
        (same, 0, 0.25),
        (same, 0, 0.24),
        (same, 7, 0.0),
        ([f32::NAN; 4], 7, 0.9),
        (same, 7, f32::NAN),
    ];
    let kept = detr(&found, 2, 0.25).unwrap();
    let expected = [(1, 0.9), (1, 0.3), (0, 0.25)].map(|(class, score)| Detection {
        rect: rect(&same),
        class,
        score,
    });
    assert_eq!(kept, expected);
}

#[test]
fn a_sets_outputs_come_in_any_order_and_memory_layout() {
    let (boxes, classes, scores) = set(&[
        ([0.0, 1.0, 4.0, 5.0], 1, 0.5),
        ([2.0, 3.0, 9.0, 8.0], 0, 0.7),
    ]);
    // The same boxes, stored coordinate by coordinate.
    let turned = boxes.t().as_standard_layout().into_owned();
    let turned = turned.t();
    assert!(turned.as_slice().is_none());
    let mut decoder = decoder(Family::Detr, 2, EVERYTHING);
    let mut all = Vec::new();
    for boxes in [boxes.view(), turned] {
        let outputs = || {
            let boxes = OutputView::F32(boxes.clone().into());
            let classes = OutputView::I64(classes.view().into());
            (boxes, classes, OutputView::F32(scores.view().into()))
        };
        let (b, c, s) = outputs();
        all.push(run(&mut decoder, &[c, b, s]).unwrap());
        let (b, c, s) = outputs();
        all.push(run(&mut decoder, &[s, b, c]).unwrap());
        let (b, c, s) = outputs();
        all.push(run(&mut decoder, &[b, c, s]).unwrap());
    }
    assert_eq!(all[0][0].rect, rect(&[2.0, 3.0, 9.0, 8.0]));
    assert!(all.iter().all(|found| *found == all[0]), "{all:?}");
}

#[test]
fn rows_are_taken_as_far_as_their_count_says() {
    let rows = [
        [1.0, 0.5, 1.0, 2.0, 9.0, 8.0],
        [0.0, 0.75, 2.0, 3.0, 4.0, 5.0],
        [0.0, 0.9, 0.0, 0.0, 1.0, 1.0],
    ];
    let found = paddle(&rows, 2, 2).unwrap();
    let kept: Vec<_> = found.iter().map(|d| (d.rect, d.class, d.score)).collect();
    let expected = [
        (rect(&[2.0, 3.0, 4.0, 5.0]), 0, 0.75),
        (rect(&[1.0, 2.0, 9.0, 8.0]), 1, 0.5),
    ];
    assert_eq!(kept, expected);
    assert_eq!(paddle(&rows, 0, 2), Ok(vec![]));
    assert_eq!(paddle(&[], 0, 2), Ok(vec![]));
    // What PaddleDetection's NMS gives where it finds nothing.
    assert_eq!(paddle(&[[-1.0; 6]], 1, 2), Ok(vec![]));
}

#[test]
fn a_count_that_is_not_of_these_rows_is_an_error() {
    let row = [0.0, 0.5, 1.0, 2.0, 9.0, 8.0];
    for count in [2, -1, i64::MAX] {
        assert_eq!(
            paddle(&[row], count, 1).unwrap_err().to_string(),
            "the outputs are f32 [1, 6] and i64 [1]; paddle-detection expects f32 [N, 6] and i64 [1] that is N or \
             less, of one image: name the model's family in a sidecar"
        );
    }
    let error = detr(&[([0.0; 4], 0, 0.5)], 1, 0.0);
    assert_eq!(error, Ok(vec![]), "a box without area");
    let (boxes, classes, _) = set(&[([0.0; 4], 0, 0.5)]);
    let outputs = [
        OutputView::F32(boxes.view().into()),
        OutputView::I64(classes.view().into()),
    ];
    let error = run(&mut decoder(Family::Detr, 1, EVERYTHING), &outputs);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("detr expects i64 [1, N], f32 [1, N, 4] and f32 [1, N]"),
        "{error}"
    );
}

#[test]
fn a_class_without_a_label_is_an_error_in_every_family() {
    let corners = [1.0, 2.0, 9.0, 8.0];
    for class in [-1, 2, i64::MAX] {
        let error = detr(&[(corners, class, 0.5)], 2, 0.25).unwrap_err();
        assert_eq!(error, Error::Class { class, labels: 2 });
    }
    for (said, class) in [(-1.0, -1), (2.0, 2), (f32::NAN, -1)] {
        let error = paddle(&[[said, 0.5, 1.0, 2.0, 9.0, 8.0]], 1, 2).unwrap_err();
        assert_eq!(error, Error::Class { class, labels: 2 });
    }
}

/// What a model reads from the input that it is told of its boxes' size with.
fn told(content: Content, spec: &TensorSpec) -> [f32; 2] {
    let input = ExtraInput {
        index: 0,
        name: String::new(),
        element: ElementType::F32,
        dims: [1, 2],
        content,
    };
    let mut bytes = [0; 8];
    input.write(spec, &mut bytes);
    [&bytes[..4], &bytes[4..]].map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap()))
}

proptest! {
    /// Both kinds of models, as their sources compute boxes from fractions of the picture.
    #[test]
    fn boxes_come_back_in_elements_of_the_tensor(
        width in 1u32..=16_384, height in 1u32..=16_384,
        x0 in 0.0f32..0.5, y0 in 0.0f32..0.5, w in 0.01f32..0.5, h in 0.01f32..0.5,
    ) {
        let spec = TensorSpec::new(width, height);
        let fractions = [x0, y0, x0 + w, y0 + h];
        let scaled = |w: f32, h: f32| {
            let [x0, y0, x1, y1] = fractions;
            [x0 * w, y0 * h, x1 * w, y1 * h]
        };
        let expected = rect(&scaled(width as f32, height as f32));

        let [w, h] = told(Content::TargetSize, &spec);
        let found = detr(&[(scaled(w, h), 0, 0.5)], 1, 0.25).unwrap();
        prop_assert_eq!(found[0].rect, expected);

        let (shape, scale) = (told(Content::ImageShape, &spec), told(Content::ScaleFactor, &spec));
        let [h, w] = [0, 1].map(|axis| (shape[axis] / scale[axis] + 0.5).floor());
        let [x0, y0, x1, y1] = scaled(w, h);
        let found = paddle(&[[0.0, 0.5, x0, y0, x1, y1]], 1, 1).unwrap();
        prop_assert_eq!(found[0].rect, expected);
    }
}
