// SPDX-License-Identifier: MIT OR Apache-2.0
//! After a start that failed: nothing is left behind, and what was wrong can be put right. Each test
//! goes on in a process of its own, where no other opens files, starts threads or picks a library.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use gst::prelude::*;
use lynx_tests::places::{prepared, tiny};
use lynx_tests::run::init;

use crate::bad_input::{Folder, assert_says};

/// The real ONNX Runtime, for a test in its own process.
const ALONE: &str = "LYNX_TEST_ALONE";

/// Whether this is the test's own process; waits for that one, which is to open `library`, where it
/// is not.
fn is_alone(test: &str, library: &Path) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let real = fs::canonicalize(prepared("ORT_DYLIB_PATH")).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("recovery::{test}"), "--nocapture"]);
    command.env(ALONE, real).env("ORT_DYLIB_PATH", library);
    let output = command.output().unwrap();
    let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let said = said(&output.stdout) + &said(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{test} is its name: {said}");
    false
}

/// `lynxinfer` without a pipeline, and its messages.
struct Element {
    element: gst::Element,
    bus: gst::Bus,
}

impl Element {
    fn new() -> Self {
        init();
        let element = gst::ElementFactory::make("lynxinfer").build().unwrap();
        let bus = gst::Bus::new();
        element.set_bus(Some(&bus));
        Self { element, bus }
    }

    fn reset(&self, property: &str) {
        let default = self.element.find_property(property).unwrap();
        let default = default.default_value();
        self.element.set_property_from_value(property, default);
    }

    /// Starts and stops it; the errors meanwhile.
    fn start(&self) -> Vec<String> {
        let started = self.element.set_state(gst::State::Paused);
        self.element.set_state(gst::State::Null).unwrap();
        let mut errors = Vec::new();
        while let Some(message) = self.bus.pop_filtered(&[gst::MessageType::Error]) {
            if let gst::MessageView::Error(error) = message.view() {
                errors.push(error.error().to_string());
            }
        }
        assert_eq!(started.is_err(), !errors.is_empty(), "{errors:?}");
        errors
    }
}

/// How many threads this process has, and its open files: but for the folder that tells of them, and
/// what ONNX Runtime's own threads wake each other with, which come and go.
fn held() -> (usize, BTreeSet<String>) {
    let threads = fs::read_dir("/proc/self/task").unwrap().count();
    let files = fs::read_dir("/proc/self/fd").unwrap().map(|file| {
        let path = file.unwrap().path();
        let target = fs::read_link(&path).unwrap_or_default();
        format!("{} -> {}", path.display(), target.display())
    });
    let stays = |file: &String| !file.contains("-> /proc/") && !file.contains("[eventfd]");
    (threads, files.filter(stays).collect())
}

/// A thread that has been joined is in the kernel's list for a moment more.
#[track_caller]
fn assert_held(expected: &(usize, BTreeSet<String>), after: &str) {
    for _ in 0..1000 {
        if held() == *expected {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(held(), *expected, "{after}");
}

/// What this process has in memory, KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1);
    number.unwrap().parse().unwrap()
}

#[test]
fn a_start_that_fails_leaves_nothing_behind_and_the_next_one_works() {
    let test = "a_start_that_fails_leaves_nothing_behind_and_the_next_one_works";
    if !is_alone(test, Path::new(&prepared("ORT_DYLIB_PATH"))) {
        return;
    }
    let folder = Folder::new("recovery");
    let empty = folder.path("empty.onnx");
    fs::write(&empty, "").unwrap();
    let sidecar = folder.path("sidecar.onnx");
    fs::copy(tiny("yolov8-fixed"), &sidecar).unwrap();
    fs::write(folder.path("sidecar.onnx.json"), "{").unwrap();
    let (empty, sidecar) = (empty.to_str().unwrap(), sidecar.to_str().unwrap());
    let fault = |name: &str| tiny(&format!("faults/{name}"));
    let faults = [
        ("model", "/nowhere.onnx"),
        ("model", "/tmp"),
        ("model", empty),
        ("model", sidecar),
        ("model", &fault("external-data")),
        ("model", &fault("custom-operator")),
        ("model", &fault("ir-99")),
        ("model", &fault("rank5")),
        ("model", &tiny("labels-mismatch")),
        ("model", &tiny("classifier")),
        ("labels-file", "/nowhere.txt"),
        ("execution-provider", "npu"),
        ("execution-provider", "cuda"),
        ("reshape-width", "64"),
        ("regions", "nonsense"),
    ];
    let element = Element::new();
    let set = |(property, value): (&str, &str)| {
        element.element.set_property_from_str(property, value);
    };
    let model = tiny("yolov8-fixed");
    set(("model", &model));
    let round = |first: &(usize, BTreeSet<String>)| {
        for fault in faults {
            set(fault);
            assert_eq!(element.start().len(), 1, "{fault:?}");
            element.reset(fault.0);
            set(("model", &model));
            assert_eq!(element.start(), [""; 0], "after {fault:?}");
            assert_held(first, &format!("{fault:?}"));
        }
    };
    // What a process opens once is open after the first fault and the first start.
    set(("model", "/nowhere.onnx"));
    element.start();
    set(("model", &model));
    element.start();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let first = held();
    round(&first);
    let before = resident();
    for _ in 0..20 {
        round(&first);
    }
    // A session that is forgotten takes some 100 KiB, and there were 600.
    let more = resident().saturating_sub(before);
    assert!(more < 8 << 10, "{more} KiB more");
}

#[test]
fn a_library_that_is_put_right_is_opened_by_the_same_process() {
    let test = "a_library_that_is_put_right_is_opened_by_the_same_process";
    let folder = Folder::new("library");
    if !is_alone(test, &folder.path("libonnxruntime.so")) {
        return;
    }
    let library = PathBuf::from(std::env::var_os("ORT_DYLIB_PATH").unwrap());
    let element = Element::new();
    element.element.set_property("model", tiny("yolov8-fixed"));
    let real = prepared(ALONE);
    let half = folder.path("half.so");
    let whole = fs::read(&real).unwrap();
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let half = half.to_str().unwrap();
    let old = prepared("LYNX_ORT_TOO_OLD");
    for (target, reason) in [
        ("/nowhere", "No such file"),
        ("/tmp", "folder"),
        (half, "cut short"),
        (&old, "1.20.1"),
    ] {
        symlink(target, &library).unwrap();
        let errors = element.start();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_says(&errors[0], &[reason, "1.24 or newer", "set ORT_DYLIB_PATH"]);
        fs::remove_file(&library).unwrap();
    }
    symlink(real, &library).unwrap();
    assert_eq!(element.start(), [""; 0]);
}
