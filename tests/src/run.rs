// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs a launch line to its end and keeps what came by.

use std::sync::{Arc, Mutex};

use gst::prelude::*;
use lynx_meta::{Inference, Object, classes, frame, objects};

/// One frame as it arrived at the end of the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub pts: Option<gst::ClockTime>,
    pub size: (u32, u32),
    pub inference: Option<Inference>,
    pub objects: Vec<Object>,
    /// What a second model says: the object's place in `objects`, label and score.
    pub classes: Vec<(usize, String, f32)>,
}

/// How a pipeline ended.
#[derive(Debug, Default)]
pub struct Outcome {
    pub frames: Vec<Seen>,
    /// Text and debug details of each error message.
    pub errors: Vec<String>,
    /// Text of each warning message.
    pub warnings: Vec<String>,
    /// What the element named `infer` counted.
    pub stats: Option<gst::Structure>,
}

impl Outcome {
    /// A number that the element named `infer` counted.
    pub fn counted(&self, field: &str) -> u64 {
        let stats = self.stats.as_ref().expect("an element named infer");
        stats.get(field).expect("a count")
    }

    /// The only error; panics when there was none or more than one.
    pub fn error(&self) -> &str {
        assert_eq!(
            self.errors.len(),
            1,
            "expected one error: {:#?}",
            self.errors
        );
        &self.errors[0]
    }
}

/// Makes GStreamer and the elements known, from this process's own copy.
pub fn init() {
    gst::init().expect("GStreamer starts");
    gstlynx::plugin_register_static().expect("the elements register");
}

/// Builds a pipeline and keeps what arrives at the sink pad of its element named `out`.
pub fn build(launch: &str) -> (gst::Pipeline, Arc<Mutex<Vec<Seen>>>) {
    init();
    let pipeline = gst::parse::launch(launch)
        .unwrap_or_else(|error| panic!("{launch}: {error}"))
        .downcast::<gst::Pipeline>()
        .expect("a launch line of several elements is a pipeline");
    let seen = Arc::new(Mutex::new(Vec::new()));
    if let Some(out) = pipeline.by_name("out") {
        let seen = Arc::clone(&seen);
        let pad = out.static_pad("sink").expect("a sink has a sink pad");
        pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
            if let (Some(buffer), Some(caps)) = (info.buffer(), pad.current_caps()) {
                seen.lock()
                    .expect("no test thread panicked")
                    .push(look(buffer, &caps));
            }
            gst::PadProbeReturn::Ok
        });
    }
    (pipeline, seen)
}

fn look(buffer: &gst::BufferRef, caps: &gst::CapsRef) -> Seen {
    let info = gst_video::VideoInfo::from_caps(caps).expect("raw video arrives");
    let size = (info.width(), info.height());
    let mut said = Vec::new();
    classes::each(buffer, |index, c| {
        said.push((index, c.label.to_owned(), c.score))
    });
    Seen {
        pts: buffer.pts(),
        size,
        inference: frame::inference(buffer).map(|i| i.inference),
        objects: objects::iter(buffer, size).collect(),
        classes: said,
    }
}

/// Plays a pipeline to its end, which must come within a minute and without an error. The
/// pipeline stays in PLAYING. Returns the text of each warning.
pub fn play_to_end(pipeline: &gst::Pipeline) -> Vec<String> {
    let bus = pipeline.bus().expect("a pipeline has a bus");
    pipeline
        .set_state(gst::State::Playing)
        .expect("the pipeline starts");
    let mut warnings = Vec::new();
    loop {
        let ends = [
            gst::MessageType::Eos,
            gst::MessageType::Error,
            gst::MessageType::Warning,
        ];
        let message = bus.timed_pop_filtered(gst::ClockTime::from_seconds(60), &ends);
        match message.as_ref().map(|m| m.view()) {
            Some(gst::MessageView::Eos(_)) => return warnings,
            Some(gst::MessageView::Warning(warning)) => warnings.push(warning.error().to_string()),
            _ => panic!("no end within a minute: {message:?}"),
        }
    }
}

/// Plays a launch line until its end or its first error, at most five minutes.
pub fn run(launch: &str) -> Outcome {
    let (pipeline, seen) = build(launch);
    run_built(&pipeline, &seen)
}

/// Plays what [`build`] built until its end or its first error, at most five minutes.
pub fn run_built(pipeline: &gst::Pipeline, seen: &Mutex<Vec<Seen>>) -> Outcome {
    let mut outcome = Outcome::default();
    let bus = pipeline.bus().expect("a pipeline has a bus");
    let started = pipeline.set_state(gst::State::Playing);
    let limit = gst::ClockTime::from_seconds(300);
    let ends = [
        gst::MessageType::Eos,
        gst::MessageType::Error,
        gst::MessageType::Warning,
    ];
    loop {
        // A failed start has its error on the bus already.
        let message = match started {
            Ok(_) => bus.timed_pop_filtered(limit, &ends),
            Err(_) => bus.pop_filtered(&ends),
        };
        let Some(message) = message else {
            assert!(started.is_err(), "neither end nor error");
            break;
        };
        match message.view() {
            gst::MessageView::Eos(_) => break,
            gst::MessageView::Warning(warning) => {
                outcome.warnings.push(warning.error().to_string())
            }
            gst::MessageView::Error(error) => {
                let debug = error.debug().unwrap_or_default();
                outcome.errors.push(format!("{}\n{debug}", error.error()));
                if started.is_ok() {
                    break;
                }
            }
            _ => (),
        }
    }
    outcome.stats = pipeline
        .by_name("infer")
        .map(|infer| infer.property::<gst::Structure>("stats"));
    pipeline
        .set_state(gst::State::Null)
        .expect("any pipeline stops");
    outcome.frames = std::mem::take(&mut seen.lock().expect("no test thread panicked"));
    outcome
}
