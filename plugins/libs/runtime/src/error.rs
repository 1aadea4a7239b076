// SPDX-License-Identifier: MIT OR Apache-2.0

use std::path::PathBuf;

use crate::{MIN_VERSION, Provider};

/// Why a model does not run. Every message says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error(
        "no usable ONNX Runtime {MIN_VERSION} or newer: {}; set ORT_DYLIB_PATH to a \
         libonnxruntime.so (the PyPI package onnxruntime carries one) or run `. pipelines/env.sh`",
        .tried.join("; ")
    )]
    NoLibrary { tried: Vec<String> },
    #[error("ONNX Runtime {version} from {} cannot start: {reason}", .path.display())]
    Environment {
        path: PathBuf,
        version: String,
        reason: String,
    },
    #[error("model file {} cannot be read: {reason}; check the path and its permissions", .path.display())]
    ModelUnreadable { path: PathBuf, reason: String },
    #[error("model file {} is empty; fetch or export the model again", .path.display())]
    ModelEmpty { path: PathBuf },
    #[error("{} is not a model that ONNX Runtime {version} loads: {reason}; {remedy}", .path.display())]
    ModelInvalid {
        path: PathBuf,
        version: String,
        reason: String,
        remedy: &'static str,
    },
    #[error(
        "no execution provider of the list serves {}: {}; ONNX Runtime {version} from {} offers: {}",
        .model.display(),
        .refusals.join("; "),
        .library.display(),
        list(.available)
    )]
    NoProvider {
        model: PathBuf,
        refusals: Vec<String>,
        version: String,
        library: PathBuf,
        available: Vec<Provider>,
    },
    #[error("{option}={value}: {reason}")]
    Option {
        option: String,
        value: String,
        /// With the remedy.
        reason: String,
    },
    #[error("unknown execution provider {found:?}; known are: {}", list(&Provider::ALL))]
    UnknownProvider { found: String },
    #[error("the list of execution providers is empty; name one or more of: {}", list(&Provider::ALL))]
    EmptyProviders,
    #[error(
        "model-instance-id {id:?} is in use by {}, and {} cannot share it: it wants {difference}; give it another model-instance-id, or the same model and settings",
        .running.display(),
        .asked.display()
    )]
    InstanceInUse {
        id: String,
        running: PathBuf,
        asked: PathBuf,
        difference: String,
    },
    #[error(
        "engine-cache-dir: {} cannot be used: {reason}; name a folder that this user may write to, on a disk that has room, or leave the property out",
        .folder.display()
    )]
    Cache { folder: PathBuf, reason: String },
    #[error("the model did not run: {reason}; {}", run_remedy(.reason))]
    Run { reason: String },
    #[error(
        "output {index} is {found}, expected a tensor of float32, float16, int64 or int32; export the model with such outputs"
    )]
    OutputType { index: usize, found: String },
}

impl Error {
    /// Whether a device had not enough memory for a run: a smaller one may do. ONNX Runtime has no
    /// code for that; the words are those of its arena, CUDA and OpenVINO.
    pub fn is_out_of_memory(&self) -> bool {
        let Self::Run { reason } = self else {
            return false;
        };
        lacks_memory(reason)
    }
}

fn lacks_memory(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["failed to allocate memory", "out of memory", "bad_alloc"]
        .iter()
        .any(|words| reason.contains(words))
}

fn run_remedy(reason: &str) -> &'static str {
    match lacks_memory(reason) {
        true => "set a smaller batch-size or nireq, or free memory of its device",
        false => "check it with the input size and provider in use",
    }
}

fn list(providers: &[Provider]) -> String {
    let names: Vec<_> = providers.iter().map(|p| p.name()).collect();
    names.join(", ")
}
