// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of one stream, one after the other.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime};

use gst::prelude::*;
use gst_app::AppSrc;

use super::PATIENCE;
use crate::clock;
use crate::error::Error;
use crate::properties::{make, set};

/// Frames that wait for the disk, at most.
const WAITING: u64 = 60;

/// A pipeline that writes files for as long as the stream stays what it is.
pub struct Files {
    pipeline: gst::Pipeline,
    source: AppSrc,
    bus: gst::Bus,
    folder: PathBuf,
}

/// Whether a sample can be decoded without those before it.
pub fn is_key(sample: &gst::Sample) -> bool {
    let flags = sample.buffer().map(gst::BufferRef::flags);
    flags.is_some_and(|flags| !flags.contains(gst::BufferFlags::DELTA_UNIT))
}

impl Files {
    pub fn start(name: &str, folder: &Path, length: Duration) -> Result<Self, Error> {
        let source = AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .build();
        let parse = make("h264parse")?;
        let muxer = make("mp4mux")?;
        set(&muxer, "fragment-duration", "1000")?;
        let sink = make("splitmuxsink")?;
        sink.set_property("muxer", &muxer);
        sink.set_property("max-size-time", length.as_nanos() as u64);
        let (name, into) = (name.to_owned(), folder.to_owned());
        sink.connect("format-location", false, move |_| {
            let file = new_name(&into, &name, &clock::utc(SystemTime::now()));
            Some(file.display().to_string().to_value())
        });
        let pipeline = gst::Pipeline::new();
        let chain = [source.upcast_ref(), &parse, &sink];
        pipeline
            .add_many(chain)
            .and_then(|()| gst::Element::link_many(chain))
            .map_err(|error| Error::Failed(format!("a recording cannot be linked: {error}")))?;
        let missing = || Error::Failed("a pipeline has no bus".into());
        let files = Self {
            bus: pipeline.bus().ok_or_else(missing)?,
            pipeline,
            source,
            folder: folder.into(),
        };
        let playing = files.pipeline.set_state(gst::State::Playing);
        playing.map_err(|_| files.why())?;
        Ok(files)
    }

    /// Writes `first`, a key frame, and all that follows; ends with the sample that begins another
    /// stream (another size, say), which needs other files, or with none where no more come.
    pub fn write(
        self,
        first: gst::Sample,
        samples: &Receiver<gst::Sample>,
    ) -> Result<Option<gst::Sample>, Error> {
        let caps = first.caps_owned();
        let begin = first.buffer().and_then(gst::BufferRef::pts);
        let begin = begin.unwrap_or_default();
        let mut missed = false;
        let mut last = None;
        let mut sample = first;
        loop {
            if sample.caps() != caps.as_deref() {
                if is_key(&sample) {
                    self.close()?;
                    return Ok(Some(sample));
                }
                missed = true;
            }
            let time = sample.buffer().and_then(gst::BufferRef::pts);
            let time = time.and_then(|time| time.checked_sub(begin));
            let full = self.source.current_level_buffers() >= WAITING;
            missed = full || (missed && !is_key(&sample));
            if let Some(time) = time.filter(|time| !missed && last.is_none_or(|last| last < *time))
            {
                last = Some(time);
                self.push(&sample, time)?;
            }
            self.check()?;
            match samples.recv() {
                Ok(next) => sample = next,
                Err(_) => return self.close().map(|()| None),
            }
        }
    }

    fn push(&self, sample: &gst::Sample, time: gst::ClockTime) -> Result<(), Error> {
        let (Some(mut buffer), Some(caps)) = (sample.buffer_owned(), sample.caps_owned()) else {
            return Ok(());
        };
        // Frames are shown in the order in which they come.
        let writable = buffer.make_mut();
        writable.set_pts(time);
        writable.set_dts(time);
        let sample = gst::Sample::builder().buffer(&buffer).caps(&caps).build();
        let pushed = self.source.push_sample(&sample);
        pushed.map(|_| ()).map_err(|_| self.why())
    }

    /// Fails where the pipeline has.
    fn check(&self) -> Result<(), Error> {
        match self.bus.pop_filtered(&[gst::MessageType::Error]) {
            Some(message) => Err(self.reason(&message)),
            None => Ok(()),
        }
    }

    /// Closes the file.
    fn close(&self) -> Result<(), Error> {
        let _ = self.source.end_of_stream();
        let patience = gst::ClockTime::try_from(PATIENCE).unwrap_or_default();
        let ends = [gst::MessageType::Eos, gst::MessageType::Error];
        match self.bus.timed_pop_filtered(patience, &ends) {
            Some(message) if message.type_() == gst::MessageType::Error => {
                Err(self.reason(&message))
            }
            _ => Ok(()),
        }
    }

    fn why(&self) -> Error {
        let error = [gst::MessageType::Error];
        let soon = gst::ClockTime::from_mseconds(200);
        match self.bus.timed_pop_filtered(soon, &error) {
            Some(message) => self.reason(&message),
            None => self.cannot("it does not start"),
        }
    }

    fn reason(&self, message: &gst::Message) -> Error {
        match message.view() {
            gst::MessageView::Error(error) => self.cannot(&error.error().to_string()),
            _ => self.cannot("its pipeline ended"),
        }
    }

    fn cannot(&self, why: &str) -> Error {
        Error::Failed(format!(
            "cannot record into {}: {why}",
            self.folder.display()
        ))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Of a file that is not there yet: one that is stays what it is.
pub fn new_name(folder: &Path, name: &str, utc: &str) -> PathBuf {
    let stamp: String = utc
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == ' ')
        .collect();
    let stamp = stamp.trim().replace(' ', "-");
    let named = |more: &str| folder.join(format!("{name}-{stamp}{more}.mp4"));
    let more = (2..).map(|number| named(&format!("-{number}")));
    let mut names = std::iter::once(named("")).chain(more);
    names
        .find(|file| !file.exists())
        .unwrap_or_else(|| named(""))
}
