// SPDX-License-Identifier: MIT OR Apache-2.0
//! The benchmarks of the engine run and say what they measured. How fast is of no matter here.

use std::process::Command;

use lynx_tests::places::tiny;
use serde_json::Value;

fn bench(options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_engine"))
        .args(options)
        .arg("--json")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{options:?}: {error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn positive(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number > 0.0)
}

#[test]
fn pipelines_are_measured_beside_every_bare_loop_and_other_programs() {
    let model = tiny("bright-box");
    let options = "throughput --streams 3 --batch 2 --rounds 1 --frames 20 --model";
    let mut options: Vec<_> = options.split(' ').collect();
    options.extend([&model, "--peer", "other=echo 12.5 frames/s"]);
    let result = bench(&options);
    assert!(positive(&result["ratio"]) && positive(&result["pipeline"]["fps"]));
    assert_eq!(result["pipeline"]["batch"], 2);
    let bare = result["bare"].as_array().unwrap();
    assert!(bare.iter().all(|one| positive(&one["fps"])), "{bare:?}");
    for batch in [1, 2] {
        assert!(bare.iter().any(|one| one["batch"] == batch), "{bare:?}");
    }
    assert_eq!(result["peers"][0]["fps"], 12.5);
}

#[test]
fn decoding_is_part_of_a_pipeline_from_the_file() {
    let options = "throughput --from file --rounds 1 --frames 20 --model";
    let model = tiny("yolov8-fixed");
    let options: Vec<_> = options.split(' ').chain([model.as_str()]).collect();
    let result = bench(&options);
    assert_eq!(result["from"], "file");
    assert!(positive(&result["pipeline"]["fps"]));
}

#[test]
fn what_lynxinfer_adds_is_measured_with_one_and_with_sixteen() {
    let result = bench(&["overhead", "--rounds", "1", "--frames", "50"]);
    let rows = result["rows"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["elements"], &rows[1]["elements"]),
        (&1.into(), &16.into())
    );
    assert!(rows.iter().all(|row| positive(&row["with_us"])), "{rows:?}");
}

#[test]
fn live_cameras_have_a_latency() {
    let model = tiny("yolov8-fixed");
    let options = "latency --streams 2 --rounds 1 --frames 20 --load 0.002 --model";
    let options: Vec<_> = options.split(' ').chain([model.as_str()]).collect();
    let result = bench(&options);
    assert!(positive(&result["latency_ms"]["p99"]));
    assert!(positive(&result["run_ms"]["p50"]));
}
