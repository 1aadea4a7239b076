// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames in memory that is not mapped: what is drawn travels beside them. The memory is only said to
//! be GL's here: whoever maps it all the same would be seen by its bytes.

use gst::prelude::*;
use gst_check::Harness;
use gst_video::VideoOverlayCompositionMeta;

const BLENDED: &str = "meta:GstVideoOverlayComposition";

fn caps(features: &[&str]) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .features(features.iter().copied())
        .field("format", "RGBA")
        .field("width", 320)
        .field("height", 240)
        .field("framerate", gst::Fraction::new(25, 1))
        .build()
}

fn harness(properties: &str, after: &[&str]) -> Harness {
    lynx_tests::run::init();
    let mut harness = Harness::new_parse(&format!("lynxoverlay {properties}"));
    harness.set_sink_caps(caps(after));
    harness.set_src_caps(caps(&["memory:GLMemory"]));
    harness
}

fn frame() -> gst::Buffer {
    let mut buffer = gst::Buffer::from_slice([7; 320 * 240 * 4]);
    buffer.make_mut().set_pts(gst::ClockTime::ZERO);
    buffer
}

#[test]
fn what_is_drawn_travels_beside_the_frame_in_small_parts() {
    let mut harness = harness("zones=line:0,0.5;1,0.5", &["memory:GLMemory", BLENDED]);
    let out = harness.push_and_pull(frame()).unwrap();
    let pixels = out.map_readable().unwrap();
    assert!(
        pixels.iter().all(|byte| *byte == 7),
        "the frame is as it was"
    );
    let meta = out.meta::<VideoOverlayCompositionMeta>().unwrap();
    let mut area = 0;
    for rectangle in meta.overlay().iter() {
        let (x, y, width, height) = rectangle.render_rectangle();
        assert!(x >= 0 && x as u32 + width <= 320 && y >= 64 && y as u32 + height <= 160);
        assert!(height <= 32);
        area += width * height;
    }
    // The line and its name: not all of the frame.
    assert!(area > 0 && area <= 320 * 96, "{area}");
}

#[test]
fn others_overlays_stay() {
    lynx_tests::run::init();
    let two = "lynxoverlay zones=a:0,0.1;1,0.1 ! lynxoverlay zones=b:0,0.9;1,0.9";
    let mut harness = Harness::new_parse(two);
    harness.set_sink_caps(caps(&["memory:GLMemory", BLENDED]));
    harness.set_src_caps(caps(&["memory:GLMemory"]));
    let out = harness.push_and_pull(frame()).unwrap();
    let meta = out.meta::<VideoOverlayCompositionMeta>().unwrap();
    let rows: Vec<i32> = meta
        .overlay()
        .iter()
        .map(|r| r.render_rectangle().1)
        .collect();
    assert!(
        rows.iter().any(|y| *y < 60) && rows.iter().any(|y| *y > 180),
        "{rows:?}"
    );
}

#[test]
fn frames_that_nobody_can_be_hidden_in_are_not_taken() {
    let mut harness = harness("privacy-classes=person", &["memory:GLMemory", BLENDED]);
    assert_eq!(harness.push(frame()), Err(gst::FlowError::NotNegotiated));
    assert!(harness.try_pull().is_none());
}

/// Whether an element takes frames in GL memory.
fn takes_gl(element: &gst::Element) -> bool {
    let wanted = element.static_pad("sink").unwrap().query_caps(None);
    wanted
        .iter_with_features()
        .any(|(_, features)| features.contains("memory:GLMemory"))
}

#[test]
fn where_nobody_blends_only_frames_that_can_be_drawn_on_are_asked_for() {
    for after in [
        "fakesink",
        "tee ! fakesink",
        "queue ! videoconvert ! fakesink",
    ] {
        lynx_tests::run::init();
        let launch = format!("lynxoverlay name=overlay ! {after}");
        let pipeline = gst::parse::launch(&launch)
            .unwrap()
            .downcast::<gst::Pipeline>();
        let overlay = pipeline.unwrap().by_name("overlay").unwrap();
        assert!(!takes_gl(&overlay), "{after}");
    }
    let harness = harness("", &["memory:GLMemory", BLENDED]);
    let bin = harness.element().unwrap().downcast::<gst::Bin>().unwrap();
    let overlay = bin.children().remove(0);
    assert!(takes_gl(&overlay));
    overlay.set_property("privacy-classes", "person");
    assert!(!takes_gl(&overlay));
}
