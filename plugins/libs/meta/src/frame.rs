// SPDX-License-Identifier: MIT OR Apache-2.0
//! What happened to a frame on its way: the marker that lets a tracker predict instead of
//! miscounting a miss, whether something moves, and the time that each stage took.

use std::time::Duration;

use lynx_geometry::Rect;
use lynx_tensor::Word;

use crate::Scheduler;
use crate::custom;
use crate::names::{FRAME_META, frame as names};

/// What became of inference on a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inference {
    /// It ran; a frame without objects shows none.
    Ran,
    /// It was not asked for (`inference-interval`, `max-rate`), or nothing moves.
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

/// Whether, and where, something moves in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Motion {
    /// Something moves, or it is time to look all the same.
    pub moving: bool,
    /// All that moves lies in here, in pixels of the frame; `None` when that is not known, or
    /// nothing moves: look at all of it.
    pub region: Option<Rect>,
}

/// Whether something moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Movement {
    Still,
    Moving,
}

impl Word for Movement {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Still, "still"), (Self::Moving, "moving")];
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

/// Writes whether something moves in a frame of `size` pixels, over what was said earlier. A
/// region is clipped to the frame and widened to whole pixels.
pub fn set_motion(buffer: &mut gst::BufferRef, size: (u32, u32), motion: &Motion) {
    let movement = match motion.moving {
        true => Movement::Moving,
        false => Movement::Still,
    };
    let region = motion.region.filter(Rect::is_valid);
    let region = region.and_then(|r| r.clipped(size.0 as f32, size.1 as f32));
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(names::MOTION, movement.word());
        let Some(region) = region else {
            return structure.remove_fields(REGION);
        };
        let (x, y) = (region.x as u32, region.y as u32);
        let [width, height] = [region.right(), region.bottom()].map(|side| side.ceil() as u32);
        let values = [x, y, width - x, height - y, size.0, size.1];
        for (field, value) in REGION.into_iter().zip(values) {
            structure.set(field, value);
        }
    });
}

/// The fields of a moving region.
const REGION: [&str; 6] = [
    names::MOTION_X,
    names::MOTION_Y,
    names::MOTION_WIDTH,
    names::MOTION_HEIGHT,
    names::MOTION_FRAME_WIDTH,
    names::MOTION_FRAME_HEIGHT,
];

/// Whether something moves in a frame of `size` pixels; `None` when nobody looked. The region of a
/// picture that has another size by now says nothing of this one, and is left out.
pub fn motion(buffer: &gst::BufferRef, size: (u32, u32)) -> Option<Motion> {
    let structure = custom::read(buffer, FRAME_META)?;
    let movement = Movement::from_word(structure.get(names::MOTION).ok()?)?;
    let number = |field| structure.get::<u32>(field).ok();
    let [x, y, width, height, frame_width, frame_height] = REGION.map(number);
    let pixels = |value: Option<u32>| value.map(|v| v as f32);
    let region = (frame_width.zip(frame_height) == Some(size))
        .then(|| {
            Some(Rect::new(
                pixels(x)?,
                pixels(y)?,
                pixels(width)?,
                pixels(height)?,
            ))
        })
        .flatten();
    Some(Motion {
        moving: movement == Movement::Moving,
        region,
    })
}

/// Notes that inference looked at a part of the frame, in pixels of it, outside of which nothing
/// moves; `None` for all of it.
pub fn set_looked_at(buffer: &mut gst::BufferRef, part: Option<&Rect>) {
    if part.is_none() && looked_at(buffer).is_none() {
        return;
    }
    custom::write(buffer, FRAME_META, |structure| match part {
        Some(r) => structure.set(names::LOOKED, gst::Array::new([r.x, r.y, r.w, r.h])),
        None => structure.remove_field(names::LOOKED),
    });
}

/// The part of the frame that inference looked at; `None` for all of it.
pub fn looked_at(buffer: &gst::BufferRef) -> Option<Rect> {
    let structure = custom::read(buffer, FRAME_META)?;
    let array = structure.get::<gst::ArrayRef<'_>>(names::LOOKED).ok()?;
    let number = |index: usize| array.as_slice().get(index)?.get::<f32>().ok();
    Some(Rect::new(number(0)?, number(1)?, number(2)?, number(3)?))
}

/// Whether somebody looked and nothing moves.
pub fn is_still(buffer: &gst::BufferRef) -> bool {
    custom::read(buffer, FRAME_META)
        .is_some_and(|structure| structure.get::<&str>(names::MOTION) == Ok(Movement::Still.word()))
}

/// Whether inference is to run on this frame: as was decided upstream, or else by `scheduler` and
/// by whether something moves. `time` is the frame's.
pub fn decide(buffer: &gst::BufferRef, scheduler: &mut Scheduler, time: Duration) -> bool {
    due(buffer).unwrap_or_else(|| scheduler.due(time, !is_still(buffer)))
}

/// Whether inference was scheduled on this frame; `None` when nobody upstream has decided.
pub fn due(buffer: &gst::BufferRef) -> Option<bool> {
    custom::read(buffer, FRAME_META)?.get(names::DUE).ok()
}

/// Says to the next `lynxinfer` whether inference is scheduled on this frame.
pub fn set_due(buffer: &mut gst::BufferRef, due: bool) {
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(names::DUE, due);
    });
}

/// Takes that off again: it was for one `lynxinfer`.
pub fn clear_due(buffer: &mut gst::BufferRef) {
    if due(buffer).is_some() {
        custom::write(buffer, FRAME_META, |structure| {
            structure.remove_field(names::DUE);
        });
    }
}
