// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the input's values mean.

use super::*;

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
fn ultralytics_classifiers_see_the_middle_and_others_what_the_sidecar_says() {
    let metadata = [
        ("author", "Ultralytics"),
        ("task", "classify"),
        ("names", "{0: 'a', 1: 'b'}"),
        ("imgsz", "[224, 224]"),
        ("stride", "1"),
    ];
    let io = model(&[-1, 3, -1, -1], &[-1, 2], &metadata);
    let expected = TensorSpec {
        resize: ResizeMode::CropResize,
        filter: Filter::Antialias,
        ..TensorSpec::new(224, 224)
    };
    assert_eq!(alone(&io).unwrap().input, expected);
    let io = model(&[-1, 3, 224, 224], &[-1, 1000], &[]);
    let sidecar = r#"{"family":"classification","input":{"resize-mode":"crop-resize",
        "mean":[123.675,116.28,103.53],"std":[58.395,57.12,57.375]}}"#;
    let found = with(&io, sidecar).unwrap().input;
    assert_eq!(found.resize, ResizeMode::CropResize);
    assert_eq!((found.color, found.mean[2]), (ColorFormat::Rgb, 103.53));
}
