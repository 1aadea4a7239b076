// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole pipelines, some at once in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use gst::prelude::*;
use lynx_tests::{places, run};

use crate::Failure;
use crate::camera::Film;
use crate::options::Options;
use crate::sample::{Moment, Sample};

/// Frames that come before the clock starts, and some more for each stream: by then models are
/// loaded, queues are full, and what leaves the pipelines is what they infer.
const WARM_UP: usize = 16;
const WARM_UP_A_STREAM: usize = 8;

/// Where frames come from.
pub fn source(options: &Options) -> String {
    match options.file {
        false => "appsrc name=in".into(),
        true => format!(
            "filesrc location={} ! avidemux ! avdec_msmpeg4",
            places::clip()
        ),
    }
}

/// A lynxinfer of these options.
pub fn infer(options: &Options) -> String {
    let Options {
        model,
        size,
        provider,
        batch,
        batch_timeout,
        nireq,
        threads,
        ..
    } = options;
    format!(
        "lynxinfer name=infer model={model} threshold=0.1 reshape-width={size} \
         reshape-height={size} execution-provider={provider} batch-size={batch} \
         batch-timeout={batch_timeout} nireq={nireq} intra-op-threads={threads}"
    )
}

/// Everything that is done to a frame.
pub fn whole(options: &Options) -> String {
    format!(
        "{} ! {} ! lynxtrack ! lynxoverlay",
        source(options),
        infer(options)
    )
}

/// Some pipelines of the same kind that play.
pub struct Pipelines {
    all: Vec<gst::Pipeline>,
    events: Receiver<Event>,
}

/// What is heard of the pipelines.
enum Event {
    /// So many frames have come out of all of them together.
    Shown(usize, Moment),
    Ended(String),
}

impl Pipelines {
    /// Starts so many of this launch line; `feed` sees to each that has a source named `in`.
    /// At these counts of frames, ascending, the clock is read.
    pub fn start(
        line: &str,
        streams: usize,
        counts: &[usize],
        mut feed: impl FnMut(usize, &gst::Element),
    ) -> Result<Self, Failure> {
        let (sender, events) = channel();
        let shown = Arc::new(AtomicUsize::new(0));
        let mut all = Vec::new();
        for index in 0..streams {
            let pipeline = gst::parse::launch(&format!("{line} ! fakesink name=end sync=false"))?;
            let pipeline = pipeline
                .downcast::<gst::Pipeline>()
                .map_err(|_| "a line of several elements is a pipeline")?;
            if let Some(source) = pipeline.by_name("in") {
                feed(index, &source);
            }
            count(&pipeline, &shown, counts.to_vec(), sender.clone())?;
            listen(&pipeline, sender.clone())?;
            all.push(pipeline);
        }
        let pipelines = Self { all, events };
        for pipeline in &pipelines.all {
            if pipeline.set_state(gst::State::Playing).is_err() {
                return Err(match pipelines.events.try_recv() {
                    Ok(Event::Ended(reason)) => reason.into(),
                    _ => "a pipeline does not start".into(),
                });
            }
        }
        Ok(pipelines)
    }

    /// Waits for the next count. Gives it and when it was reached.
    pub fn wait(&self) -> Result<(usize, Moment), Failure> {
        match self.events.recv()? {
            Event::Shown(count, moment) => Ok((count, moment)),
            Event::Ended(reason) => Err(reason.into()),
        }
    }

    /// What the lynxinfer of each pipeline says of itself.
    pub fn stats(&self) -> Vec<gst::Structure> {
        let elements = self.all.iter().filter_map(|p| p.by_name("infer"));
        elements.map(|e| e.property("stats")).collect()
    }
}

impl Drop for Pipelines {
    fn drop(&mut self) {
        for pipeline in &self.all {
            let _ = pipeline.set_state(gst::State::Null);
        }
    }
}

/// Counts what comes out of a pipeline, together with the others.
fn count(
    pipeline: &gst::Pipeline,
    shown: &Arc<AtomicUsize>,
    counts: Vec<usize>,
    sender: Sender<Event>,
) -> Result<(), Failure> {
    let end = pipeline.by_name("end").and_then(|e| e.static_pad("sink"));
    let end = end.ok_or("the launch line names it")?;
    let shown = Arc::clone(shown);
    end.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        let shown = shown.fetch_add(1, Ordering::Relaxed) + 1;
        if counts.contains(&shown) {
            let _ = sender.send(Event::Shown(shown, Moment::now()));
        }
        gst::PadProbeReturn::Ok
    });
    Ok(())
}

/// Tells of errors and ends.
fn listen(pipeline: &gst::Pipeline, sender: Sender<Event>) -> Result<(), Failure> {
    let bus = pipeline.bus().ok_or("a pipeline has a bus")?;
    bus.set_sync_handler(move |_, message| {
        let ended = match message.view() {
            gst::MessageView::Eos(_) => Some("the clip has fewer frames than asked for".into()),
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            gst::MessageView::Warning(warning) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("warning: {}", warning.error());
                }
                None
            }
            _ => None,
        };
        if let Some(reason) = ended {
            let _ = sender.send(Event::Ended(reason));
        }
        gst::BusSyncReply::Drop
    });
    Ok(())
}

/// How fast pipelines of this line are, and what the first one's lynxinfer says of itself.
pub fn measure(
    line: &str,
    film: &Film,
    streams: usize,
    frames: usize,
) -> Result<(Sample, Option<gst::Structure>), Failure> {
    run::init();
    let begin = WARM_UP + WARM_UP_A_STREAM * streams;
    let counts = [begin, begin + frames];
    let pipelines = Pipelines::start(line, streams, &counts, |_, source| film.feed(source))?;
    let (_, begun) = pipelines.wait()?;
    let (_, ended) = pipelines.wait()?;
    let stats = pipelines.stats().into_iter().next();
    Ok((begun.until(ended, frames), stats))
}
