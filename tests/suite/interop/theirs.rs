// SPDX-License-Identifier: MIT OR Apache-2.0
//! What elements of others detect, in ours.

use std::fs;

use gst::prelude::*;
use lynx_geometry::Rect;
use lynx_tests::places::tiny;

use super::{CAR, PERSON, assert_tracked, labels, lit, play, ssd_labels, stop};

/// Model, decoder, and what they find.
type Decoded = (&'static str, &'static str, &'static [(&'static str, Rect)]);

const DECODED: &[Decoded] = &[
    (
        "ssd",
        "ssdobjectdetector label-file={ssd-labels}",
        &[("person", PERSON), ("car", CAR)],
    ),
    #[cfg(feature = "v1_28")]
    (
        "ssd",
        "ssdtensordec label-file={ssd-labels}",
        &[("person", PERSON), ("car", CAR)],
    ),
    #[cfg(feature = "v1_28")]
    (
        "yolov8-fixed",
        "yolov8tensordec label-file={labels}",
        &[("person", PERSON), ("car", CAR)],
    ),
    #[cfg(feature = "v1_28")]
    (
        "face",
        "ultralightfacedetectortensordec",
        &[("face", PERSON)],
    ),
    #[cfg(feature = "v1_28")]
    (
        "segment-task",
        "yolosegv8tensordec label-file={labels}",
        &[("person", PERSON)],
    ),
];

#[test]
fn what_others_detect_is_tracked_drawn_and_published() {
    for (model, decoder, expected) in DECODED {
        let decoder = decoder
            .replace("{labels}", &labels())
            .replace("{ssd-labels}", &ssd_labels());
        let lines = std::env::temp_dir().join(format!("lynx-{}-{model}.jsonl", std::process::id()));
        let (pipeline, seen, pixels) = play(&format!(
            "onnxinference model-file={} ! {decoder} ! lynxtrack name=track ! lynxoverlay name=overlay \
             ! lynxpublish location={}",
            tiny(model),
            lines.display()
        ));
        let count = |element: &str, what: &str| {
            let element = pipeline.by_name(element).unwrap();
            element
                .property::<gst::Structure>("stats")
                .get::<u64>(what)
                .unwrap()
        };
        assert_tracked(&seen, expected);
        let objects = expected.len() as u64;
        assert_eq!(count("track", "identities"), objects, "{decoder}");
        assert_eq!(count("overlay", "objects"), 4 * objects, "{decoder}");
        stop(&pipeline);
        for (_, place) in *expected {
            let corner = (place.x as usize, place.y as usize + 15);
            let corner = (corner.0, corner.1.min(place.bottom() as usize - 1));
            assert!(
                lit(&pixels).contains(&corner),
                "{decoder}: no box at {corner:?}"
            );
        }
        let published = fs::read_to_string(&lines).unwrap();
        fs::remove_file(&lines).unwrap();
        let last: serde_json::Value =
            serde_json::from_str(published.lines().last().unwrap()).unwrap();
        let published: Vec<_> = last["objects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o["id"].as_u64())
            .collect();
        assert_eq!(
            published,
            (1..=objects).map(Some).collect::<Vec<_>>(),
            "{decoder}"
        );
    }
}

#[cfg(feature = "v1_28")]
#[test]
fn masks_of_others_are_drawn() {
    let pixels = |masks: bool| {
        let (pipeline, _, pixels) = play(&format!(
            "onnxinference model-file={} ! yolosegv8tensordec ! lynxoverlay draw-labels=false draw-masks={masks}",
            tiny("segment-task")
        ));
        stop(&pipeline);
        lit(&pixels)
    };
    let (without, with) = (pixels(false), pixels(true));
    let tinted: Vec<_> = with.iter().filter(|p| !without.contains(p)).collect();
    // The person is 4..12; the mask is its left half.
    assert!(tinted.len() > 20, "{tinted:?}");
    assert!(
        tinted
            .iter()
            .all(|(x, y)| (4..8).contains(x) && (8..24).contains(y)),
        "{tinted:?}"
    );
}
