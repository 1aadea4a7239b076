// SPDX-License-Identifier: MIT OR Apache-2.0
//! A camera's pipeline: from its address to pictures with what is known of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks};
use gst_video::VideoInfo;
use lynx_meta::{frame, objects};

use super::Plan;
use super::clocked::Clocked;
use super::raw::Raw;
use super::source;
use crate::config::Kind;
use crate::error::Error;
use crate::hub::Hub;
use crate::model;
use crate::properties::{make, set};
use crate::status::Latency;

/// What is seen of the frames that come.
#[derive(Default)]
pub struct Seen {
    pub frames: AtomicU64,
    newest: Mutex<Newest>,
}

/// What is known of the newest frame.
#[derive(Debug, Clone, Default)]
pub struct Newest {
    pub width: u32,
    pub height: u32,
    pub objects: BTreeMap<String, u32>,
    /// On what inference ran.
    pub provider: String,
    /// Unix time.
    pub at: Option<std::time::SystemTime>,
}

impl Seen {
    pub fn newest(&self) -> Newest {
        self.newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, sample: &gst::Sample) {
        let info = sample
            .caps()
            .and_then(|caps| VideoInfo::from_caps(caps).ok());
        let (Some(info), Some(buffer)) = (info, sample.buffer()) else {
            return;
        };
        let size = (info.width(), info.height());
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        (newest.width, newest.height) = size;
        newest.at = Some(std::time::SystemTime::now());
        newest.objects.clear();
        for object in objects::iter(buffer, size) {
            match newest.objects.get_mut(object.label) {
                Some(count) => *count += 1,
                None => {
                    newest.objects.insert(object.label.into(), 1);
                }
            }
        }
        if let Some(inference) = frame::inference(buffer)
            && newest.provider != inference.provider
        {
            newest.provider = inference.provider.into();
        }
        drop(newest);
        self.frames.fetch_add(1, Ordering::Release);
    }
}

/// A pipeline that plays.
pub struct Ingest {
    pub pipeline: gst::Pipeline,
    pub bus: gst::Bus,
    pub infer: gst::Element,
    track: gst::Element,
    pub seen: Arc<Seen>,
}

impl Ingest {
    /// Starts it. Whether the camera is there shows on the bus.
    pub fn start(plan: &Plan, pictures: &Arc<Hub>, raw: Option<Raw>) -> Result<Self, Error> {
        let kind = plan.camera.source.kind()?;
        let pipeline = gst::Pipeline::new();
        let convert = make("videoconvert")?;
        let mut tail = vec![convert.clone()];
        if matches!(kind, Kind::File(_)) {
            // As if it were live.
            tail.push(make("clocksync")?);
        }
        tail.push(make("lynxpreprocess")?);
        let queue = make("queue")?;
        for (limit, value) in [
            ("max-size-buffers", "3"),
            ("max-size-bytes", "0"),
            ("max-size-time", "0"),
        ] {
            set(&queue, limit, value)?;
        }
        tail.push(queue);
        let infer = model::element(&plan.model)?;
        let track = make("lynxtrack")?;
        tail.extend([infer.clone(), track.clone()]);
        if let Some(path) = &plan.camera.events {
            let publish = make("lynxpublish")?;
            publish.set_property("location", path.display().to_string());
            publish.set_property("append", true);
            set(&publish, "stream", &plan.camera.name)?;
            tail.push(publish);
        }
        let formats = gst::Caps::builder("video/x-raw")
            .field("format", gst::List::new(["NV12", "I420"]))
            .build();
        let sink = AppSink::builder()
            .caps(&formats)
            .sync(false)
            .max_buffers(4)
            .drop(true)
            .build();
        let seen = Arc::new(Seen::default());
        sink.set_callbacks(take(pictures.clone(), seen.clone()));
        tail.push(sink.upcast());

        let cannot = |_| Error::Failed("the camera's pipeline cannot be linked".into());
        pipeline.add_many(&tail).map_err(cannot)?;
        gst::Element::link_many(&tail).map_err(cannot)?;
        let pad = convert.static_pad("sink");
        let missing = || Error::Failed("an element lacks its pad".into());
        source::add(&pipeline, &kind, &pad.ok_or_else(missing)?, raw)?;
        let made = Self {
            bus: pipeline.bus().ok_or_else(missing)?,
            pipeline,
            infer,
            track,
            seen,
        };
        made.set_thresholds(plan)?;
        track_all(&made.track, plan.hides)?;
        if made.pipeline.set_state(gst::State::Playing).is_err() {
            let error = made.bus.pop_filtered(&[gst::MessageType::Error]);
            return Err(Error::Failed(match error.as_ref().map(|m| m.view()) {
                Some(gst::MessageView::Error(error)) => super::reason(error),
                _ => "the camera's pipeline does not start".into(),
            }));
        }
        Ok(made)
    }

    /// From a frame's entry into the model's element to its last result.
    pub fn latency(&self) -> Latency {
        let stats: gst::Structure = self.infer.property("stats");
        let milliseconds = |field| stats.get::<u64>(field).unwrap_or_default() as f64 / 1e6;
        Latency {
            p50: milliseconds("latency-p50"),
            p99: milliseconds("latency-p99"),
        }
    }

    /// May be called while it plays.
    pub fn set_thresholds(&self, plan: &Plan) -> Result<(), Error> {
        let threshold = plan.camera.threshold.unwrap_or(plan.model.threshold);
        // The tracker keeps whom it knows by weaker detections, too.
        let weak = threshold.min(0.1);
        set(&self.infer, "threshold", &weak.to_string())?;
        let mut tracker = [
            ("low-threshold", weak),
            ("high-threshold", threshold.min(0.5)),
            ("new-threshold", threshold),
        ];
        // Each of them is no higher than the next, at any time.
        if threshold > self.track.property::<f32>("new-threshold") {
            tracker.reverse();
        }
        for (name, value) in tracker {
            set(&self.track, name, &value.to_string())?;
        }
        Ok(())
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Where something is to be hidden, what is not yet tracked is, too.
fn track_all(track: &gst::Element, hides: bool) -> Result<(), Error> {
    set(
        track,
        "keep-untracked",
        if hides { "true" } else { "false" },
    )
}

fn take(pictures: Arc<Hub>, seen: Arc<Seen>) -> AppSinkCallbacks {
    let clocked = Clocked::default();
    AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            if let Some(sample) = clocked.sample(&sample) {
                seen.note(&sample);
                pictures.send(&sample);
            }
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}
