// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counts people and vehicles that cross a line, with the elements inside the program.
//!
//!     cargo run --release -p embed-rust -- street.mp4 model.onnx 100 300 500 300

mod line;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;

use gst::prelude::*;
use line::{Line, Point};
use lynx_meta::objects;

const USAGE: &str = "usage: embed-rust FILE|URI MODEL.onnx X1 Y1 X2 Y2 (pixels)";
const COUNTED: [&str; 6] = ["person", "bicycle", "car", "motorcycle", "bus", "truck"];
/// Nanoseconds; lynxtrack gives no identity again that was away for longer.
const FORGET: u64 = 10_000_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [video, model, line @ ..] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let line: Result<Vec<i64>, _> = line.iter().map(|number| number.parse()).collect();
    let Ok([x1, y1, x2, y2]) = line.as_deref() else {
        return Err(USAGE.into());
    };
    gst::init()?;
    gstlynx::plugin_register_static()?;

    let uri = match video.contains("://") {
        true => video.into(),
        false => gst::glib::filename_to_uri(std::path::absolute(video)?, None)?,
    };
    // Properties are set as values: names of files need no quoting then.
    let description = "uridecodebin name=video ! videoconvert ! lynxpreprocess ! queue \
        ! lynxinfer name=infer threshold=0.1 ! lynxtrack ! appsink name=end sync=false";
    let pipeline = gst::parse::launch(description)?
        .downcast::<gst::Pipeline>()
        .map_err(|_| "a launch line of several elements is a pipeline")?;
    let element = |name| pipeline.by_name(name).ok_or("the launch line names it");
    element("video")?.set_property("uri", uri.as_str());
    element("infer")?.set_property("model", model);
    let end = element("end")?.downcast::<gst_app::AppSink>();
    let mut counter = Counter::new(Line((*x1, *y1), (*x2, *y2)));
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |end| {
        let sample = end.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        counter.look(&sample).ok_or(gst::FlowError::Error)?;
        Ok(gst::FlowSuccess::Ok)
    });
    end.map_err(|_| "it is an appsink")?
        .set_callbacks(callbacks.build());

    let started = pipeline.set_state(gst::State::Playing);
    let bus = pipeline.bus().ok_or("a pipeline has a bus")?;
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = match started {
        Ok(_) => bus.timed_pop_filtered(gst::ClockTime::NONE, &ends),
        // The bus knows why.
        Err(_) => bus.pop_filtered(&ends),
    };
    pipeline.set_state(gst::State::Null)?;
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Error(error)) => {
            let more = error.debug().unwrap_or_default();
            Err(format!("{} {more}", error.error().message()).into())
        }
        _ => Ok(started.map(|_| ())?),
    }
}

/// Called on the streaming thread.
struct Counter {
    line: Line,
    /// Where and when each identity was seen last.
    seen: HashMap<u64, (Point, u64)>,
    counts: HashMap<&'static str, u64>,
}

impl Counter {
    fn new(line: Line) -> Self {
        let (seen, counts) = Default::default();
        Self { line, seen, counts }
    }

    /// Prints who crosses on this frame; `None` when it cannot.
    fn look(&mut self, sample: &gst::Sample) -> Option<()> {
        let video = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
        let buffer = sample.buffer()?;
        let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
        let time = segment.to_stream_time(buffer.pts()?)?.nseconds();
        for object in objects::iter(buffer, (video.width(), video.height())) {
            // A predicted box is a guess: it waits until it is seen again.
            let Some(who) = object.identity.filter(|identity| !identity.coasted) else {
                continue;
            };
            if !COUNTED.contains(&object.label) {
                continue;
            }
            // Where it stands, in whole pixels, which is what other languages read.
            let [left, right, bottom] = [object.rect.x, object.rect.right(), object.rect.bottom()]
                .map(|edge| edge.round() as i64);
            let foot = (left + (right - left) / 2, bottom);
            let before = self.seen.insert(who.id, (foot, time));
            if let Some(direction) = before.and_then(|(from, _)| self.line.crossed(from, foot)) {
                let count = self.counts.entry(direction).or_default();
                *count += 1;
                let (id, label) = (who.id, object.label);
                writeln!(
                    std::io::stdout(),
                    r#"{{"time":{time},"id":{id},"label":"{label}","direction":"{direction}","count":{count}}}"#
                )
                .ok()?;
            }
        }
        self.seen
            .retain(|_, (_, then)| time.saturating_sub(*then) < FORGET);
        Some(())
    }
}
