// SPDX-License-Identifier: MIT OR Apache-2.0
//! What happened to a frame on its way: the marker that lets a tracker predict instead of
//! miscounting a miss, and the time that each stage took.

use std::time::Duration;

use lynx_tensor::Word;

use crate::custom;
use crate::names::{FRAME_META, frame as names};

/// What became of inference on a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inference {
    /// It ran; a frame without objects shows none.
    Ran,
    /// It was not asked for (`inference-interval`).
    Skipped,
    /// It could not keep up.
    Late,
    /// It broke.
    Failed,
}

/// As in metadata and published messages.
impl Word for Inference {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Ran, "ran"),
        (Self::Skipped, "skipped"),
        (Self::Late, "late"),
        (Self::Failed, "failed"),
    ];
}

/// What `lynxinfer` says of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InferenceInfo<'a> {
    pub inference: Inference,
    /// Which camera the frame is of.
    pub stream: &'a str,
    /// The model's name.
    pub model: &'a str,
    /// The model's version, when it has one.
    pub version: Option<&'a str>,
    /// The execution provider that the model runs on.
    pub provider: &'a str,
    /// Lowest score that the detector emits, 0..=1.
    pub threshold: f32,
}

/// A stage that a frame goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Frame to input tensor.
    Preprocess,
    /// The model's run.
    Inference,
    /// Output tensors to detections.
    Decode,
    /// Detections to identities.
    Track,
    /// Drawing.
    Overlay,
}

/// In a frame's order, as in published messages.
impl Word for Stage {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Preprocess, "preprocess"),
        (Self::Inference, "inference"),
        (Self::Decode, "decode"),
        (Self::Track, "track"),
        (Self::Overlay, "overlay"),
    ];
}

impl Stage {
    const fn field(self) -> &'static str {
        match self {
            Self::Preprocess => names::TIME_PREPROCESS,
            Self::Inference => names::TIME_INFERENCE,
            Self::Decode => names::TIME_DECODE,
            Self::Track => names::TIME_TRACK,
            Self::Overlay => names::TIME_OVERLAY,
        }
    }
}

/// Writes what `lynxinfer` says of the frame, over what an earlier one said.
pub fn set_inference(buffer: &mut gst::BufferRef, info: &InferenceInfo<'_>) {
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(names::INFERENCE, info.inference.word());
        structure.set(names::STREAM, info.stream);
        structure.set(names::MODEL, info.model);
        structure.set(names::PROVIDER, info.provider);
        structure.set(names::THRESHOLD, f64::from(info.threshold));
        match info.version {
            Some(version) => structure.set(names::VERSION, version),
            None => structure.remove_field(names::VERSION),
        }
    });
}

/// What `lynxinfer` said of the frame; `None` when there was none upstream.
pub fn inference(buffer: &gst::BufferRef) -> Option<InferenceInfo<'_>> {
    let structure = custom::read(buffer, FRAME_META)?;
    let text = |field| structure.get::<&str>(field).ok();
    Some(InferenceInfo {
        inference: Inference::from_word(text(names::INFERENCE)?)?,
        stream: text(names::STREAM).unwrap_or_default(),
        model: text(names::MODEL).unwrap_or_default(),
        version: text(names::VERSION),
        provider: text(names::PROVIDER).unwrap_or_default(),
        threshold: structure.get::<f64>(names::THRESHOLD).unwrap_or(0.0) as f32,
    })
}

/// Notes how long a stage took on this frame.
pub fn set_time(buffer: &mut gst::BufferRef, stage: Stage, time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(stage.field(), nanoseconds)
    });
}

/// How long a stage took on this frame; `None` when it was not there.
pub fn time(buffer: &gst::BufferRef, stage: Stage) -> Option<Duration> {
    let nanoseconds = custom::read(buffer, FRAME_META)?
        .get::<u64>(stage.field())
        .ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
