// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures in, drawn on and encoded, H.264 out: one thread and one pipeline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gst_app::{AppSink, AppSrc};

use super::feed::Feed;
use crate::config;
use crate::encoder;
use crate::error::Error;
use crate::hub::Hub;
use crate::properties;

/// How a camera's pictures are drawn on and encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub overlay: config::Properties,
    pub encoder: config::Encoder,
    /// The encoder's element.
    pub element: String,
}

/// What the thread and its owner share.
#[derive(Default)]
pub struct Control {
    pub stop: AtomicBool,
    /// Somebody new waits for a key frame; the same for all workers of a stream.
    pub key: Arc<AtomicBool>,
}

/// Key frames that are asked for are no closer than this: viewers who come and go would make a
/// stream of key frames alone.
const APART: Duration = Duration::from_millis(250);
/// After a failure the pipeline is made anew, not at once.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until `control.stop`. What is encoded is counted in `frames`; `complain` hears why a
/// pipeline failed.
pub fn run(
    mut feed: Feed,
    look: &Look,
    encoded: &Arc<Hub>,
    control: &Arc<Control>,
    frames: &Arc<AtomicU64>,
    complain: &dyn Fn(String),
) {
    while !control.stop.load(Ordering::Acquire) {
        let ended = Pipeline::start(look, encoded, control, frames)
            .and_then(|pipeline| pipeline.pump(&mut feed, look, control));
        if let Err(error) = ended {
            complain(error.to_string());
            let failed = Instant::now();
            while failed.elapsed() < AGAIN && !control.stop.load(Ordering::Acquire) {
                feed.next();
            }
        }
    }
}

struct Pipeline {
    pipeline: gst::Pipeline,
    source: AppSrc,
    sink: AppSink,
    bus: gst::Bus,
}

impl Pipeline {
    /// Its running time is that of the system clock, so that the times of its frames are.
    fn start(
        look: &Look,
        encoded: &Arc<Hub>,
        control: &Arc<Control>,
        frames: &Arc<AtomicU64>,
    ) -> Result<Self, Error> {
        let source = AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .max_buffers(16)
            .leaky_type(gst_app::AppLeakyType::Downstream)
            .build();
        let overlay = properties::make("lynxoverlay")?;
        properties::set_all(&overlay, &look.overlay)?;
        let convert = properties::make("videoconvert")?;
        let raw = filter("video/x-raw, format=(string){ NV12, I420 }")?;
        let encoder = encoder::make(&look.element, &look.encoder)?;
        let parse = properties::make("h264parse")?;
        parse.set_property("config-interval", -1);
        let whole = filter("video/x-h264, stream-format=byte-stream, alignment=au")?;
        let sink = AppSink::builder()
            .sync(false)
            .max_buffers(8)
            .drop(true)
            .build();
        sink.set_callbacks(send_to(encoded.clone(), control.clone(), frames.clone()));

        let pipeline = gst::Pipeline::new();
        let chain = [
            source.upcast_ref(),
            &overlay,
            &convert,
            &raw,
            &encoder,
            &parse,
            &whole,
            sink.upcast_ref(),
        ];
        let linked = pipeline
            .add_many(chain)
            .and_then(|()| gst::Element::link_many(chain));
        linked.map_err(|error| Error::Failed(format!("the encoder cannot be linked: {error}")))?;
        pipeline.use_clock(Some(&gst::SystemClock::obtain()));
        pipeline.set_start_time(gst::ClockTime::NONE);
        pipeline.set_base_time(gst::ClockTime::ZERO);
        let bus = pipeline.bus();
        let made = bus.map(|bus| Self {
            pipeline,
            source,
            sink,
            bus,
        });
        let made = made.ok_or_else(|| Error::Failed("a pipeline has no bus".into()))?;
        let playing = made.pipeline.set_state(gst::State::Playing);
        playing.map_err(|_| made.why())?;
        Ok(made)
    }

    /// Feeds it until it is to stop, or fails.
    fn pump(&self, feed: &mut Feed, look: &Look, control: &Control) -> Result<(), Error> {
        let interval = Duration::from_millis(u64::from(look.encoder.keyframe_interval.max(100)));
        // The first frame is a key frame anyway.
        let mut key: Option<Instant> = None;
        while !control.stop.load(Ordering::Acquire) {
            if self.bus.peek().is_some() {
                let kinds = [gst::MessageType::Error, gst::MessageType::Eos];
                if self
                    .bus
                    .pop_filtered(&kinds)
                    .is_some_and(|m| m.type_() == gst::MessageType::Error)
                {
                    return Err(self.why());
                }
            }
            let Some(sample) = feed.next() else {
                continue;
            };
            let since = key.map_or(interval, |key| key.elapsed());
            if since >= interval || (since >= APART && control.key.load(Ordering::Acquire)) {
                control.key.store(false, Ordering::Release);
                if key.replace(Instant::now()).is_some() {
                    // From behind: among the frames it could come before the first one's caps.
                    let event = gst_video::UpstreamForceKeyUnitEvent::builder()
                        .all_headers(true)
                        .build();
                    self.sink.send_event(event);
                }
            }
            if self.source.push_sample(&sample).is_err() {
                return Err(self.why());
            }
        }
        Ok(())
    }

    /// What the pipeline says went wrong.
    fn why(&self) -> Error {
        let message = self.bus.timed_pop_filtered(
            gst::ClockTime::from_mseconds(200),
            &[gst::MessageType::Error],
        );
        let text = match message.as_ref().map(|m| m.view()) {
            Some(gst::MessageView::Error(error)) => error.error().to_string(),
            _ => "it does not start".into(),
        };
        Error::Failed(format!("drawing and encoding failed: {text}"))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Hands on each sample with its time on the system clock, until it is to stop: from then on
/// another pipeline may send.
fn send_to(
    hub: Arc<Hub>,
    control: Arc<Control>,
    frames: Arc<AtomicU64>,
) -> gst_app::AppSinkCallbacks {
    gst_app::AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            if control.stop.load(Ordering::Acquire) {
                return Err(gst::FlowError::Eos);
            }
            if let Some(sample) = in_running_time(&sample) {
                frames.fetch_add(1, Ordering::Relaxed);
                hub.send(&sample);
            }
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}

/// The same sample, its time that of the pipeline: encoders shift theirs.
pub(super) fn in_running_time(sample: &gst::Sample) -> Option<gst::Sample> {
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let mut buffer = sample.buffer_owned()?;
    let time = segment.to_running_time(buffer.pts()?)?;
    let writable = buffer.make_mut();
    writable.set_pts(time);
    writable.set_dts(gst::ClockTime::NONE);
    let caps = sample.caps_owned()?;
    Some(gst::Sample::builder().buffer(&buffer).caps(&caps).build())
}

fn filter(caps: &str) -> Result<gst::Element, Error> {
    let filter = properties::make("capsfilter")?;
    properties::set(&filter, "caps", caps)?;
    Ok(filter)
}
