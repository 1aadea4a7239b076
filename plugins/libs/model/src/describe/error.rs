// SPDX-License-Identifier: MIT OR Apache-2.0

use std::borrow::Cow;

/// Why a model cannot be described. Every message says what was found, what was expected and,
/// where there is one, the way out; the caller adds the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A list of labels that cannot be read.
    #[error("labels: {found}; expected {expected}")]
    Labels {
        found: String,
        expected: &'static str,
    },
    /// A sidecar that is not JSON.
    #[error("not valid JSON: {0}")]
    Json(String),
    /// A key that no version of the sidecar has: most often a spelling mistake.
    #[error("unknown key \"{key}\"; known keys: {known}")]
    UnknownKey { key: String, known: String },
    /// A value that its key cannot have.
    #[error("{place} \"{key}\" is {found}; expected {expected}")]
    Value {
        place: &'static str,
        key: String,
        found: String,
        expected: Cow<'static, str>,
    },
    /// An input or output that no detection model of Lynx can have.
    #[error("{tensors}: {problem}; expected {expected}; export the model so")]
    Tensor {
        tensors: String,
        problem: String,
        expected: &'static str,
    },
    /// A model that is recognised, but that Lynx cannot run.
    #[error("{what} is not supported yet; {instead}")]
    Unsupported { what: String, instead: String },
    /// Two sources that cannot both be right.
    #[error("contradiction: {one}, but {other}; correct or leave out the one that is wrong")]
    Contradiction { one: String, other: String },
    /// A size that the model's strides do not divide.
    #[error(
        "input {axis} {value} is not a multiple of the model's stride {stride}; nearest: {nearest}"
    )]
    Size {
        axis: &'static str,
        value: u32,
        stride: u32,
        nearest: String,
    },
    /// A model that fits no family.
    #[error(
        "cannot tell what model \"{model}\" is from its tensors ({tensors}); nearest: {nearest}; \
         a sidecar's \"family\" or another export can settle it"
    )]
    Unrecognized {
        model: String,
        tensors: String,
        nearest: String,
    },
}
