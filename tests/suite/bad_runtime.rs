// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime libraries that cannot be opened, and providers of theirs that cannot: each is one
//! error with cause and remedy, in a process that lives on to say so.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use lynx_tests::places::prepared;

use crate::bad_input::{Folder, assert_says};
use crate::providers::{launch, text};

/// What is said with this library and provider, when the start fails and the process does not.
fn refused(library: &Path, provider: &str) -> String {
    let output = launch(Some(library.to_str().unwrap()), provider);
    let text = text(&output);
    // No code: a signal ended it.
    assert!(output.status.code().is_some_and(|c| c != 0), "{text}");
    assert_eq!(text.matches("ERROR: from element").count(), 1, "{text}");
    text
}

/// ONNX Runtime for OpenVINO in a folder of its own, with the provider's library as `provider` makes
/// it out of the real one, and without OpenVINO's own libraries.
fn alone(folder: &Folder, provider: impl Fn(&[u8]) -> Option<Vec<u8>>) -> std::path::PathBuf {
    const PROVIDER: &str = "libonnxruntime_providers_openvino.so";
    let real = prepared("LYNX_ORT_OPENVINO");
    let real = Path::new(&real);
    let copy = folder.path("libonnxruntime.so");
    fs::copy(real, &copy).unwrap();
    let shared = "libonnxruntime_providers_shared.so";
    fs::copy(real.with_file_name(shared), folder.path(shared)).unwrap();
    let bytes = fs::read(real.with_file_name(PROVIDER)).unwrap();
    if let Some(bytes) = provider(&bytes) {
        fs::write(folder.path(PROVIDER), bytes).unwrap();
    }
    copy
}

#[test]
fn what_is_no_library_is_named_with_the_reason() {
    let folder = Folder::new("no-library");
    fs::write(folder.path("text"), "not a library ".repeat(99)).unwrap();
    fs::write(folder.path("empty"), "").unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    symlink(folder.path("ring"), folder.path("ring")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    for (name, reason) in [
        ("missing", "No such file"),
        ("text", "invalid ELF header"),
        ("empty", "file too short"),
        ("folder", "it is a folder"),
        ("ring", "symbolic links"),
        ("pipe", "not a file"),
    ] {
        let path = folder.path(name);
        let error = refused(&path, "cpu");
        let place = format!("{}: ", path.display());
        assert_says(
            &error,
            &[&place, reason, "1.24 or newer", "set ORT_DYLIB_PATH"],
        );
    }
}

/// The dynamic linker itself dies of one.
#[test]
fn a_library_that_is_cut_short_is_told_before_it_kills() {
    let folder = Folder::new("half-library");
    let whole = fs::read(prepared("ORT_DYLIB_PATH")).unwrap();
    for bytes in [100, 5000, whole.len() / 2] {
        let path = folder.path("half.so");
        fs::write(&path, &whole[..bytes]).unwrap();
        let error = refused(&path, "cpu");
        assert_says(
            &error,
            &[
                "half.so",
                "cut short",
                &format!("{bytes} bytes"),
                "copy it again",
            ],
        );
    }
}

#[test]
fn a_provider_without_the_libraries_it_needs_names_one_and_the_remedy() {
    let folder = Folder::new("bare-provider");
    let library = alone(&folder, |whole| Some(whole.to_vec()));
    let error = refused(&library, "openvino");
    assert_says(
        &error,
        &[
            "libopenvino",
            "cannot open shared object file",
            "onnxruntime-openvino in one folder",
        ],
    );
    assert!(!error.contains("provider_bridge_ort.cc"), "{error}");
    // Where the list goes on, the same is a warning.
    let output = launch(library.to_str(), "openvino,cpu");
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert_says(
        &text,
        &[
            "WARNING",
            "openvino refused",
            "libopenvino",
            "\"provider\":\"cpu\"",
        ],
    );
}

#[test]
fn a_providers_own_library_may_be_missing_cut_short_or_none() {
    for (name, provider, reason) in [
        ("absent", None, "cannot open shared object file"),
        ("half", Some(2), "cut short"),
        ("nothing", Some(usize::MAX), "file too short"),
    ] {
        let folder = Folder::new(&format!("provider-{name}"));
        let library = alone(&folder, |whole| {
            provider.map(|part| whole[..whole.len() / part].to_vec())
        });
        let error = refused(&library, "openvino");
        assert_says(
            &error,
            &[
                "libonnxruntime_providers_openvino.so",
                reason,
                "in one folder",
            ],
        );
    }
}
