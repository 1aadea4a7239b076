// SPDX-License-Identifier: MIT OR Apache-2.0
//! What elements say of their work in read-only properties, and what the overlay is told to draw.

use std::sync::atomic::{AtomicUsize, Ordering};

use gst::prelude::*;
use lynx_tests::places::tiny;
use lynx_tests::run::{build, play_to_end, run};

fn number(element: &gst::Element, field: &str) -> u64 {
    let stats = element.property::<gst::Structure>("stats");
    stats
        .get(field)
        .unwrap_or_else(|error| panic!("{}: {error}", element.name()))
}

#[test]
fn statistics_count_what_happened() {
    let (pipeline, _) = build(&format!(
        "videotestsrc pattern=black num-buffers=7 ! video/x-raw,format=I420,width=64,height=64,framerate=25/1 \
         ! lynxpreprocess name=preprocess ! lynxinfer name=infer model={} inference-interval=3 \
         ! lynxtrack name=track ! lynxoverlay name=overlay ! lynxpublish name=publish location=/dev/null \
         ! fakesink",
        tiny("yolov8-fixed")
    ));
    let infer = pipeline.by_name("infer").unwrap();
    assert_eq!(infer.property::<String>("active-execution-provider"), "");
    play_to_end(&pipeline);

    assert_eq!(infer.property::<String>("active-execution-provider"), "cpu");
    let reasons = infer.property::<String>("model-info");
    assert!(
        reasons.contains("family yolov8 with 2 classes"),
        "{reasons}"
    );
    for (element, field, expected) in [
        ("preprocess", "frames", 3),
        ("preprocess", "skipped", 4),
        ("infer", "frames", 7),
        ("infer", "inferred", 3),
        ("infer", "skipped", 4),
        ("infer", "objects", 6),
        ("track", "frames", 7),
        ("track", "predicted", 4),
        ("track", "tracks", 2),
        ("track", "identities", 2),
        ("overlay", "frames", 7),
        ("overlay", "objects", 14),
        ("publish", "frames", 7),
    ] {
        let found = number(&pipeline.by_name(element).unwrap(), field);
        assert_eq!(found, expected, "{element}: {field}");
    }
    assert!(number(&infer, "inference-time") > 0);
    pipeline.set_state(gst::State::Null).unwrap();
}

#[test]
fn a_threshold_set_while_playing_holds_from_the_next_frame_on() {
    let (pipeline, seen) = build(&format!(
        "videotestsrc pattern=black num-buffers=6 ! video/x-raw,format=I420,width=64,height=64 \
         ! identity name=before ! lynxinfer name=infer model={} ! fakesink name=out",
        tiny("yolov8-fixed")
    ));
    let infer = pipeline.by_name("infer").unwrap().downgrade();
    let pad = pipeline
        .by_name("before")
        .unwrap()
        .static_pad("src")
        .unwrap();
    let count = AtomicUsize::new(0);
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        if let (3, Some(infer)) = (count.fetch_add(1, Ordering::Relaxed), infer.upgrade()) {
            infer.set_property("threshold", 0.85f32);
        }
        gst::PadProbeReturn::Ok
    });
    play_to_end(&pipeline);
    pipeline.set_state(gst::State::Null).unwrap();
    let counts: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|s| s.objects.len())
        .collect();
    assert_eq!(counts, [2, 2, 2, 1, 1, 1]);
}

/// How many bytes of a black frame an overlay with these properties changes.
fn drawn(properties: &str) -> usize {
    let path = std::env::temp_dir().join(format!("lynx-drawn-{}", std::process::id()));
    let outcome = run(&format!(
        "videotestsrc pattern=black num-buffers=1 ! video/x-raw,format=RGB,width=640,height=480 \
         ! lynxinfer model={} threshold=0.85 ! lynxtrack ! lynxoverlay {properties} ! filesink location={}",
        tiny("yolov8-fixed"),
        path.display()
    ));
    assert_eq!(outcome.errors, [""; 0]);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(bytes.len(), 640 * 480 * 3);
    bytes.iter().filter(|b| **b != 0).count()
}

#[test]
fn the_overlay_draws_what_it_is_told_to() {
    let neither = drawn("draw-labels=false draw-tracking-labels=false");
    let identity = drawn("draw-labels=false");
    let label = drawn("draw-tracking-labels=false");
    let both = drawn("");
    assert!(neither > 0);
    assert!(
        neither < identity && identity < label && label < both,
        "{neither} {identity} {label} {both}"
    );
    let thick = drawn("draw-labels=false draw-tracking-labels=false thickness=10");
    assert!(thick > 3 * neither, "{thick} {neither}");
}

#[test]
fn no_tensor_is_copied_between_preprocessing_and_the_model() {
    for elements in [
        format!(
            "lynxpreprocess ! queue ! lynxinfer name=infer model={}",
            tiny("bright-box")
        ),
        format!("lynxinfer name=infer model={} nireq=2", tiny("bright-box")),
        format!(
            "lynxpreprocess ! lynxinfer name=infer model={} batch-size=4",
            tiny("bright-box")
        ),
    ] {
        let outcome = run(&format!(
            "videotestsrc num-buffers=40 ! video/x-raw,format=NV12,width=64,height=48 \
             ! {elements} ! fakesink name=out"
        ));
        assert_eq!(outcome.errors, [""; 0], "{elements}");
        let counted = ["inferred", "copies", "engine-copies"].map(|field| outcome.counted(field));
        assert_eq!(counted, [40, 0, 0], "{elements}");
    }
}
