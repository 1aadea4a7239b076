// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames of the clip, decoded, in memory; and cameras that send them again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gst::prelude::*;
use lynx_tests::{places, run};

use crate::Failure;

/// The clip's first so many frames: 10 s, in 66 MB.
const FRAMES: usize = 100;
/// Of the clip: 10 frames a second.
const FRAME_TIME: Duration = Duration::from_millis(100);

/// What cameras see.
#[derive(Clone)]
pub struct Film {
    caps: gst::Caps,
    frames: Arc<Vec<gst::Buffer>>,
    time: gst::ClockTime,
}

impl Film {
    /// Decodes the clip.
    pub fn of_clip() -> Result<Self, Failure> {
        let line = format!(
            "filesrc location={} ! avidemux ! avdec_msmpeg4 ! identity eos-after={} ! fakesink name=end",
            places::clip(),
            FRAMES + 1
        );
        Self::record(&line, FRAME_TIME)
    }

    /// Black frames of 32 × 32 pixels, which take next to no time.
    pub fn tiny() -> Result<Self, Failure> {
        let line = "videotestsrc num-buffers=8 pattern=black \
                    ! video/x-raw,format=RGB,width=32,height=32,framerate=100/1 ! fakesink name=end";
        Self::record(line, Duration::from_millis(10))
    }

    fn record(line: &str, time: Duration) -> Result<Self, Failure> {
        let (pipeline, _) = run::build(line);
        let end = pipeline.by_name("end").and_then(|e| e.static_pad("sink"));
        let end = end.ok_or("the launch line names it")?;
        let frames = Arc::new(Mutex::new((None, Vec::new())));
        let kept = Arc::clone(&frames);
        end.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
            if let (Some(buffer), Ok(mut kept)) = (info.buffer(), kept.lock()) {
                kept.0 = pad.current_caps();
                // The decoder wants its memory back.
                kept.1.extend(buffer.copy_deep());
            }
            gst::PadProbeReturn::Ok
        });
        run::play_to_end(&pipeline);
        pipeline.set_state(gst::State::Null)?;
        let mut frames = frames.lock().map_err(|_| "a panic")?;
        let caps = frames.0.take().ok_or("the clip has no frames")?;
        Ok(Self {
            caps,
            frames: Arc::new(std::mem::take(&mut frames.1)),
            time: gst::ClockTime::try_from(time)?,
        })
    }

    /// The `index`th frame of a camera; its memory is shared.
    fn frame(&self, index: usize) -> gst::Buffer {
        let mut buffer = self.frames[index % self.frames.len()].copy();
        let frame = buffer.make_mut();
        frame.set_pts(self.time * index as u64);
        frame.set_dts(gst::ClockTime::NONE);
        frame.set_duration(self.time);
        buffer
    }

    /// Has an appsrc send frames as fast as they are taken, without end.
    pub fn feed(&self, source: &gst::Element) {
        source.set_property("caps", &self.caps);
        source.set_property_from_str("format", "time");
        let (film, next) = (self.clone(), Mutex::new(0));
        source.connect("need-data", false, move |values| {
            let source = values[0].get::<gst::Element>().ok()?;
            let mut next = next.lock().ok()?;
            let frame = film.frame(*next);
            *next += 1;
            drop(next);
            push(&source, &frame);
            None
        });
    }

    /// Has an appsrc send a frame every `interval`, the first after `delay`, as a live camera does
    /// that nobody can hold up.
    pub fn feed_live(&self, source: &gst::Element, interval: Duration, delay: Duration) -> Live {
        source.set_property("caps", &self.caps);
        source.set_property_from_str("format", "time");
        source.set_property("is-live", true);
        let stop = Arc::new(AtomicBool::new(false));
        let (film, source, stopped) = (self.clone(), source.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut next = Instant::now() + delay;
            for index in 0.. {
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let frame = film.frame(index);
                push(&source, &frame);
                next += interval;
            }
        });
        Live {
            stop,
            thread: Some(thread),
        }
    }
}

/// Has an appsrc send a frame. One that is being stopped says so here, and needs no more.
fn push(source: &gst::Element, frame: &gst::Buffer) {
    let _ = source.emit_by_name::<gst::FlowReturn>("push-buffer", &[frame]);
}

/// A live camera, until it is dropped.
pub struct Live {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
