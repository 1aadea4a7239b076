// SPDX-License-Identifier: MIT OR Apache-2.0
//! Encoders and muxers behind our elements: they pass over what travels on a frame.

use std::fs;

use lynx_tests::places::tiny;
use lynx_tests::run::run;

/// Frames with all that can travel on one.
fn source() -> String {
    format!(
        "videotestsrc num-buffers=5 ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 \
         ! lynxinfer model={} threshold=0.1 roi-meta=true ! lynxtrack \
         ! lynxpreprocess tensor-width=32 tensor-height=32",
        tiny("yolov8-fixed")
    )
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
