// SPDX-License-Identifier: MIT OR Apache-2.0
//! Encoders and muxers behind our elements: they pass over what travels on a frame.

use std::fs;

use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::run::run;

/// Frames with objects in all forms, tensors and the frame's own metadata on them.
fn source() -> String {
    let tensors = cfg!(feature = "v1_26");
    format!(
        "videotestsrc num-buffers=5 ! video/x-raw,format=I420,width=32,height=32,framerate=25/1 \
         ! lynxinfer model={} threshold=0.1 roi-meta=true output-tensor-meta={tensors} ! lynxtrack \
         ! lynxpreprocess tensor-width=32 tensor-height=32",
        tiny("yolov8-fixed")
    )
}

#[test]
fn the_source_of_these_tests_has_it_all() {
    let outcome = run(&format!("{} ! fakesink name=out", source()));
    assert_eq!((outcome.errors, outcome.warnings), (vec![], vec![]));
    for frame in &outcome.frames {
        assert_eq!(
            (frame.objects.len(), frame.inference),
            (2, Some(Inference::Ran))
        );
    }
}

#[test]
fn no_encoder_and_no_muxer_warns_of_it() {
    for encode in [
        "x264enc tune=zerolatency ! h264parse ! mp4mux",
        "x264enc tune=zerolatency ! h264parse ! matroskamux",
        "x264enc tune=zerolatency ! h264parse ! mpegtsmux",
        "x264enc tune=zerolatency ! h264parse ! flvmux",
        "x264enc tune=zerolatency ! rtph264pay",
        "vp8enc deadline=1 ! webmmux",
        "jpegenc ! avimux",
    ] {
        let outcome = run(&format!("{} ! {encode} ! fakesink", source()));
        let said = (outcome.errors, outcome.warnings);
        assert_eq!(said, (vec![], vec![]), "{encode}");
    }
}

#[test]
fn nothing_of_it_is_in_a_file() {
    for mux in ["mp4mux", "matroskamux", "mpegtsmux"] {
        let file = std::env::temp_dir().join(format!("lynx-{}-{mux}", std::process::id()));
        let path = file.display();
        let written = run(&format!(
            "{} ! x264enc tune=zerolatency ! h264parse ! {mux} ! filesink location={path}",
            source()
        ));
        let read = run(&format!(
            "filesrc location={path} ! decodebin ! videoconvert ! video/x-raw,format=I420 ! fakesink name=out"
        ));
        fs::remove_file(&file).unwrap();
        assert_eq!((written.errors, read.errors), (vec![], vec![]), "{mux}");
        assert_eq!(read.frames.len(), 5, "{mux}");
        for frame in read.frames {
            assert_eq!((frame.inference, frame.objects), (None, vec![]), "{mux}");
        }
    }
}
