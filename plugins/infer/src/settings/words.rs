// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties that take one of some words.

use gst::glib;
use lynx_runtime::engine::Policy;

/// Which parts of a frame the model looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInferenceRegion")]
pub enum InferenceRegion {
    #[default]
    #[enum_value(
        name = "All of the frame, or what regions and tiles say",
        nick = "full-frame"
    )]
    FullFrame,
    #[enum_value(name = "Each object that is on the frame", nick = "roi-list")]
    RoiList,
    #[enum_value(
        name = "What moves, as lynxmotiongate says, and around it as much as the model has room for; all of the frame where nobody says",
        nick = "motion"
    )]
    Motion,
}

/// What happens to frames that cannot be kept up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInferOverload")]
pub enum Overload {
    #[default]
    #[enum_value(name = "Skip where upstream is live, block elsewhere", nick = "auto")]
    Auto,
    #[enum_value(name = "Upstream waits", nick = "block")]
    Block,
    #[enum_value(
        name = "The oldest that waits goes on without inference, marked as late",
        nick = "skip"
    )]
    Skip,
    #[enum_value(name = "The oldest that waits is dropped", nick = "drop")]
    Drop,
}

/// Which of the images that wait for a model run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInferScheduling")]
pub enum Scheduling {
    #[default]
    #[enum_value(name = "That whose time (batch-timeout) is up first", nick = "latency")]
    Latency,
    #[enum_value(name = "One of each stream in turn", nick = "throughput")]
    Throughput,
}

impl From<Scheduling> for Policy {
    fn from(scheduling: Scheduling) -> Self {
        match scheduling {
            Scheduling::Latency => Self::Latency,
            Scheduling::Throughput => Self::Throughput,
        }
    }
}

/// In what numbers the model is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInferPrecision")]
pub enum Precision {
    #[default]
    #[enum_value(name = "As the execution provider chooses", nick = "auto")]
    Auto,
    #[enum_value(name = "Single precision", nick = "fp32")]
    Fp32,
    #[enum_value(name = "Half precision", nick = "fp16")]
    Fp16,
    #[enum_value(name = "8-bit integers", nick = "int8")]
    Int8,
}

/// What happens when the first execution provider of the list does not run the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInferProviderPolicy")]
pub enum ProviderPolicy {
    #[enum_value(
        name = "It is an error, also where it takes half of the heavy operators or less",
        nick = "strict"
    )]
    Strict,
    #[default]
    #[enum_value(name = "It is a warning with the reason", nick = "warn")]
    Warn,
    #[enum_value(name = "Another runs it without a word", nick = "fallback")]
    Fallback,
}

impl From<Precision> for lynx_runtime::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::Auto => Self::Auto,
            Precision::Fp32 => Self::Fp32,
            Precision::Fp16 => Self::Fp16,
            Precision::Int8 => Self::Int8,
        }
    }
}

impl From<ProviderPolicy> for lynx_runtime::ProviderPolicy {
    fn from(policy: ProviderPolicy) -> Self {
        match policy {
            ProviderPolicy::Strict => Self::Strict,
            ProviderPolicy::Warn => Self::Warn,
            ProviderPolicy::Fallback => Self::Fallback,
        }
    }
}
