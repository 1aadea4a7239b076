// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxinfer` with models of one behaviour each.

use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, run};

/// A launch line over `frames` frames of a test pattern, 64×64 pixels.
fn line(pattern: &str, frames: u32, elements: &str) -> String {
    format!(
        "videotestsrc pattern={pattern} num-buffers={frames} \
         ! video/x-raw,format=I420,width=64,height=64,framerate=25/1 ! {elements} ! fakesink name=out"
    )
}

fn infer(model: &str, pattern: &str, properties: &str) -> Outcome {
    let outcome = run(&line(
        pattern,
        3,
        &format!("lynxinfer model={} {properties}", tiny(model)),
    ));
    assert_eq!(outcome.errors, [""; 0], "{model}");
    outcome
}

/// Where the person (centre 8, 16 and size 8, 16 in a 32×32 tensor) is in a 64×64 frame.
const PERSON: [f32; 4] = [8.0, 16.0, 16.0, 32.0];

fn close(rect: lynx_geometry::Rect, expected: [f32; 4]) -> bool {
    let found = [rect.x, rect.y, rect.w, rect.h];
    found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 0.01)
}

#[test]
fn every_family_finds_the_person_and_the_car_in_the_same_place() {
    let reference = infer("yolov8-fixed", "black", "");
    let objects = &reference.frames[0].objects;
    assert_eq!(objects.len(), 2, "{objects:?}");
    assert_eq!((objects[0].label, objects[1].label), ("person", "car"));
    assert!(close(objects[0].rect, PERSON), "{objects:?}");
    assert!((objects[0].score - 0.9).abs() < 1e-4);
    for model in ["dets-labels", "yolox-raw", "u8-input", "half"] {
        let outcome = infer(model, "black", "");
        let found = &outcome.frames[0].objects;
        assert_eq!(found.len(), 2, "{model}: {found:?}");
        for (a, b) in found.iter().zip(objects) {
            let b = b.rect;
            assert!(close(a.rect, [b.x, b.y, b.w, b.h]), "{model}: {found:?}");
        }
        assert_eq!(
            (found[0].class, found[1].class),
            (Some(0), Some(1)),
            "{model}"
        );
    }
}

#[test]
fn a_bright_frame_shows_the_person_and_a_black_one_nobody() {
    let white = infer("yolov8-bright", "white", "");
    assert_eq!(white.frames[0].objects.len(), 1);
    assert_eq!(white.frames[0].inference, Some(Inference::Ran));
    let black = infer("yolov8-bright", "black", "");
    assert_eq!(black.frames[0].objects.len(), 0);
    assert_eq!(
        black.frames[0].inference,
        Some(Inference::Ran),
        "ran and found nothing"
    );
}

#[test]
fn colours_arrive_in_the_models_order() {
    // `echo` answers with a box at (32·red, 32·green) and blue as its score: on a blue frame the
    // box lies at the origin with a high score, on a red one it has a score of nearly 0.
    let blue = infer("echo", "blue", "");
    assert_eq!(blue.frames[0].objects.len(), 1);
    assert!(blue.frames[0].objects[0].score > 0.9);
    let red = infer("echo", "red", "");
    assert_eq!(red.frames[0].objects.len(), 0);
}

#[test]
fn a_model_of_open_size_runs_at_the_size_asked_for() {
    let wide = infer("dynamic-hw", "black", "reshape-width=64 reshape-height=32");
    // The person of this model is at (w/4, h/2) and (w/4, h/2) large; the letterbox pads 16
    // columns on the left, so half of the box lies outside the frame.
    assert!(
        close(wide.frames[0].objects[0].rect, [0.0, 16.0, 16.0, 32.0]),
        "{:?}",
        wide.frames[0]
    );
}

#[test]
fn an_interval_of_three_skips_two_frames_and_says_so() {
    let properties = format!(
        "lynxinfer model={} inference-interval=3",
        tiny("yolov8-fixed")
    );
    let outcome = run(&line("black", 7, &properties));
    let words: Vec<_> = outcome.frames.iter().map(|f| f.inference).collect();
    let (ran, skipped) = (Some(Inference::Ran), Some(Inference::Skipped));
    assert_eq!(words, [ran, skipped, skipped, ran, skipped, skipped, ran]);
    assert_eq!(outcome.frames[1].objects.len(), 0);
}

#[test]
fn thresholds_labels_and_limits_are_obeyed() {
    let one = infer("yolov8-fixed", "black", "threshold=0.85");
    assert_eq!(one.frames[0].objects.len(), 1);
    let best = infer("yolov8-fixed", "black", "max-detections=1");
    assert_eq!(best.frames[0].objects[0].label, "person");
    let folder = std::env::temp_dir().join(format!("lynx-labels-{}", std::process::id()));
    std::fs::write(&folder, "walker\nvehicle\n").unwrap();
    let named = infer(
        "yolov8-fixed",
        "black",
        &format!("labels-file={}", folder.display()),
    );
    assert_eq!(named.frames[0].objects[0].label, "walker");
    std::fs::remove_file(folder).unwrap();
}
