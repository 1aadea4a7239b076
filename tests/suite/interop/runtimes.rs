// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two ONNX Runtimes in one process.

use std::fs;

use lynx_tests::places::tiny;
use lynx_tests::run::run;

use super::{CAR, PERSON, SOURCE, ssd_labels};

/// Each has an ONNX Runtime of its own: `onnxinference` the one that it is linked with, Lynx the
/// one of ORT_DYLIB_PATH, which is another version.
#[test]
fn two_onnx_runtimes_in_one_process() {
    let onnx = format!("onnxinference model-file={}", tiny("ssd"));
    let lynx = format!("lynxinfer model={}", tiny("yolov8-fixed"));
    let decoder = format!("ssdobjectdetector label-file={}", ssd_labels());
    for line in [
        format!("{lynx} ! {onnx} ! {decoder}"),
        format!("{onnx} ! {decoder} ! {lynx}"),
    ] {
        for _ in 0..3 {
            let outcome = run(&format!("{SOURCE} ! {line} ! fakesink name=out"));
            assert_eq!(
                (&outcome.errors[..], &outcome.warnings[..]),
                (&[][..], &[][..]),
                "{line}"
            );
            for frame in &outcome.frames {
                let mut places: Vec<_> = frame.objects.iter().map(|o| o.rect).collect();
                places.sort_by(|a, b| a.x.total_cmp(&b.x));
                assert_eq!(places, [PERSON, PERSON, CAR, CAR], "{line}");
            }
        }
    }
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut loaded: Vec<_> = maps
        .lines()
        .filter_map(|l| l.split_whitespace().nth(5))
        .filter(|path| path.contains("libonnxruntime.so"))
        .collect();
    loaded.dedup();
    assert_eq!(loaded.len(), 2, "{loaded:?}");
}
