// SPDX-License-Identifier: MIT OR Apache-2.0
//! Execution providers, each in a process of its own, because one ONNX Runtime is opened per
//! process. These run the built plugin under `gst-launch-1.0`, as people do.

use std::path::PathBuf;
use std::process::{Command, Output};

use lynx_tests::places::{prepared, root, tiny};

pub(crate) fn launch(library: Option<&str>, provider: &str) -> Output {
    let mut command = Command::new("gst-launch-1.0");
    command.args(["videotestsrc", "num-buffers=2", "!"]);
    command.args([
        "video/x-raw,format=I420,width=64,height=48",
        "!",
        "lynxinfer",
    ]);
    command.arg(format!("model={}", tiny("yolov8-fixed")));
    command.arg(format!("execution-provider={provider}"));
    command.args(["!", "lynxpublish", "!", "fakesink"]);
    if let Some(library) = library {
        command.env("ORT_DYLIB_PATH", library);
    }
    command.output().expect("gst-launch-1.0 runs")
}

pub(crate) fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(err)
}

#[test]
fn openvino_runs_and_says_so() {
    let output = launch(Some(&prepared("LYNX_ORT_OPENVINO")), "openvino");
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("\"provider\":\"openvino\""), "{text}");
    assert_eq!(text.matches("\"label\":\"person\"").count(), 2, "{text}");
}

#[test]
fn cpu_runs_from_the_openvino_package_too() {
    let output = launch(Some(&prepared("LYNX_ORT_OPENVINO")), "cpu");
    assert!(
        text(&output).contains("\"provider\":\"cpu\""),
        "{}",
        text(&output)
    );
}

#[test]
fn a_provider_that_is_absent_is_never_replaced_in_silence() {
    for provider in ["openvino", "cuda", "tensorrt"] {
        let output = launch(None, provider);
        let text = text(&output);
        assert!(!output.status.success(), "{provider}: {text}");
        assert!(
            text.contains(provider) && text.contains("offers: cpu"),
            "{text}"
        );
    }
    let output = launch(None, "openvino,cpu");
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("\"provider\":\"cpu\""), "{text}");
    assert!(
        text.contains("WARNING") && text.contains("openvino refused"),
        "{text}"
    );
}

#[test]
fn a_missing_library_names_the_path_tried() {
    let output = launch(Some("/nowhere/libonnxruntime.so"), "cpu");
    let text = text(&output);
    assert!(!output.status.success());
    assert!(
        text.contains("/nowhere/libonnxruntime.so") && text.contains("ORT_DYLIB_PATH"),
        "{text}"
    );
}

#[test]
fn a_library_that_is_too_old_is_named_with_both_versions() {
    let output = launch(Some(&prepared("LYNX_ORT_TOO_OLD")), "cpu");
    let text = text(&output);
    assert!(!output.status.success());
    assert!(text.contains("1.20.1") && text.contains("1.24"), "{text}");
}

#[test]
fn a_library_that_is_something_else_is_refused() {
    // A library for sure, and not ONNX Runtime: the plugin's own.
    let other = root().join("target/release/libgstlynx.so");
    let built = std::env::var_os("CARGO_TARGET_DIR")
        .map(|t| PathBuf::from(t).join("release/libgstlynx.so"));
    let other = built.unwrap_or(other).canonicalize().unwrap();
    let other = other.to_str().unwrap();
    let output = launch(Some(other), "cpu");
    let text = text(&output);
    assert!(!output.status.success());
    assert!(
        text.contains(other) && text.contains("OrtGetApiBase"),
        "{text}"
    );
}

#[test]
fn the_plugin_inspects_without_any_library() {
    let output = Command::new("gst-inspect-1.0")
        .arg("lynxinfer")
        .env("ORT_DYLIB_PATH", "/nowhere")
        .output()
        .unwrap();
    assert!(output.status.success());
}
