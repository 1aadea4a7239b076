// SPDX-License-Identifier: MIT OR Apache-2.0
//! When inference runs: `lynxmotiongate`, `inference-interval` and `max-rate`, in whole pipelines.

use std::sync::atomic::{AtomicU64, Ordering};

use gst::prelude::*;
use gst_check::Harness;
use gst_video::{VideoCropMeta, VideoFormat, VideoMeta};
use lynx_geometry::Rect;
use lynx_meta::{Inference, Motion, frame};
use lynx_tests::places::{clip, tiny};
use lynx_tests::run::{Seen, build, init, play_to_end};

/// `count` frames of a test pattern at 25 frames a second.
fn source(pattern: &str, count: u32) -> String {
    format!(
        "videotestsrc pattern={pattern} num-buffers={count} \
         ! video/x-raw,format=NV12,width=160,height=120,framerate=25/1"
    )
}

/// A number of an element's statistics.
fn stat(pipeline: &gst::Pipeline, element: &str, field: &str) -> u64 {
    let element = pipeline.by_name(element).unwrap();
    let stats = element.property::<gst::Structure>("stats");
    stats.get(field).unwrap()
}

/// Plays `elements` between a source and a sink to the end; the pipeline still has its numbers.
fn play(source: &str, elements: &str) -> (gst::Pipeline, Vec<Seen>) {
    let line = format!("{source} ! {elements} ! fakesink name=out");
    let (pipeline, seen) = build(&line);
    assert_eq!(play_to_end(&pipeline), [""; 0], "{line}");
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (pipeline, seen)
}

fn stop(pipeline: gst::Pipeline) {
    pipeline.set_state(gst::State::Null).unwrap();
}

/// The numbers of the frames that inference ran on.
fn ran(seen: &[Seen]) -> Vec<usize> {
    let numbers = seen.iter().enumerate();
    numbers
        .filter(|(_, frame)| frame.inference == Some(Inference::Ran))
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn on_an_empty_street_only_refreshes_are_inferred() {
    for before in ["", "lynxpreprocess name=preprocess ! queue !"] {
        let (pipeline, seen) = play(
            &source("black", 250),
            &format!(
                "lynxmotiongate name=gate hold=0 refresh-interval=2000 ! {before} \
                 lynxinfer name=infer model={}",
                tiny("yolov8-fixed")
            ),
        );
        assert_eq!(ran(&seen), [0, 50, 100, 150, 200]);
        for (field, expected) in [
            ("frames", 250),
            ("inferred", 5),
            ("skipped", 245),
            ("still", 245),
        ] {
            assert_eq!(stat(&pipeline, "infer", field), expected, "{field}");
        }
        for (field, expected) in [
            ("frames", 250),
            ("still", 245),
            ("moving", 5),
            ("refreshed", 4),
        ] {
            assert_eq!(stat(&pipeline, "gate", field), expected, "{field}");
        }
        if !before.is_empty() {
            assert_eq!(stat(&pipeline, "preprocess", "frames"), 5, "tensors");
            assert_eq!(stat(&pipeline, "preprocess", "skipped"), 245);
        }
        stop(pipeline);
    }
}

#[test]
fn what_moves_is_inferred_in_every_format() {
    init();
    for format in lynx_meta::video::FORMATS {
        let (pipeline, seen) = play(
            &format!(
                "videotestsrc pattern=ball num-buffers=30 ! video/x-raw,format=I420,width=162,height=122,framerate=25/1 \
                 ! videoconvert ! video/x-raw,format={}",
                format.to_str()
            ),
            &format!(
                "lynxmotiongate hold=0 min-frames=1 refresh-interval=0 ! lynxinfer model={}",
                tiny("yolov8-fixed")
            ),
        );
        let ran = ran(&seen).len();
        assert!(ran >= 29, "{format}: {ran} of 30");
        stop(pipeline);
    }
}

#[test]
fn the_region_is_where_the_ball_is() {
    let (pipeline, _) = build(&format!(
        "{} ! lynxmotiongate hold=0 min-frames=1 ! fakesink name=probed",
        source("ball", 60)
    ));
    let pad = pipeline
        .by_name("probed")
        .unwrap()
        .static_pad("sink")
        .unwrap();
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let buffer = info.buffer().unwrap();
        let motion = frame::motion(buffer, (160, 120)).unwrap();
        // The ball is what is bright.
        let map = buffer.map_readable().unwrap();
        let bright = |i: &usize| map[*i] > 128;
        let (xs, ys): (Vec<_>, Vec<_>) = (0..160 * 120)
            .filter(bright)
            .map(|i| (i % 160, i / 160))
            .unzip();
        let side = |v: &[usize]| {
            (
                *v.iter().min().unwrap() as f32,
                *v.iter().max().unwrap() as f32,
            )
        };
        if let Some(region) = motion.region {
            let (x, y) = (side(&xs), side(&ys));
            assert!(region.x <= x.0 && region.right() > x.1, "{region:?} {x:?}");
            assert!(region.y <= y.0 && region.bottom() > y.1, "{region:?} {y:?}");
            assert!(region.area() < 160.0 * 120.0 * 0.7, "{region:?}");
        } else {
            assert_eq!(buffer.pts(), Some(gst::ClockTime::ZERO), "all new");
        }
        gst::PadProbeReturn::Ok
    });
    play_to_end(&pipeline);
    stop(pipeline);
}

#[test]
fn pedestrians_keep_the_gate_open() {
    let (pipeline, seen) = play(
        &format!("filesrc location={} ! avidemux ! avdec_msmpeg4", clip()),
        "lynxmotiongate name=gate refresh-interval=0",
    );
    assert_eq!(seen.len(), 795);
    let moving = stat(&pipeline, "gate", "moving");
    assert!(moving >= 790, "{moving} of 795");
    stop(pipeline);
}

#[test]
fn a_tensor_is_made_only_of_frames_that_are_due() {
    let model = tiny("yolov8-fixed");
    for (properties, expected) in [
        ("inference-interval=3", 25),
        ("max-rate=5", 15),
        ("inference-interval=4 max-rate=5", 15), // the fourth frame comes too early
    ] {
        let (pipeline, seen) = play(
            &source("black", 75),
            &format!(
                "lynxpreprocess name=preprocess ! queue ! lynxinfer name=infer model={model} {properties}"
            ),
        );
        let alone = play(
            &source("black", 75),
            &format!("lynxinfer model={model} {properties}"),
        );
        assert_eq!(ran(&seen), ran(&alone.1), "{properties}");
        assert_eq!(ran(&seen).len(), expected, "{properties}");
        let made = stat(&pipeline, "preprocess", "frames");
        assert_eq!(made as usize, expected, "{properties}");
        assert!(seen.iter().all(|f| f.inference.is_some()));
        stop(pipeline);
        stop(alone.0);
    }
}

#[test]
fn a_rate_is_frames_a_second_of_the_stream_not_of_the_wall_clock() {
    for rate in [30, 25, 50, 12] {
        let source = format!(
            "videotestsrc pattern=black num-buffers={} ! video/x-raw,format=I420,width=64,height=64,framerate={rate}/1",
            10 * rate
        );
        let infer = format!("lynxinfer model={} max-rate=5", tiny("yolov8-fixed"));
        let (pipeline, seen) = play(&source, &infer);
        assert_eq!(ran(&seen).len(), 50, "{rate} frames a second");
        stop(pipeline);
    }
}

#[test]
fn each_of_two_detectors_keeps_its_own_schedule() {
    let model = tiny("yolov8-fixed");
    let (pipeline, _) = play(
        &source("black", 30),
        &format!(
            "lynxpreprocess name=p1 ! lynxinfer name=i1 model={model} inference-interval=5 \
             ! lynxpreprocess name=p2 ! lynxinfer name=i2 model={model} inference-interval=3 \
             ! lynxinfer name=i3 model={model} inference-interval=2"
        ),
    );
    for (element, field, expected) in [
        ("p1", "frames", 6),
        ("i1", "inferred", 6),
        ("p2", "frames", 10),
        ("i2", "inferred", 10),
        ("i3", "inferred", 15),
    ] {
        assert_eq!(stat(&pipeline, element, field), expected, "{element}");
    }
    stop(pipeline);
}

#[test]
fn an_interval_set_while_playing_reaches_the_preprocessor() {
    let (pipeline, seen) = build(&format!(
        "{} ! identity name=before ! lynxpreprocess name=preprocess ! lynxinfer name=infer model={} ! fakesink name=out",
        source("black", 20),
        tiny("yolov8-fixed")
    ));
    let infer = pipeline.by_name("infer").unwrap().downgrade();
    let pad = pipeline
        .by_name("before")
        .unwrap()
        .static_pad("src")
        .unwrap();
    let count = AtomicU64::new(0);
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        if let Some(infer) = infer.upgrade() {
            match count.fetch_add(1, Ordering::Relaxed) {
                5 => infer.set_property("inference-interval", 4u32),
                15 => infer.set_property("inference-interval", 1u32),
                _ => (),
            }
        }
        gst::PadProbeReturn::Ok
    });
    play_to_end(&pipeline);
    assert_eq!(
        ran(&seen.lock().unwrap()),
        [0, 1, 2, 3, 4, 5, 9, 13, 15, 16, 17, 18, 19]
    );
    assert_eq!(stat(&pipeline, "preprocess", "frames"), 13);
    stop(pipeline);
}

/// Identities on each frame, in ascending order.
fn identities(seen: &[Seen]) -> Vec<Vec<u64>> {
    let of_frame = |frame: &Seen| {
        let ids = frame.objects.iter().filter_map(|o| Some(o.identity?.id));
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids
    };
    seen.iter().map(of_frame).collect()
}

#[test]
fn what_stands_still_keeps_its_identity_from_refresh_to_refresh() {
    let model = tiny("yolov8-fixed");
    // Ten seconds of which the model sees three frames.
    let (pipeline, seen) = play(
        &source("black", 250),
        &format!(
            "lynxmotiongate hold=0 refresh-interval=4000 ! lynxinfer model={model} threshold=0.1 ! lynxtrack"
        ),
    );
    assert_eq!(ran(&seen), [0, 100, 200]);
    assert_eq!(identities(&seen), vec![vec![1, 2]; 250]);
    stop(pipeline);
    // As few frames of a street where things may well move: who was not seen for long is lost.
    let (pipeline, seen) = play(
        &source("black", 250),
        &format!("lynxinfer model={model} threshold=0.1 inference-interval=100 ! lynxtrack"),
    );
    assert_eq!(ran(&seen), [0, 100, 200]);
    assert!(identities(&seen)[60].is_empty());
    stop(pipeline);
}

fn harness(properties: &str, caps: &str) -> Harness {
    init();
    let mut harness = Harness::new_parse(&format!("lynxmotiongate name=gate {properties}"));
    harness.set_src_caps_str(&format!("video/x-raw,framerate=25/1,{caps}"));
    harness
}

/// What the gate says of a grey picture with a square.
fn look(harness: &mut Harness, number: u64, square: Option<usize>) -> Motion {
    let mut pixels = vec![100; 64 * 48];
    for row in square.into_iter().flat_map(|_| 10..20) {
        pixels[row * 64 + square.unwrap()..][..10].fill(200);
    }
    let mut buffer = gst::Buffer::from_slice(pixels);
    let pts = gst::ClockTime::from_mseconds(40 * number);
    buffer.make_mut().set_pts(pts);
    let out = harness.push_and_pull(buffer).unwrap();
    frame::motion(&out, (64, 48)).unwrap()
}

#[test]
fn after_a_flush_and_with_other_caps_the_picture_is_new() {
    let caps = "format=GRAY8,width=64,height=48";
    let mut h = harness("hold=0", caps);
    let moving = |h: &mut Harness, number| look(h, number, None).moving;
    assert!(moving(&mut h, 0));
    assert!(!moving(&mut h, 1));
    h.push_event(gst::event::FlushStart::new());
    h.push_event(gst::event::FlushStop::new(true));
    h.push_event(gst::event::Segment::new(&gst::FormattedSegment::<
        gst::ClockTime,
    >::new()));
    assert!(moving(&mut h, 2), "after a flush");
    assert!(!moving(&mut h, 3));
    h.set_src_caps_str(&format!("video/x-raw,framerate=5/1,{caps}"));
    assert!(moving(&mut h, 4), "with other caps");
    assert!(!moving(&mut h, 5));
    assert!(moving(&mut h, 0), "after a jump back");
}

#[test]
fn properties_set_while_playing_hold_from_the_next_frame_on() {
    let mut h = harness(
        "hold=0 min-frames=1 min-area=1",
        "format=GRAY8,width=64,height=48",
    );
    let bin = h.element().unwrap().downcast::<gst::Bin>().unwrap();
    let gate = bin.by_name("gate").unwrap();
    look(&mut h, 0, None);
    assert!(!look(&mut h, 1, Some(10)).moving);
    gate.set_property("min-area", 0.01f32);
    assert!(look(&mut h, 2, Some(20)).moving);
    gate.set_property("threshold", 120u32);
    assert!(!look(&mut h, 3, Some(30)).moving);
}

#[test]
fn only_the_decoders_crop_is_looked_at() {
    let mut h = harness("hold=0 min-frames=1", "format=GRAY8,width=64,height=48");
    let mut look = |number: u64, square: (usize, usize)| {
        let mut pixels = vec![100; 128 * 96];
        for y in square.1..square.1 + 10 {
            pixels[y * 128 + square.0..][..10].fill(220);
        }
        let mut buffer = gst::Buffer::from_slice(pixels);
        let writable = buffer.make_mut();
        writable.set_pts(gst::ClockTime::from_mseconds(40 * number));
        VideoMeta::add(
            writable,
            gst_video::VideoFrameFlags::empty(),
            VideoFormat::Gray8,
            128,
            96,
        )
        .unwrap();
        VideoCropMeta::add(writable, (32, 16, 64, 48));
        let out = h.push_and_pull(buffer).unwrap();
        frame::motion(&out, (64, 48)).unwrap()
    };
    look(0, (0, 0));
    assert!(!look(1, (0, 40)).moving, "left of it");
    assert!(!look(2, (100, 80)).moving, "right of it");
    let motion = look(3, (42, 36));
    // A block is a pixel here.
    assert_eq!(motion.region, Some(Rect::new(9.0, 19.0, 12.0, 12.0)));
}

#[test]
fn a_truncated_frame_is_an_error_and_no_panic() {
    for (format, bytes) in [("NV12", 64 * 48), ("GRAY8", 64 * 48 - 1), ("RGB", 100)] {
        let mut h = harness("", &format!("format={format},width=64,height=48"));
        let result = h.push(gst::Buffer::with_size(bytes).unwrap());
        assert_eq!(result, Err(gst::FlowError::Error), "{format}");
    }
}
