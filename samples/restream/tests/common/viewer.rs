// SPDX-License-Identifier: MIT OR Apache-2.0
//! Somebody who watches with GStreamer's `rtspsrc`.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks};

use super::picture::Picture;

/// See the module. It stays until this is dropped.
pub struct Viewer {
    pipeline: gst::Pipeline,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    inner: Mutex<Inner>,
    came: Condvar,
}

#[derive(Default)]
struct Inner {
    frames: u64,
    newest: Picture,
    last: Option<Instant>,
    gap: Duration,
}

type Take = Box<dyn Fn(&Picture) + Send>;

impl Viewer {
    /// Decodes every frame.
    pub fn watch(url: &str) -> Self {
        Self::start(url, "protocols=tcp", true, None)
    }

    /// Only counts frames, and decodes none.
    pub fn count(url: &str) -> Self {
        Self::start(url, "protocols=tcp", false, None)
    }

    /// Calls `take` with each picture when it is there.
    pub fn each(url: &str, take: impl Fn(&Picture) + Send + 'static) -> Self {
        Self::start(url, "protocols=tcp", true, Some(Box::new(take)))
    }

    pub fn start(url: &str, properties: &str, decode: bool, take: Option<Take>) -> Self {
        gst::init().expect("GStreamer");
        let decoder = match decode {
            true => "! avdec_h264 ! videoconvert ! video/x-raw,format=GRAY8",
            false => "",
        };
        let line = format!(
            "rtspsrc location={url} latency=0 {properties} ! rtph264depay ! h264parse \
             ! video/x-h264,alignment=au {decoder} ! appsink name=sink sync=false"
        );
        let pipeline = gst::parse::launch(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let pipeline = pipeline.downcast::<gst::Pipeline>().expect("a pipeline");
        let sink = pipeline
            .by_name("sink")
            .and_then(|sink| sink.downcast::<AppSink>().ok());
        let seen = Arc::new(Seen::default());
        let into = seen.clone();
        sink.expect("its sink").set_callbacks(
            AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    let picture = Picture::of(&sample);
                    if let (Some(take), Some(picture)) = (&take, &picture) {
                        take(picture);
                    }
                    into.note(picture);
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        let _ = pipeline.set_state(gst::State::Playing);
        Self { pipeline, seen }
    }

    pub fn frames(&self) -> u64 {
        self.seen.lock().frames
    }

    /// Waits until so many frames more have come.
    pub fn wait_frames(&self, more: u64, within: Duration) {
        let until = self.frames() + more;
        self.wait(&format!("{more} frames more"), within, |inner| {
            inner.frames >= until
        });
    }

    /// Waits until so many have come since it began.
    pub fn wait_total(&self, frames: u64, within: Duration) {
        self.wait(&format!("{frames} frames"), within, |inner| {
            inner.frames >= frames
        });
    }

    /// Waits for a picture like this.
    pub fn wait_picture(&self, what: &str, within: Duration, is: impl Fn(&Picture) -> bool) {
        self.wait(what, within, |inner| inner.frames > 0 && is(&inner.newest));
    }

    /// The longest wait from one frame to the next since this was asked last.
    pub fn gap(&self) -> Duration {
        let mut inner = self.seen.lock();
        let waiting = inner.last.map_or(Duration::ZERO, |last| last.elapsed());
        std::mem::take(&mut inner.gap).max(waiting)
    }

    /// Why it ended, where it did: an error's text, or `end of stream`.
    pub fn ended(&self) -> Option<String> {
        let kinds = [gst::MessageType::Error, gst::MessageType::Eos];
        let message = self.pipeline.bus()?.pop_filtered(&kinds)?;
        Some(match message.view() {
            gst::MessageView::Error(error) => format!("{}, {:?}", error.error(), error.debug()),
            _ => "end of stream".into(),
        })
    }

    fn wait(&self, what: &str, within: Duration, is: impl Fn(&Inner) -> bool) {
        let inner = self.seen.lock();
        let (inner, late) = self
            .seen
            .came
            .wait_timeout_while(inner, within, |inner| !is(inner))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !late.timed_out(),
            "a viewer waited {within:?} for {what}: {} frames, the newest {:?}, ended: {:?}",
            inner.frames,
            inner.newest,
            self.ended()
        );
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

impl Seen {
    fn note(&self, picture: Option<Picture>) {
        let mut inner = self.lock();
        let now = Instant::now();
        inner.frames += 1;
        if let Some(last) = inner.last.replace(now) {
            inner.gap = inner.gap.max(now - last);
        }
        if let Some(picture) = picture {
            inner.newest = picture;
        }
        drop(inner);
        self.came.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
