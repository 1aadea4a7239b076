// SPDX-License-Identifier: MIT OR Apache-2.0
//! Regions of interest in DL Streamer's form, in both directions, field by field: its elements
//! read and write `detection` and `object_id` structures on `GstVideoRegionOfInterestMeta`.

use gst::prelude::*;
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_tests::places::tiny;
use lynx_tests::run::{build, play_to_end};

const CAPS: &str = "video/x-raw,format=RGB,width=64,height=64,framerate=25/1";

/// As `gvadetect ! gvatrack` leave a frame.
fn detected(buffer: &mut gst::BufferRef) {
    // And a bare one, as GStreamer's own functions make it.
    RoiMeta::add(buffer, "face", (4, 2, 8, 8));
    let mut region = RoiMeta::add(buffer, "vehicle", (16, 20, 32, 24));
    region.set_id(3);
    let detection = gst::Structure::builder("detection")
        .field("confidence", 0.75f64)
        .field("label_id", 2i32)
        .field("x_min", 0.25f64)
        .field("x_max", 0.75f64)
        .field("y_min", 0.3125f64)
        .field("y_max", 0.6875f64);
    region.add_param(detection.build());
    region.add_param(
        gst::Structure::builder("object_id")
            .field("id", 9i32)
            .build(),
    );
}

#[test]
fn theirs_are_drawn_tracked_and_published() {
    for (track, id) in [("identity", 9), ("lynxtrack", 2)] {
        let file = std::env::temp_dir().join(format!("lynx-{}-{track}.jsonl", std::process::id()));
        let (pipeline, seen) = build(&format!(
            "videotestsrc pattern=black num-buffers=3 ! {CAPS} ! identity name=theirs ! {track} \
             ! lynxoverlay draw-labels=false draw-tracking-labels=false ! lynxpublish location={} \
             ! fakesink name=out enable-last-sample=true",
            file.display()
        ));
        let pad = pipeline
            .by_name("theirs")
            .unwrap()
            .static_pad("src")
            .unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, |_, info| {
            detected(info.buffer_mut().unwrap().make_mut());
            gst::PadProbeReturn::Ok
        });
        play_to_end(&pipeline);
        let out = pipeline.by_name("out").unwrap();
        let last = out.property::<gst::Sample>("last-sample");
        let pixels = last.buffer().unwrap().map_readable().unwrap().to_vec();
        pipeline.set_state(gst::State::Null).unwrap();
        for frame in seen.lock().unwrap().iter() {
            let [bare, object] = frame.objects[..] else {
                panic!("{:?}", frame.objects)
            };
            assert_eq!((bare.label, bare.class, bare.score), ("face", None, 1.0));
            assert_eq!(bare.identity.is_some(), track == "lynxtrack");
            assert_eq!(
                (object.label, object.class, object.score),
                ("vehicle", Some(2), 0.75)
            );
            assert_eq!(object.identity.unwrap().id, id, "{track}");
        }
        let lit = |x: usize, y: usize| pixels[(y * 64 + x) * 3..][..3] != [0, 0, 0];
        assert!(lit(16, 20) && lit(47, 43) && lit(4, 2), "no box is drawn");
        assert!(!lit(32, 32) && !lit(8, 50), "nor is anything else");
        let published = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        let message: serde_json::Value =
            serde_json::from_str(published.lines().last().unwrap()).unwrap();
        let [bare, object] = [0, 1].map(|i| &message["objects"][i]);
        assert_eq!(
            (&bare["label"], &bare["class"]),
            (&"face".into(), &serde_json::Value::Null)
        );
        let found = (
            &object["label"],
            &object["class"],
            &object["score"],
            &object["id"],
        );
        let expected = ("vehicle".into(), 2.into(), 0.75.into(), id.into());
        assert_eq!(found, (&expected.0, &expected.1, &expected.2, &expected.3));
        assert_eq!(object["box"], serde_json::json!([16.0, 20.0, 32.0, 24.0]));
    }
}

#[test]
fn ours_have_their_fields() {
    let (pipeline, _) = build(&format!(
        "videotestsrc num-buffers=2 ! {CAPS} ! lynxinfer model={} threshold=0.1 roi-meta=true \
         ! lynxtrack ! fakesink name=out enable-last-sample=true",
        tiny("yolov8-fixed")
    ));
    play_to_end(&pipeline);
    let out = pipeline.by_name("out").unwrap();
    let last = out.property::<gst::Sample>("last-sample");
    pipeline.set_state(gst::State::Null).unwrap();
    let buffer = last.buffer().unwrap();
    let regions: Vec<_> = buffer.iter_meta::<RoiMeta>().collect();
    let expected = [
        (
            "person",
            (8, 16, 16, 32),
            0.9,
            0,
            [0.125, 0.375, 0.25, 0.75],
        ),
        ("car", (36, 32, 24, 16), 0.8, 1, [0.5625, 0.9375, 0.5, 0.75]),
    ];
    assert_eq!(regions.len(), expected.len());
    for (index, (region, (label, rect, confidence, class, corners))) in
        regions.iter().zip(expected).enumerate()
    {
        assert_eq!(
            (region.roi_type(), region.rect(), region.parent_id()),
            (label, rect, -1)
        );
        let detection = region.param("detection").unwrap();
        let number = |field: &str| detection.get::<f64>(field).unwrap();
        assert!((number("confidence") - confidence).abs() < 1e-6);
        assert_eq!(detection.get::<i32>("label_id"), Ok(class));
        let found = ["x_min", "x_max", "y_min", "y_max"].map(number);
        assert!(
            found.iter().zip(corners).all(|(a, b)| (a - b).abs() < 1e-6),
            "{found:?}"
        );
        let id = region.param("object_id").unwrap().get::<i32>("id");
        assert_eq!(id, Ok(index as i32 + 1));
    }
}
