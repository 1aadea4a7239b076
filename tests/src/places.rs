// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where models, the clip and the plugin are. Nothing is skipped when one is missing: the test
//! fails and says how to get it.

use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A tiny model of `tests/models`, without its `.onnx`.
pub fn tiny(name: &str) -> String {
    existing(root().join(format!("tests/models/{name}.onnx")))
}

/// A real model that set-up fetched, without its `.onnx`.
pub fn model(name: &str) -> String {
    existing(variable("LYNX_MODELS").join(format!("{name}.onnx")))
}

/// The sample clip: 768×576, 795 frames, pedestrians seen by a fixed camera.
pub fn clip() -> String {
    existing(variable("LYNX_CLIP"))
}

/// A file that `tests/run.sh` makes beforehand, by the variable that names it.
pub fn prepared(name: &str) -> String {
    existing(variable(name))
}

fn variable(name: &str) -> PathBuf {
    let value = std::env::var_os(name);
    value
        .unwrap_or_else(|| panic!("{name} is not set: run tests/run.sh, or `. pipelines/env.sh`"))
        .into()
}

fn existing(path: PathBuf) -> String {
    assert!(
        path.exists(),
        "{} is missing: run tests/run.sh",
        path.display()
    );
    path.to_string_lossy().into_owned()
}
