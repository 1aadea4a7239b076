// SPDX-License-Identifier: MIT OR Apache-2.0
//! Model files that ONNX Runtime or Lynx cannot take: each is one error of the element, which names
//! the file, what is wrong with it and what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, run};

use crate::bad_input::{Folder, Temporary, assert_says, refusal};

/// The refusal of a model of `tests/models/faults`.
fn fault(name: &str) -> String {
    refusal(&format!("model={}", tiny(&format!("faults/{name}"))))
}

fn play(model: &str, properties: &str) -> Outcome {
    run(&format!(
        "videotestsrc pattern=black num-buffers=2 ! video/x-raw,format=RGB,width=32,height=32 \
         ! lynxinfer model={model} {properties} ! fakesink name=out"
    ))
}

#[test]
fn weights_that_lie_beside_a_model_are_missed_by_name() {
    let error = fault("external-data");
    assert_says(
        &error,
        &["external-data.onnx", "external-data.bin", "beside it"],
    );
}

#[test]
fn a_model_runs_with_its_weights_beside_it_and_not_with_half_of_them() {
    let folder = Folder::new("weights");
    let model = folder.path("m.onnx");
    fs::copy(tiny("faults/external-data"), &model).unwrap();
    let weights: Vec<u8> = [8.0f32, 16.0, 8.0, 16.0, 0.9, 0.0]
        .iter()
        .flat_map(|w| w.to_le_bytes())
        .collect();
    fs::write(folder.path("external-data.bin"), &weights[..12]).unwrap();
    let error = refusal(&format!("model={}", model.display()));
    assert_says(&error, &["m.onnx", "whole beside it"]);
    fs::write(folder.path("external-data.bin"), &weights).unwrap();
    let outcome = play(&model.display().to_string(), "");
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames[0].objects.len(), 1);
}

#[test]
fn an_operator_that_the_runtime_lacks_is_named() {
    for model in ["unknown-operator", "custom-operator"] {
        assert_says(
            &fault(model),
            &[model, "Frobnicate", "operators of the ONNX standard"],
        );
    }
}

#[test]
fn a_model_newer_than_the_runtime_says_so() {
    for model in ["opset-99", "ir-99"] {
        let error = fault(model);
        assert_says(&error, &[model, "99", "older opset", "newer ONNX Runtime"]);
        assert!(!error.contains("onnxruntime_src"), "{error}");
    }
}

#[test]
fn an_input_of_the_wrong_rank_type_or_size_is_named_beside_the_right_one() {
    for (model, words) in [
        ("rank5", ["[1, 1, 3, 32, 32]", "expected four"]),
        ("no-rank", ["0 dimensions", "expected four"]),
        ("double-input", ["pixels", "expected f32, f16, u8 or i8"]),
        ("zero-width", ["[1, 3, 32, 0]", "expected at least 1"]),
        ("zero-batch", ["[0, 3, 32, 32]", "expected at least 1"]),
        ("huge", ["2147483648", "expected at most 16384"]),
        (
            "open-channels",
            ["[?, ?, ?, ?]", "sidecar's \"input.layout\""],
        ),
    ] {
        let error = fault(model);
        assert_says(&error, &[&format!("{model}.onnx"), "export the model so"]);
        assert_says(&error, &words);
    }
}

#[test]
fn open_sizes_are_settled_by_the_metadata_and_contradictions_refused() {
    let model = tiny("faults/open-size");
    let outcome = play(&model, "");
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 2);
    let outcome = play(&model, "reshape-width=33");
    assert_says(outcome.error(), &["width 33", "stride 32", "32 or 64"]);
}

#[test]
fn open_channels_are_settled_by_a_sidecar() {
    let folder = Folder::new("layout");
    let model = folder.path("m.onnx");
    fs::copy(tiny("faults/open-channels"), &model).unwrap();
    fs::write(
        folder.path("m.onnx.json"),
        r#"{"input": {"layout": "nchw"}}"#,
    )
    .unwrap();
    let outcome = play(&model.display().to_string(), "");
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 2);
}

#[test]
fn outputs_of_no_rows_are_a_frame_with_nothing_on_it() {
    let outcome = play(&tiny("finds-nothing"), "");
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 2);
    for frame in &outcome.frames {
        assert_eq!(frame.inference, Some(Inference::Ran));
        assert_eq!(frame.objects, []);
    }
}

#[test]
fn what_is_no_onnx_file_says_fetch_or_export() {
    for (name, content) in [
        ("page.onnx", "<!DOCTYPE html><html>404 not found</html>\n"),
        (
            "pointer.onnx",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        ),
    ] {
        let file = Temporary::new(name, content.as_bytes());
        let error = refusal(&format!("model={}", file.path()));
        assert_says(&error, &[name, "no ONNX file", "fetch it or export it"]);
    }
}

/// Who opens a pipe waits for its other end; and a device has no end.
#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let folder = Folder::new("no-file");
    let pipe = folder.path("pipe.onnx");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for model in [pipe, PathBuf::from("/dev/zero")] {
        let error = refusal(&format!("model={}", model.display()));
        assert_says(
            &error,
            &[&model.display().to_string(), "not a file", "check the path"],
        );
    }
}

/// Root may read everything, hence two kinds of unreadable.
#[test]
fn a_model_that_cannot_be_opened_gives_the_systems_reason() {
    let folder = Folder::new("unreadable");
    let ring = folder.path("ring.onnx");
    symlink(&ring, &ring).unwrap();
    let error = refusal(&format!("model={}", ring.display()));
    assert_says(&error, &["ring.onnx", "symbolic links", "check the path"]);
    let locked = folder.path("locked.onnx");
    fs::copy(tiny("yolov8-fixed"), &locked).unwrap();
    fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&locked).is_err() {
        let error = refusal(&format!("model={}", locked.display()));
        assert_says(&error, &["locked.onnx", "Permission denied", "permissions"]);
    }
}

/// 200 files, each `yolov8-fixed` or `echo` cut short or with some of its bits turned.
#[test]
fn damaged_models_run_or_are_refused_and_nothing_else() {
    let whole = ["yolov8-fixed", "echo"].map(|name| fs::read(tiny(name)).unwrap());
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        // Marsaglia, "Xorshift RNGs", 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut ran, mut refused) = (0, 0);
    for round in 0..200 {
        let mut bytes = whole[round % 2].clone();
        match round % 4 {
            0 => bytes.truncate(1 + random(bytes.len() - 1)),
            flips => (0..flips).for_each(|_| {
                let at = random(bytes.len());
                bytes[at] ^= 1 << random(8);
            }),
        }
        let file = Temporary::new("damaged.onnx", &bytes);
        // Threads are given so that no time goes into choosing them.
        let outcome = play(&file.path(), "intra-op-threads=1");
        match &*outcome.errors {
            [] => ran += 1,
            [error] => {
                refused += 1;
                assert!(!error.contains("panicked"), "round {round}: {error}");
            }
            errors => panic!("round {round}: {errors:#?}"),
        }
    }
    assert!(ran > 0 && refused > 0, "{ran} ran, {refused} refused");
}
