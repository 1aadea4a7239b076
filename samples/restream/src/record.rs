// SPDX-License-Identifier: MIT OR Apache-2.0
//! Annotated video into files.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use gst::prelude::*;
use gst_app::AppSrc;

use crate::clock;
use crate::error::Error;
use crate::hub::{Hub, Subscription};
use crate::properties::{make, set};

/// Nanoseconds of a file.
const FILE: u64 = 600_000_000_000;
/// How long a file may take to be closed.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(1);

/// Writes `FOLDER/NAME-20261126-231205.mp4`, ten minutes each, until it goes. The files are
/// fragmented: one that was not closed can be played up to its last second.
pub struct Recording {
    subscription: Option<Subscription>,
    source: AppSrc,
    pipeline: gst::Pipeline,
}

impl Recording {
    /// # Errors
    ///
    /// The folder cannot be written to, or an element is missing.
    pub fn start(name: &str, folder: &Path, encoded: &Arc<Hub>) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::Invalid(format!("cannot record into {}: {error}", folder.display()))
        })?;
        let source = AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .max_buffers(60)
            .build();
        let parse = make("h264parse")?;
        let muxer = make("mp4mux")?;
        set(&muxer, "fragment-duration", "1000")?;
        let sink = make("splitmuxsink")?;
        sink.set_property("muxer", &muxer);
        sink.set_property("max-size-time", FILE);
        let (name, folder) = (name.to_owned(), folder.to_owned());
        sink.connect("format-location", false, move |_| {
            let now = clock::utc(SystemTime::now());
            let stamp: String = now
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == ' ')
                .collect();
            let stamp = stamp.trim().replace(' ', "-");
            let file = folder.join(format!("{name}-{stamp}.mp4"));
            Some(file.display().to_string().to_value())
        });
        let pipeline = gst::Pipeline::new();
        let chain = [source.upcast_ref(), &parse, &sink];
        pipeline
            .add_many(chain)
            .and_then(|()| gst::Element::link_many(chain))
            .map_err(|error| Error::Failed(format!("a recording cannot be linked: {error}")))?;
        let mut recording = Self {
            subscription: None,
            source,
            pipeline,
        };
        recording
            .pipeline
            .set_state(gst::State::Playing)
            .map_err(|_| Error::Failed("a recording does not start".into()))?;
        let into = recording.source.clone();
        recording.subscription = Some(encoded.subscribe(write_into(into)));
        Ok(recording)
    }
}

/// Files begin at nought and with a key frame.
fn write_into(source: AppSrc) -> impl Fn(&gst::Sample) + Send + Sync {
    let begun = AtomicBool::new(false);
    let first = Mutex::new(gst::ClockTime::ZERO);
    move |sample| {
        let (Some(buffer), Some(caps)) = (sample.buffer_owned(), sample.caps_owned()) else {
            return;
        };
        let Some(time) = buffer.pts() else {
            return;
        };
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if !begun.load(Ordering::Relaxed) {
            if buffer.flags().contains(gst::BufferFlags::DELTA_UNIT) {
                return;
            }
            begun.store(true, Ordering::Relaxed);
            *first = time;
        }
        let mut buffer = buffer;
        let time = time.saturating_sub(*first);
        drop(first);
        let writable = buffer.make_mut();
        writable.set_pts(time);
        writable.set_dts(time);
        let sample = gst::Sample::builder().buffer(&buffer).caps(&caps).build();
        let _ = source.push_sample(&sample);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.subscription.take();
        let _ = self.source.end_of_stream();
        if let Some(bus) = self.pipeline.bus() {
            let ends = [gst::MessageType::Eos, gst::MessageType::Error];
            bus.timed_pop_filtered(PATIENCE, &ends);
        }
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
