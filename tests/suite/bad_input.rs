// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bad input ends in one error that names the cause and the remedy.

use std::fs;
use std::path::PathBuf;

use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, run};

const SOURCE: &str = "videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=64,height=48";

/// The error of a pipeline whose `lynxinfer` has these properties.
pub(crate) fn refusal(properties: &str) -> String {
    let outcome = run(&format!(
        "{SOURCE} ! lynxinfer {properties} ! fakesink name=out"
    ));
    outcome.error().to_owned()
}

#[track_caller]
pub(crate) fn assert_says(error: &str, words: &[&str]) {
    for word in words {
        assert!(error.contains(word), "{word:?} is missing in: {error}");
    }
}

/// A file that goes with the test's end.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("lynx-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A folder that goes with the test's end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lynx-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Where a file of that name is, or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn no_model_says_which_property() {
    assert_says(&refusal(""), &["no model", "property model"]);
}

#[test]
fn a_missing_model_names_its_path() {
    let error = refusal("model=/nowhere/m.onnx");
    assert_says(
        &error,
        &["/nowhere/m.onnx", "No such file", "check the path"],
    );
}

#[test]
fn a_folder_as_model_is_named() {
    assert_says(&refusal("model=/tmp"), &["/tmp", "folder"]);
}

#[test]
fn an_empty_model_is_named() {
    let file = Temporary::new("empty.onnx", b"");
    assert_says(
        &refusal(&format!("model={}", file.path())),
        &["empty", "fetch or export"],
    );
}

#[test]
fn random_bytes_are_no_model() {
    let bytes: Vec<u8> = (0..4096u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let file = Temporary::new("random.onnx", &bytes);
    let error = refusal(&format!("model={}", file.path()));
    assert_says(&error, &["not a model", "ONNX Runtime"]);
}

#[test]
fn a_truncated_model_is_no_model() {
    let whole = fs::read(tiny("yolov8-fixed")).unwrap();
    let file = Temporary::new("half.onnx", &whole[..whole.len() / 2]);
    assert_says(
        &refusal(&format!("model={}", file.path())),
        &["not a model"],
    );
}

#[test]
fn what_is_not_a_detector_is_refused_with_its_tensors() {
    for (model, words) in [
        ("identity", &["copy", "yolov8"][..]),
        ("classifier", &["logits", "1000"]),
        ("segment-task", &["segment"]),
    ] {
        assert_says(&refusal(&format!("model={}", tiny(model))), words);
    }
}

#[test]
fn an_input_that_is_no_image_is_refused() {
    for (model, words) in [
        ("rank3", &["images", "[3, 32, 32]"][..]),
        ("two-inputs", &["scale"]),
    ] {
        let error = refusal(&format!("model={}", tiny(model)));
        for word in words {
            let spaced = word.replace(", ", ",");
            assert!(
                error.contains(word) || error.contains(&spaced),
                "{model}: {word} in {error}"
            );
        }
    }
}

#[test]
fn labels_that_do_not_match_name_both_counts() {
    assert_says(
        &refusal(&format!("model={}", tiny("labels-mismatch"))),
        &["names has 3 labels", "has 2 classes", "leave out"],
    );
    let file = Temporary::new("labels.txt", b"one\ntwo\nthree\nfour\n");
    let error = refusal(&format!(
        "model={} labels-file={}",
        tiny("yolov8-fixed"),
        file.path()
    ));
    assert_says(&error, &["has 4 labels", "has 2 classes"]);
    let error = refusal(&format!(
        "model={} labels-file=/nowhere.txt",
        tiny("yolov8-fixed")
    ));
    assert_says(&error, &["/nowhere.txt", "labels-file"]);
}

#[test]
fn a_broken_sidecar_is_named_and_not_ignored() {
    let model = Temporary::new("side.onnx", &fs::read(tiny("yolov8-fixed")).unwrap());
    let _sidecar = Temporary::new("side.onnx.json", b"{\"familly\": \"yolov8\"}");
    let error = refusal(&format!("model={}", model.path()));
    assert_says(&error, &["side.onnx.json", "familly"]);
}

/// Who opens a pipe waits for its other end.
#[test]
fn labels_and_sidecars_that_are_pipes_are_not_waited_for() {
    let folder = Folder::new("pipes");
    let model = folder.path("m.onnx");
    fs::copy(tiny("yolov8-fixed"), &model).unwrap();
    let model = model.display();
    let pipe = folder.path("m.onnx.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let error = refusal(&format!("model={model}"));
    assert_says(&error, &["m.onnx.json", "not a file", "mend or remove it"]);
    let tiny = tiny("yolov8-fixed");
    let error = refusal(&format!("model={tiny} labels-file={}", pipe.display()));
    assert_says(&error, &["m.onnx.json", "not a file", "check labels-file"]);
}

#[test]
fn a_fixed_model_cannot_be_reshaped() {
    let error = refusal(&format!(
        "model={} reshape-width=64 reshape-height=64",
        tiny("yolov8-fixed")
    ));
    assert_says(&error, &["width 64", "is fixed to 32"]);
}

#[test]
fn an_unknown_provider_is_named_beside_the_known_ones() {
    let error = refusal(&format!(
        "model={} execution-provider=npu",
        tiny("yolov8-fixed")
    ));
    assert_says(&error, &["npu", "openvino", "cuda"]);
}

fn failing(frames: u32) -> Outcome {
    run(&format!(
        "videotestsrc pattern=white num-buffers={frames} ! video/x-raw,format=RGB,width=32,height=32 \
         ! lynxinfer name=infer model={} ! fakesink name=out",
        tiny("fails-at-run")
    ))
}

#[test]
fn a_frame_whose_run_fails_goes_on_marked_with_a_warning() {
    let outcome = failing(3);
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.warnings.len(), 1, "{:?}", outcome.warnings);
    assert_says(&outcome.warnings[0], &["without inference", "did not run"]);
    let marked = outcome.frames.iter().map(|frame| frame.inference);
    assert_eq!(marked.collect::<Vec<_>>(), [Some(Inference::Failed); 3]);
    assert_eq!(outcome.counted("failed"), 3);
}

#[test]
fn ten_frames_in_a_row_that_fail_are_one_error() {
    let outcome = failing(30);
    assert_says(outcome.error(), &["10 frames in a row", "did not run"]);
    assert_eq!(outcome.frames.len(), 9);
}

#[test]
fn a_tensor_of_the_wrong_size_names_both() {
    let line = format!(
        "{SOURCE} ! lynxpreprocess tensor-width=64 ! lynxinfer model={} ! fakesink name=out",
        tiny("yolov8-fixed")
    );
    assert_says(
        run(&line).error(),
        &["[1, 3, 32, 64]", "[1, 3, 32, 32]", "tensor-width"],
    );
}

#[test]
fn a_preprocess_that_nobody_answers_says_what_to_set() {
    let outcome = run(&format!("{SOURCE} ! lynxpreprocess ! fakesink name=out"));
    assert_says(outcome.error(), &["lynxinfer", "tensor-width"]);
}

#[test]
fn unsupported_caps_are_not_negotiated() {
    let line = format!(
        "videotestsrc num-buffers=3 ! video/x-raw,format=v210 ! lynxinfer model={} ! fakesink name=out",
        tiny("yolov8-fixed")
    );
    lynx_tests::run::init();
    // Formats that cannot meet are refused when linking or as one error when playing.
    match gst::parse::launch(&line) {
        Ok(_) => assert_says(run(&line).error(), &["negotiat"]),
        Err(error) => assert_says(&error.to_string(), &["link"]),
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let line = format!("{SOURCE} ! lynxpublish location=/nowhere/x.jsonl ! fakesink name=out");
    assert_says(run(&line).error(), &["/nowhere/x.jsonl", "folder"]);
}
