// SPDX-License-Identifier: MIT OR Apache-2.0
//! The real clip through the real model: beside an independent computation, and what
//! `quickstart.sh` left.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use lynx_geometry::Rect;
use lynx_tests::places::{clip, model, prepared};
use lynx_tests::run::run;
use serde_json::Value;

/// A box with its score.
type Scored = (Rect, f64);

fn rect(value: &Value) -> Rect {
    let number = |i: usize| value[i].as_f64().expect("a number") as f32;
    Rect::new(number(0), number(1), number(2), number(3))
}

fn scored(objects: &Value) -> Vec<Scored> {
    let objects = objects.as_array().expect("a list");
    objects
        .iter()
        .map(|o| (rect(&o["box"]), o["score"].as_f64().expect("a score")))
        .collect()
}

/// Compares `model` on every 20th frame with `tests/reference/reference.py`, which shares no
/// code with Lynx: OpenCV reads and scales, PyPI's ONNX Runtime runs.
fn compare(name: &str, reference: &str) {
    let reference: Value =
        serde_json::from_str(&fs::read_to_string(prepared(reference)).unwrap()).unwrap();
    let outcome = run(&format!(
        "filesrc location={} ! avidemux ! avdec_mpeg4 ! lynxinfer model={} threshold=0.05 \
         inference-interval=20 ! fakesink name=out",
        clip(),
        model(name)
    ));
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 795);
    let (mut strong, mut worst_iou, mut worst_score) = (0, 1.0f32, 0.0f64);
    for (number, expected) in reference.as_object().unwrap() {
        let frame = &outcome.frames[number.parse::<usize>().unwrap()];
        let found: Vec<Scored> = frame
            .objects
            .iter()
            .filter(|o| o.label == "person")
            .map(|o| (o.rect, f64::from(o.score)))
            .collect();
        for (expected, score) in scored(expected) {
            // Near the threshold a small difference decides over all or nothing.
            if score < 0.3 {
                continue;
            }
            strong += 1;
            let clipped = expected.clipped(768.0, 576.0).expect("inside");
            let best = found
                .iter()
                .max_by(|a, b| a.0.iou(&clipped).total_cmp(&b.0.iou(&clipped)));
            let (found, found_score) = best.unwrap_or_else(|| panic!("frame {number} is empty"));
            worst_iou = worst_iou.min(found.iou(&clipped));
            worst_score = worst_score.max((found_score - score).abs());
        }
    }
    println!(
        "{name}: {strong} objects, lowest IoU {worst_iou:.4}, largest score difference {worst_score:.4}"
    );
    assert!(strong > 100, "only {strong} objects to compare");
    assert!(worst_iou > 0.9, "{name}: IoU {worst_iou}");
    assert!(worst_score < 0.05, "{name}: score differs by {worst_score}");
}

#[test]
fn yolox_finds_what_an_independent_computation_finds() {
    compare("yolox-tiny-person", "LYNX_REFERENCE_YOLOX");
}

#[test]
fn yolo11_finds_what_an_independent_computation_finds() {
    compare("yolo11n", "LYNX_REFERENCE_YOLO11N");
}

fn lines() -> Vec<Value> {
    let text = fs::read_to_string(prepared("LYNX_TEST_JSONL")).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn quickstart_left_a_line_for_each_of_795_frames() {
    let lines = lines();
    assert_eq!(lines.len(), 795);
    let pts: Vec<_> = lines.iter().map(|l| l["pts"].as_u64().unwrap()).collect();
    assert!(pts.is_sorted());
    assert!(
        lines
            .iter()
            .all(|l| l["inference"] == "ran" && l["width"] == 768)
    );
}

#[test]
fn quickstart_left_a_video_of_795_frames() {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v:0"])
        .args([
            "-show_entries",
            "stream=nb_read_frames,codec_name,width,height",
            "-of",
            "json",
        ])
        .arg(prepared("LYNX_TEST_MP4"))
        .output()
        .expect("ffprobe runs");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let probed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let stream = &probed["streams"][0];
    assert_eq!(stream["nb_read_frames"], "795");
    assert_eq!(stream["codec_name"], "h264");
    assert_eq!(
        (stream["width"].as_u64(), stream["height"].as_u64()),
        (Some(768), Some(576))
    );
}

/// The clip shows 19 people by hand count of its published annotation; a tracker without
/// appearance breaks some of them where they cross behind the lamp post.
#[test]
fn identities_are_stable() {
    let mut frames: BTreeMap<u64, Vec<(u64, Rect)>> = BTreeMap::new();
    for line in lines() {
        for object in line["objects"].as_array().unwrap() {
            let id = object["id"].as_u64().expect("a tracked object has an id");
            let number = line["frame"].as_u64().unwrap();
            frames
                .entry(id)
                .or_default()
                .push((number, rect(&object["box"])));
        }
    }
    let mut jumps = 0;
    for steps in frames.values() {
        for pair in steps.windows(2) {
            let ((a, before), (b, after)) = (pair[0], pair[1]);
            jumps +=
                usize::from(b - a == 1 && before.buffered(0.3).iou(&after.buffered(0.3)) < 0.2);
        }
    }
    let longest = frames.values().map(Vec::len).max().unwrap_or(0);
    println!(
        "{} identities, the longest seen on {longest} frames, {jumps} jumps",
        frames.len()
    );
    assert!(
        (10..=60).contains(&frames.len()),
        "{} identities",
        frames.len()
    );
    assert!(longest > 200, "the longest identity lasts {longest} frames");
    assert!(
        jumps <= 3,
        "{jumps} identities jump from one place to another"
    );
}
