// SPDX-License-Identifier: MIT OR Apache-2.0
//! What we detect, in elements and programs of others.

use std::process::Command;

use gst::prelude::*;
use lynx_tests::places::{root, tiny};

use super::{CAR, PERSON, lit, play, stop};

#[test]
fn ours_are_drawn_by_objectdetectionoverlay() {
    let drawn = |model: &str| {
        let line = format!(
            "lynxinfer model={} ! videoconvert ! objectdetectionoverlay draw-labels=false ! videoconvert \
             ! video/x-raw,format=RGB",
            tiny(model)
        );
        let (pipeline, _, pixels) = play(&line);
        stop(&pipeline);
        lit(&pixels)
    };
    assert_eq!(drawn("yolov8-bright"), [], "nobody is in a black frame");
    let lit = drawn("yolov8-fixed");
    for place in [PERSON, CAR] {
        let near = |p: &&(usize, usize)| {
            let (dx, dy) = (p.0 as f32 - place.x, p.1 as f32 - place.y);
            (-2.0..place.w + 2.0).contains(&dx) && (-2.0..place.h + 2.0).contains(&dy)
        };
        assert!(
            lit.iter().filter(near).count() > 20,
            "no box around {place:?}: {lit:?}"
        );
    }
}

#[cfg(feature = "v1_28")]
#[test]
fn ours_are_tracked_by_ioutracker() {
    let (pipeline, seen, _) = play(&format!(
        "lynxinfer model={} ! ioutracker",
        tiny("yolov8-fixed")
    ));
    stop(&pipeline);
    let ids: Vec<Vec<_>> = seen
        .iter()
        .map(|f| f.objects.iter().map(|o| o.identity.map(|i| i.id)).collect())
        .collect();
    assert!(
        ids[0].len() == 2 && ids[0].iter().all(Option::is_some) && ids[0][0] != ids[0][1],
        "{ids:?}"
    );
    assert!(ids.iter().all(|frame| *frame == ids[0]), "{ids:?}");
}

/// `tensordecodebin` chooses by what `lynxinfer` announces in the caps; the second model leaves the
/// dimensions of its output open.
#[cfg(feature = "v1_28")]
#[test]
fn our_output_tensors_are_decoded_by_others() {
    let labels = super::labels();
    let both: &[_] = &[("person", PERSON), ("car", CAR)];
    for (model, decoder, expected) in [
        (
            "yolov8-fixed",
            format!("yolov8tensordec label-file={labels}"),
            both,
        ),
        (
            "yolov8-fixed",
            "tensordecodebin".into(),
            &[("Yolo-None", PERSON), ("Yolo-None", CAR)],
        ),
        (
            "dynamic-hw",
            "tensordecodebin".into(),
            &[("Yolo-None", PERSON)],
        ),
    ] {
        let (pipeline, seen, _) = play(&format!(
            "lynxinfer model={} reshape-width=32 reshape-height=32 output-tensor-meta=true \
             max-detections=0 ! {decoder} ! lynxtrack",
            tiny(model)
        ));
        stop(&pipeline);
        super::assert_tracked(&seen, expected);
    }
}

#[test]
fn ours_become_onvif_metadata() {
    lynx_tests::run::init();
    gstrsanalytics::plugin_register_static().unwrap();
    let (pipeline, _, _) = play(&format!(
        "lynxinfer model={} threshold=0.1 ! lynxtrack ! relationmeta2onvifmeta",
        tiny("yolov8-fixed")
    ));
    let sample = pipeline
        .by_name("out")
        .unwrap()
        .property::<gst::Sample>("last-sample");
    let meta =
        gst::meta::CustomMeta::from_buffer(sample.buffer().unwrap(), "OnvifXMLFrameMeta").unwrap();
    let frames = meta.structure().get::<gst::BufferList>("frames").unwrap();
    let xml = frames.get(0).unwrap().map_readable().unwrap().to_vec();
    stop(&pipeline);
    let xml = String::from_utf8(xml).unwrap();
    for part in [
        "BoundingBox",
        ">person<",
        ">car<",
        "left=\"4\"",
        "bottom=\"24\"",
        "Likelihood=\"0.8\"",
    ] {
        assert!(xml.contains(part), "no {part} in {xml}");
    }
}

#[test]
fn python_reads_our_objects_by_introspection() {
    let output = Command::new("/usr/bin/python3")
        .arg(root().join("tests/python/objects.py"))
        .arg(tiny("yolov8-fixed"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let expected = "person 4 8 8 16 0.90 class person identity 1\n\
                    car 18 16 12 8 0.80 class car identity 2\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
