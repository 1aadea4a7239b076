// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxinfer inference-region=roi-list`: a second model on the objects that a first one found.

use gst::prelude::*;
use lynx_geometry::Rect;
use lynx_meta::{Inference, NewObject};
use lynx_tests::paint::{Patch, run_painted, run_scene};
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, build, play_to_end};

const SIZE: (usize, usize) = (64, 64);
/// Where `yolov8-fixed` finds the person and the car in a frame of that size.
const PERSON: (usize, usize, usize, usize) = (8, 16, 16, 32);
const CAR: (usize, usize, usize, usize) = (36, 32, 24, 16);
const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const PATCHES: [Patch; 2] = [(PERSON, RED), (CAR, BLUE)];

fn detector() -> String {
    format!("lynxinfer model={} threshold=0.1", tiny("yolov8-fixed"))
}

/// `colour` says which channel is the strongest.
fn classifier(properties: &str) -> String {
    let model = tiny("colour");
    format!("lynxinfer name=infer model={model} inference-region=roi-list {properties}")
}

/// A red person and a blue car through `elements`.
fn street(frames: u32, elements: &str) -> Outcome {
    let outcome = run_painted(SIZE, frames, &PATCHES, elements);
    assert_eq!(outcome.errors, [""; 0], "{elements}");
    outcome
}

/// The label of each object of a frame and what was said of it.
fn said(outcome: &Outcome, frame: usize) -> Vec<(&'static str, &str)> {
    let frame = &outcome.frames[frame];
    let said = frame.classes.iter();
    said.map(|(index, label, _)| (frame.objects[*index].label, label.as_str()))
        .collect()
}

fn object(x: f32, y: f32, w: f32, h: f32, label: &'static str) -> NewObject<'static> {
    NewObject::new(Rect::new(x, y, w, h), label, 0, 0.9)
}

#[test]
fn each_object_is_told_by_its_own_colour() {
    let outcome = street(2, &format!("{} ! {}", detector(), classifier("")));
    for frame in 0..2 {
        assert_eq!(said(&outcome, frame), [("person", "red"), ("car", "blue")]);
    }
    // Softmax of the logits 10, 0, 0.
    let score = outcome.frames[0].classes[0].2;
    assert!((score - 0.9999).abs() < 1e-4, "{score}");
    let counted = ["frames", "regions", "objects"].map(|f| outcome.counted(f));
    assert_eq!(counted, [2, 4, 4]);
    assert!(outcome.counted("runs") <= 2, "both objects in one run");
    // What the detector said of the frame stays.
    assert_eq!(outcome.frames[0].inference, Some(Inference::Ran));
}

#[test]
fn the_detectors_name_and_marker_stay_on_the_frame() {
    let path = std::env::temp_dir().join(format!("lynx-second-{}.jsonl", std::process::id()));
    let elements = format!(
        "{} inference-interval=2 ! {} ! lynxpublish location={}",
        detector(),
        classifier(""),
        path.display()
    );
    street(2, &elements);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["model"], "yolov8-fixed");
    assert_eq!(lines[0]["inference"], "ran");
    assert_eq!(lines[1]["inference"], "skipped");
    let car = &lines[0]["objects"][1];
    assert_eq!(car["label"], "car");
    let said = &car["classifications"];
    assert_eq!(said.as_array().unwrap().len(), 1, "{car}");
    assert_eq!(
        (&said[0]["label"], &said[0]["score"]),
        (&"blue".into(), &0.9999.into())
    );
    if !cfg!(feature = "v1_24") {
        assert_eq!(
            (&said[0]["class"], &said[0]["model"]),
            (&2.into(), &"colour".into())
        );
    }
}

#[test]
fn classes_sizes_and_numbers_choose_the_objects() {
    for (properties, expected) in [
        ("object-class=car", &[("car", "blue")][..]),
        ("object-class=\"bus, person\"", &[("person", "red")]),
        ("object-min-size=20x10", &[("car", "blue")]),
        ("object-min-size=17", &[]),
        ("max-objects=1", &[("person", "red")]),
    ] {
        let outcome = street(1, &format!("{} ! {}", detector(), classifier(properties)));
        assert_eq!(said(&outcome, 0), expected, "{properties}");
        assert_eq!(outcome.counted("regions"), expected.len() as u64);
    }
}

#[test]
fn a_margin_shows_what_is_around() {
    // A red spot in blue; with its surroundings it is more blue than red.
    let patches = [((16, 16, 32, 32), BLUE), ((28, 28, 8, 8), RED)];
    let spot = [object(28.0, 28.0, 8.0, 8.0, "spot")];
    for (margin, expected) in [("0", "red"), ("1", "blue")] {
        let classifier = classifier(&format!("object-margin={margin}"));
        let outcome = run_scene(SIZE, 1, &patches, &spot, &classifier);
        assert_eq!(said(&outcome, 0), [("spot", expected)], "margin {margin}");
    }
}

#[test]
fn an_answer_below_the_threshold_is_none() {
    // Half red, half blue: both at about 0.5.
    let patches = [((0, 0, 32, 64), RED), ((32, 0, 32, 64), BLUE)];
    let all = [object(0.0, 0.0, 64.0, 64.0, "flag")];
    for (threshold, expected) in [("0.4", 1), ("0.6", 0)] {
        let classifier = classifier(&format!("threshold={threshold}"));
        let outcome = run_scene(SIZE, 1, &patches, &all, &classifier);
        assert_eq!(outcome.errors, [""; 0]);
        assert_eq!(outcome.frames[0].classes.len(), expected, "{threshold}");
    }
}

#[test]
fn without_objects_the_model_does_not_run() {
    let outcome = street(5, &classifier(""));
    let counted = ["frames", "regions", "runs"].map(|f| outcome.counted(f));
    assert_eq!(counted, [5, 0, 0]);
    assert_eq!(
        outcome.frames[0].inference, None,
        "it says nothing of detecting"
    );
}

#[test]
fn three_hundred_objects_take_a_few_runs() {
    let many = (0..300).map(|i| {
        let (x, y) = (i % 20, i / 20);
        object(x as f32 * 3.0, y as f32 * 4.0, 3.0, 4.0, "ant")
    });
    let many: Vec<_> = many.collect();
    let patches = [((0, 0, 60, 60), BLUE)];
    for (properties, runs) in [("", 19), ("batch-size=64", 6), ("max-objects=10", 2)] {
        let outcome = run_scene(SIZE, 1, &patches, &many, &classifier(properties));
        assert_eq!(outcome.errors, [""; 0], "{properties}");
        assert_eq!(outcome.counted("runs"), runs, "{properties}");
        let said = &outcome.frames[0].classes;
        let expected = if properties == "max-objects=10" {
            10
        } else {
            300
        };
        assert_eq!(said.len(), expected);
        assert!(said.iter().all(|(_, label, _)| label == "blue"));
    }
}

#[test]
fn objects_at_and_beyond_the_edges_are_cut_off_or_passed_over() {
    let patches = [((0, 0, 8, 8), RED), ((56, 56, 8, 8), BLUE)];
    let objects = [
        object(-20.0, -20.0, 28.0, 28.0, "corner"),
        object(56.0, 56.0, 400.0, 400.0, "corner"),
        object(30.0, 30.0, 0.4, 30.0, "hair"),
    ];
    let outcome = run_scene(SIZE, 1, &patches, &objects, &classifier(""));
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(said(&outcome, 0), [("corner", "red"), ("corner", "blue")]);
}

#[test]
fn a_tracked_object_is_classified_anew_as_often_as_asked() {
    for (interval, regions) in [(0, 2), (1, 24), (5, 6)] {
        let elements = format!(
            "{} ! lynxtrack ! {}",
            detector(),
            classifier(&format!("reclassify-interval={interval}"))
        );
        let outcome = street(12, &elements);
        assert_eq!(outcome.counted("regions"), regions, "interval {interval}");
        for frame in 0..12 {
            let expected = [("person", "red"), ("car", "blue")];
            assert_eq!(said(&outcome, frame), expected, "{interval} {frame}");
        }
    }
}

#[test]
fn without_identities_every_frame_is_classified() {
    let second = classifier("reclassify-interval=0");
    let outcome = street(4, &format!("{} ! {second}", detector()));
    assert_eq!(outcome.counted("regions"), 8);
}

#[test]
fn on_frames_between_what_was_said_stays() {
    let second = classifier("inference-interval=4");
    let outcome = street(8, &format!("{} ! lynxtrack ! {second}", detector()));
    assert_eq!(
        (outcome.counted("inferred"), outcome.counted("skipped")),
        (2, 6)
    );
    for frame in 0..8 {
        assert_eq!(said(&outcome, frame), [("person", "red"), ("car", "blue")]);
    }
}

#[test]
fn a_detector_on_objects_finds_their_parts() {
    // A light on the car alone: a lamp of the car, at its place in the frame.
    let lamp = (44, 36, 6, 5);
    let elements = format!(
        "{} ! lynxinfer name=infer model={} threshold=0.9 inference-region=roi-list object-class=car",
        detector(),
        tiny("bright-box")
    );
    let outcome = run_painted(SIZE, 2, &[(lamp, [255; 3])], &elements);
    assert_eq!(outcome.errors, [""; 0]);
    let objects = &outcome.frames[1].objects;
    let [person, car, light] = objects[..] else {
        panic!("{objects:?}")
    };
    assert_eq!(
        (person.label, car.label, light.label),
        ("person", "car", "light")
    );
    assert_eq!((person.parent, car.parent), (None, None));
    assert_eq!(light.parent, Some(car.id));
    let expected = Rect::new(44.0, 36.0, 6.0, 5.0);
    // To a pixel of the tensor, of which there are 1.3 to a pixel of the frame.
    assert!(light.rect.iou(&expected) > 0.6, "{light:?}");
    assert_eq!(outcome.counted("objects"), 2);
}

/// The last picture that `lynxoverlay` drew on black.
fn drawn(elements: &str) -> Vec<u8> {
    let (pipeline, _) = build(&format!(
        "videotestsrc pattern=black num-buffers=2 ! video/x-raw,format=RGB,width=320,height=240 \
         ! {elements} ! lynxoverlay ! fakesink name=out enable-last-sample=true"
    ));
    play_to_end(&pipeline);
    let out = pipeline.by_name("out").unwrap();
    let last = out.property::<gst::Sample>("last-sample");
    pipeline.set_state(gst::State::Null).unwrap();
    last.buffer().unwrap().map_readable().unwrap().to_vec()
}

#[test]
fn the_overlay_writes_it_behind_the_label() {
    let plain = drawn(&detector());
    assert_eq!(plain, drawn(&detector()), "else a difference says nothing");
    // Black is any colour with the same probability, a third.
    let said = drawn(&format!("{} ! {}", detector(), classifier("threshold=0.3")));
    assert_ne!(plain, said);
    let unsure = drawn(&format!("{} ! {}", detector(), classifier("threshold=0.4")));
    assert_eq!(plain, unsure);
}

#[test]
fn a_preprocess_serves_the_detector_before_a_second_model() {
    let elements = format!("lynxpreprocess ! {} ! {}", detector(), classifier(""));
    let outcome = street(2, &elements);
    assert_eq!(said(&outcome, 1), [("person", "red"), ("car", "blue")]);
    let elements = format!("lynxpreprocess ! {}", classifier(""));
    street(2, &elements);
}

#[test]
fn a_classifier_that_has_nothing_to_look_at_says_what_to_set() {
    let line = format!("lynxinfer model={}", tiny("colour"));
    for properties in ["", "tiles=2x2", "regions=0,0,1,1"] {
        let outcome = run_painted(SIZE, 1, &[], &format!("{line} {properties}"));
        let error = outcome.error();
        for word in ["colour is a classifier", "inference-region=roi-list"] {
            assert!(error.contains(word), "{properties}: {error}");
        }
    }
}

/// Of a turned box its own pixels are shown to a classifier, not those of the upright box around it.
#[test]
fn a_turned_object_is_told_by_what_lies_in_its_box() {
    // Of the turned box, which is cut to a square, most is red; of the upright box around it, little.
    let patches = [((0, 0, 64, 64), BLUE), ((22, 22, 20, 20), RED)];
    let turned = NewObject {
        rotation: std::f32::consts::FRAC_PI_4,
        ..object(8.0, 20.0, 48.0, 24.0, "sign")
    };
    let upright = object(6.5, 6.5, 51.0, 51.0, "sign");
    let outcome = run_scene(SIZE, 1, &patches, &[turned, upright], &classifier(""));
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(said(&outcome, 0), [("sign", "red"), ("sign", "blue")]);
}

/// Parts are told apart by their parents' crops: what fills a crop is no piece of what is in the
/// next one.
#[test]
fn parts_of_objects_that_overlap_are_two() {
    // Two crops of 32x32 that share more than half, a light in each that reaches its edges.
    let lights: [Patch; 1] = [((8, 16, 46, 32), [255; 3])];
    let both = [
        object(8.0, 16.0, 32.0, 32.0, "car"),
        object(22.0, 16.0, 32.0, 32.0, "car"),
    ];
    let model = tiny("bright-box");
    let infer = format!("lynxinfer model={model} threshold=0.9 inference-region=roi-list");
    let outcome = run_scene(SIZE, 1, &lights, &both, &infer);
    assert_eq!(outcome.errors, [""; 0]);
    let objects = &outcome.frames[0].objects;
    let parts: Vec<_> = objects.iter().filter(|o| o.label != "car").collect();
    assert_eq!(parts.len(), 2, "{objects:?}");
    assert!(parts[0].parent.is_some() && parts[0].parent != parts[1].parent);
}
