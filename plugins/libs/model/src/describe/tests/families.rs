// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which family the outputs are of, with how many classes and labels.

use super::*;

#[test]
fn shapes_alone_tell_the_families_apart() {
    for (input, output, family, classes) in [
        ([1, 3, 640, 640], [1, 84, 8400], Family::YoloV8, 80),
        ([1, 3, 384, 640], [1, 5, 5040], Family::YoloV8, 1),
        ([1, 3, 640, 640], [1, 84, 8500], Family::YoloV8, 80),
        ([1, 3, 640, 640], [1, 84, 34000], Family::YoloV8, 80),
        ([1, 3, 640, 640], [1, 8400, 85], Family::YoloX, 80),
        ([1, 3, 416, 416], [1, 3549, 6], Family::YoloX, 1),
        ([1, 416, 416, 3], [1, 3549, 6], Family::YoloX, 1),
    ] {
        let found = alone(&model(&input, &output, &[])).unwrap();
        assert_eq!(
            (found.family, found.labels.len()),
            (family, classes),
            "{output:?}"
        );
        assert_eq!(found.labels.get(0), "class 0");
        let nhwc = input[3] == 3;
        assert_eq!(found.input.layout == TensorLayout::Nhwc, nhwc);
    }
    let yolox = alone(&model(&[1, 3, 416, 416], &[1, 3549, 85], &[]))
        .unwrap()
        .input;
    assert_eq!((yolox.color, yolox.std), (ColorFormat::Bgr, [1.0; 3]));
}

#[test]
fn labels_must_match_the_classes() {
    let io = yolo11n();
    let labels = Labels::numbered(79);
    let overrides = Overrides {
        labels: Some(labels),
        ..Overrides::default()
    };
    refused(
        describe("m", &io, None, &overrides),
        "contradiction: element property has 79 labels, but output0 f32 [?, 84, ?] as yolov8 has 80 classes",
    );
    refused(
        with(&io, r#"{"labels":["a"]}"#),
        "sidecar has 1 labels, but",
    );
    let io = model(&[1, 3, 640, 640], &[1, 84, 8400], &[("names", "{0: 'a'}")]);
    refused(alone(&io), "metadata names has 1 labels, but");
    let io = model(&[1, 3, 640, 640], &[1, 84, 8400], &[("names", "a")]);
    refused(alone(&io), "labels: byte 1 of the names");
}

#[test]
fn a_sidecars_family_must_fit_the_shapes() {
    refused(
        with(&yolo11n(), r#"{"family":"yolox-dets"}"#),
        "contradiction: the sidecar says family yolox-dets, but yolox-dets wants the outputs dets f32 or f16 [1, N, 5] \
         and labels i64 [1, N]: the model has 1 outputs, not two",
    );
    refused(
        with(&yolox_tiny(), r#"{"family":"yolov8"}"#),
        "yolov8 wants one f32 or f16 output [1, 4 + classes, 3549]: the model has 2 outputs, not one",
    );
    let io = model(
        &[1, 3, 640, 640],
        &[1, 84, 8400],
        &[("model_info model_type", "YOLOX")],
    );
    refused(
        alone(&io),
        "metadata model_info model_type says family yolox, but yolox wants",
    );
}

#[test]
fn a_sidecar_settles_what_dynamic_shapes_leave_open() {
    let open = model(&[1, 3, -1, -1], &[1, -1, 85], &[]);
    refused(
        alone(&open),
        "yolox wants one f32 or f16 output [1, 8400, 5 + classes] (dynamic dimensions leave it open)",
    );
    assert_eq!(
        with(&open, r#"{"family":"yolox"}"#).unwrap().labels.len(),
        80
    );
    let open = model(&[1, 3, 640, 640], &[-1, -1, -1], &[]);
    refused(
        with(&open, r#"{"family":"yolov8"}"#),
        "nearest: yolov8, whose class count is left open without labels",
    );
    assert_eq!(
        with(&open, r#"{"family":"yolov8","labels":["a"]}"#)
            .unwrap()
            .labels
            .len(),
        1
    );
}

#[test]
fn unknown_outputs_are_refused_with_the_tensors_and_the_nearest_families() {
    let io = model(&[1, 3, 640, 640], &[1, 84, 100], &[]);
    refused(
        alone(&io),
        "cannot tell what model \"model\" is from its tensors (input images f32 [1, 3, 640, 640]; outputs output0 \
         f32 [1, 84, 100]); nearest: yolov8 wants one f32 or f16 output [1, 4 + classes, 8400] (dimension 2 is 100, not \
         8400); yolox wants one f32 or f16 output [1, 8400, 5 + classes] (dimension 1 is 84, not 8400); yolox-dets wants \
         the outputs dets f32 or f16 [1, N, 5] and labels i64 [1, N] (the model has 1 outputs, not two); detr wants the outputs \
         labels i64 [1, N], boxes [1, N, 4] and scores [1, N] of f32 or f16 (the model has 1 outputs, not three); \
         paddle-detection wants f32 or f16 [N, 6] and i32 or i64 [1] (the model has 1 outputs, not two); classification wants one \
         f32 or f16 output [1, classes] (output0 f32 [1, 84, 100] is not [1, classes]); a sidecar's",
    );
    for (output, message) in [
        (f32("o", &[1, 4, 8400]), "dimension 1 is 4, less than 5"),
        (f32("o", &[1, 8400, 5]), "dimension 2 is 5, less than 6"),
        (
            f32("o", &[1, 84, 80, 80]),
            "o f32 [1, 84, 80, 80] has 4 dimensions, not three",
        ),
        (f32("o", &[2, 84, 8400]), "has a batch other than 1"),
        (
            info("o", ElementType::I64, &[1, 84, 8400]),
            "o i64 [1, 84, 8400] is neither f32 nor f16",
        ),
        (
            f32("o", &[1, 4_000_000_000, 8400]),
            "3999999996 classes are more than 65536",
        ),
    ] {
        let mut io = model(&[1, 3, 640, 640], &[1], &[]);
        io.outputs = vec![output];
        refused(alone(&io), message);
    }
    // 21 anchor points of a 32x32 input: both families fit.
    let io = model(&[1, 3, 32, 32], &[1, 21, 21], &[]);
    refused(alone(&io), "(fits, but so does another)");
    // As many rows as YOLOX or YOLOv5 have points at this size, and the columns are open.
    for rows in [8400, 25200] {
        let io = model(&[1, 3, 640, 640], &[1, rows, -1], &[]);
        refused(alone(&io), "leave it open");
    }
}

#[test]
fn dets_and_labels_must_be_boxes_and_classes() {
    for (dets, labels, message) in [
        (
            f32("dets", &[1, -1, 4]),
            info("labels", ElementType::I64, &[1, -1]),
            "dets f32 [1, ?, 4] is not f32 or f16 [1, N, 5]",
        ),
        (
            f32("boxes", &[1, -1, -1]),
            info("labels", ElementType::I64, &[1, -1]),
            "boxes f32 [1, ?, ?] is not f32 or f16",
        ),
        (
            f32("dets", &[4, -1, 5]),
            info("labels", ElementType::I64, &[4, -1]),
            "dets f32 [4, ?, 5] is not",
        ),
        (
            f32("dets", &[1, -1, 5]),
            f32("labels", &[1, -1]),
            "labels f32 [1, ?] is not i64 or i32 [1, N]",
        ),
        (
            f32("dets", &[1, 100, 5]),
            info("labels", ElementType::I64, &[1, 50]),
            "100 boxes have 50 labels",
        ),
        (
            f32("dets", &[1, 100, 5]),
            info("labels", ElementType::I64, &[1, 100, 1]),
            "labels i64 [1, 100, 1] is not i64 or i32 [1, N]",
        ),
    ] {
        let mut io = yolox_tiny();
        io.outputs = vec![dets, labels];
        refused(alone(&io), message);
    }
    let mut io = yolox_tiny();
    io.outputs = vec![
        info("labels", ElementType::I32, &[-1, -1]),
        f32("dets", &[-1, -1, -1]),
    ];
    assert_eq!(
        alone(&io).unwrap().family,
        Family::DetsLabels,
        "the name tells, in any order"
    );
    io.outputs = vec![
        f32("dets", &[1, 100, 5]),
        info("labels", ElementType::I64, &[1, 100]),
    ];
    assert_eq!(alone(&io).unwrap().family, Family::DetsLabels);
}

#[test]
fn models_of_the_near_future_are_refused_by_name() {
    let input = [1, 3, 640, 640];
    let v5 =
        "the YOLOv5 output output0 f32 [1, 25200, 85], [1, 3A, 5 + classes] is not supported yet";
    refused(alone(&model(&input, &[1, 25200, 85], &[])), v5);
    let ultralytics = [("names", "['a']"), ("stride", "32")];
    refused(
        alone(&model(&[1, 3, -1, -1], &[1, -1, 85], &ultralytics)),
        "the YOLOv5 output",
    );
    let end = "the end-to-end output output0 f32 [1, 300, 6] (YOLOv10, YOLO26, RT-DETR or an export with NMS inside)";
    refused(alone(&model(&input, &[1, 300, 6], &[])), end);
    refused(
        alone(&model(&input, &[1, 300, 6], &[("head", "RTDETRDecoder")])),
        "(RTDETRDecoder) is not supported yet",
    );
    refused(
        alone(&model(&[1, 3, -1, -1], &[1, -1, 6], &ultralytics)),
        "the end-to-end output",
    );
    let segment = model(&input, &[1, 116, 8400], &[("task", "segment")]);
    refused(
        alone(&segment),
        "the task \"segment\" (metadata task) is not supported yet; export a model whose task",
    );
}

#[test]
fn a_classifier_is_one_where_somebody_says_so() {
    let input = [-1, 3, 224, 224];
    let shape = model(&input, &[-1, 1000], &[]);
    refused(
        alone(&shape),
        "classification wants one f32 or f16 output [1, classes] (fits, but so does what is no classifier)",
    );
    let said = r#"{"family":"classification"}"#;
    for output in [&[-1, 1000][..], &[1, 1000], &[1, 1000, 1, 1]] {
        let found = with(&model(&input, output, &[]), said).unwrap();
        assert_eq!(found.family, Family::Classification);
        assert_eq!(found.labels.len(), 1000);
        assert_eq!(found.input.resize, ResizeMode::Stretch);
        assert!(
            found.reasons[3].contains("an assumption"),
            "{:?}",
            found.reasons
        );
    }
    let task = [
        ("task", "classify"),
        ("names", "{0: 'a', 1: 'b'}"),
        ("stride", "1"),
    ];
    let found = alone(&model(&input, &[-1, 2], &task)).unwrap();
    assert_eq!(found.family, Family::Classification);
    assert!(
        found.reasons[1].contains("metadata task"),
        "{:?}",
        found.reasons
    );
    let model_api = [
        ("model_info model_type", "Classification"),
        ("model_info labels", "a b"),
    ];
    let found = alone(&model(&input, &[1, 2], &model_api)).unwrap();
    assert_eq!(found.family, Family::Classification);
    assert_eq!(found.labels.get(1), "b");
}

#[test]
fn what_is_no_classifiers_output_is_refused() {
    let said = r#"{"family":"classification"}"#;
    for (output, message) in [
        (&[1, 1][..], "has less than two classes"),
        (&[4, 10], "has a batch other than 1"),
        (&[1, 10, 2, 2], "is not [1, classes]"),
        (&[10], "is not [1, classes]"),
        (&[1, 99_999], "99999 classes are more than 65536"),
    ] {
        refused(with(&model(&[1, 3, 224, 224], output, &[]), said), message);
    }
    let task = [("task", "classify"), ("names", "{0: 'a'}")];
    refused(
        alone(&model(&[1, 3, 224, 224], &[1, 2], &task)),
        "metadata names has 1 labels, but",
    );
}

#[test]
fn a_set_of_boxes_is_one_in_any_order_and_with_any_dimension_open() {
    for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0]] {
        let mut io = dfine();
        io.outputs = order.map(|i| io.outputs[i].clone()).to_vec();
        assert_eq!(alone(&io).unwrap().family, Family::Detr, "{order:?}");
    }
    let mut io = dfine();
    for (output, dims) in io.outputs.iter_mut().zip([2, 3, 2]) {
        output.dims = vec![None; dims];
    }
    io.outputs[0].element = ElementType::I32;
    io.outputs[1].element = ElementType::F16;
    let found = alone(&io).unwrap();
    assert_eq!(
        (found.family, found.labels.get(79)),
        (Family::Detr, "class 79")
    );
}

#[test]
fn what_is_no_set_of_boxes_is_refused() {
    for (index, output, message) in [
        (
            0,
            f32("labels", &[-1, 300]),
            "not one of them is i64 or i32",
        ),
        (
            0,
            info("labels", ElementType::I64, &[-1, 100]),
            "they are of different numbers of boxes",
        ),
        (
            1,
            f32("boxes", &[-1, 4]),
            "not one of them has three dimensions",
        ),
        (
            1,
            f32("boxes", &[-1, 300, 5]),
            "is not f32 or f16 [1, N, 4]",
        ),
        (1, f32("boxes", &[8, 300, 4]), "is not f32 or f16 [1, N, 4]"),
        (
            2,
            f32("scores", &[-1]),
            "scores f32 [?] is not f32 or f16 [1, N]",
        ),
        (
            2,
            f32("scores", &[-1, 300, 80]),
            "not one of them has three dimensions",
        ),
        (
            2,
            f32("scores", &[]),
            "scores f32 [] is not f32 or f16 [1, N]",
        ),
    ] {
        let mut io = dfine();
        io.outputs[index] = output;
        refused(alone(&io), message);
    }
}

#[test]
fn a_set_of_boxes_of_unknown_unit_needs_a_word() {
    let mut io = dfine();
    io.inputs.truncate(1);
    refused(
        alone(&io),
        "(fits, but without an input orig_target_sizes the unit of the boxes is left open)",
    );
    assert_eq!(
        with(&io, r#"{"family":"detr"}"#).unwrap().family,
        Family::Detr
    );
}

#[test]
fn rows_with_counts_are_paddle_detections() {
    let found = alone(&paddle()).unwrap();
    assert_eq!(found.family, Family::PaddleDetection);
    let mut io = paddle();
    io.outputs.reverse();
    assert_eq!(alone(&io).unwrap().family, Family::PaddleDetection);
    for (index, output, message) in [
        (
            0,
            f32("rows", &[-1, 7]),
            "rows f32 [?, 7] is not f32 or f16 [N, 6]",
        ),
        (
            0,
            f32("rows", &[-1, -1]),
            "rows f32 [?, ?] is not f32 or f16 [N, 6]",
        ),
        (1, f32("counts", &[-1]), "is not"),
        (
            1,
            info("counts", ElementType::I32, &[4]),
            "counts i32 [4] is not i32 or i64 [1]",
        ),
    ] {
        let mut io = paddle();
        io.outputs[index] = output;
        refused(alone(&io), message);
    }
}
