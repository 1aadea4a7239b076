// SPDX-License-Identifier: MIT OR Apache-2.0
//! The source pad and its thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gst::prelude::*;
use gst::subclass::prelude::*;
use lynx_meta::element::lock;
use lynx_runtime::engine::Request;

use crate::imp::{CAT, Infer};
use crate::line::Next;
use crate::running::Running;
use crate::ticket::{Outcome, Stage, Ticket};

/// How often the head of the line is looked at where nothing happens.
const LOOK: Duration = Duration::from_millis(100);
/// How many frames there are between two looks at the latency.
const FRAMES: u64 = 16;

impl Infer {
    pub(crate) fn src_event(&self, event: gst::Event) -> bool {
        let running = self.running();
        let unlinked =
            |running: &&Arc<Running>| running.common.line.flow() == Err(gst::FlowError::NotLinked);
        if event.type_() == gst::EventType::Reconfigure
            && let Some(running) = running.as_ref().filter(unlinked)
        {
            // There may be somebody downstream now.
            running.start();
            self.start_task();
        }
        gst::Pad::event_default(&self.srcpad, Some(&*self.obj()), event)
    }

    pub(crate) fn src_query(&self, query: &mut gst::QueryRef) -> bool {
        match query.view_mut() {
            gst::QueryViewMut::Caps(query) => {
                self.answer_caps(&self.srcpad, query);
                true
            }
            gst::QueryViewMut::Latency(query) => self.answer_latency(query),
            _ => gst::Pad::query_default(&self.srcpad, Some(&*self.obj()), query),
        }
    }

    fn answer_latency(&self, query: &mut gst::query::Latency<gst::QueryRef>) -> bool {
        let mut upstream = gst::query::Latency::new();
        let Some(running) = self.running() else {
            return false;
        };
        if !self.sinkpad.peer_query(&mut upstream) {
            return false;
        }
        let (live, min, max) = upstream.result();
        let ours = running.latency(&self.settings());
        *lock(&running.answered) = Some(ours);
        let ours = gst::ClockTime::try_from(ours).unwrap_or_default();
        query.set(live, min + ours, max.map(|max| max + ours));
        true
    }

    pub(crate) fn activate_src(&self, active: bool) -> Result<(), gst::LoggableError> {
        let Some(running) = self.running() else {
            return Ok(());
        };
        let done = if active {
            running.start();
            self.start_task()
        } else {
            running.stop(gst::FlowError::Flushing);
            self.srcpad.stop_task().is_ok()
        };
        match done {
            true => Ok(()),
            false => Err(gst::loggable_error!(CAT, "the source pad's task")),
        }
    }

    pub(super) fn start_task(&self) -> bool {
        let element = self.obj().downgrade();
        let task = move || {
            if let Some(element) = element.upgrade() {
                element.imp().push_next();
            }
        };
        self.srcpad.start_task(task).is_ok()
    }

    /// Pushes what is next in the line.
    fn push_next(&self) {
        let Some(running) = self.running() else {
            let _ = self.srcpad.pause_task();
            return;
        };
        match running.common.line.next(LOOK) {
            Next::Frame(ticket) => self.push_frame(&running, &ticket),
            Next::Event(event) => {
                running.note_segment(&event);
                self.srcpad.push_event(event);
            }
            Next::Wait(ticket) => self.watch(&running, &ticket),
            Next::Stop => {
                let _ = self.srcpad.pause_task();
                // Somebody may have started the line, and found the task not paused yet.
                if running.common.line.flow() == Ok(()) {
                    self.start_task();
                }
            }
        }
    }

    fn push_frame(&self, running: &Arc<Running>, ticket: &Ticket) {
        let mut back = lock(&running.back);
        let finished = back.finish(ticket);
        let (frames, passed_over) = (back.stats().frames, back.stats().passed_over());
        drop(back);
        let finished = match finished {
            Ok(finished) => finished,
            Err(reason) => {
                let _ = self.broken(running, &reason);
                return;
            }
        };
        for warning in finished.warnings {
            gst::element_imp_warning!(self, gst::StreamError::Failed, ("{warning}"));
        }
        if let Some(times) = finished.passed_over {
            self.post_qos(running, times, (frames - passed_over, passed_over));
        }
        if frames.is_multiple_of(FRAMES) {
            self.check_latency(running);
            self.check_engine(running);
            // None is looked at for long where all are passed over.
            self.rescue(running);
        }
        let Some(buffer) = finished.buffer else {
            return;
        };
        if let Err(flow) = self.srcpad.push(buffer) {
            gst::debug!(CAT, imp = self, "downstream: {flow}");
            if flow == gst::FlowError::Eos {
                running.refuse_frames();
            } else if self.stop_line(running, flow) {
                self.ended(flow);
            }
        }
    }

    /// Says that a frame was passed over, of how many.
    fn post_qos(
        &self,
        running: &Running,
        (pts, duration): (Option<gst::ClockTime>, Option<gst::ClockTime>),
        (processed, passed_over): (u64, u64),
    ) {
        let segment = lock(&running.segment).clone();
        let live = lock(&running.live).unwrap_or_default();
        let buffers = |count| Some(gst::format::Buffers::from_u64(count));
        let message = gst::message::Qos::builder(live)
            .src(&*self.obj())
            .running_time(pts.and_then(|pts| segment.to_running_time(pts)))
            .stream_time(pts.and_then(|pts| segment.to_stream_time(pts)))
            .timestamp(pts)
            .duration(duration)
            .stats(buffers(processed), buffers(passed_over))
            .build();
        let _ = self.obj().post_message(message);
    }

    /// Says that the latency is another one than was answered, where it is by a fifth.
    fn check_latency(&self, running: &Running) {
        let mut answered = lock(&running.answered);
        let Some(before) = *answered else {
            return;
        };
        let now = running.latency(&self.settings());
        if now.abs_diff(before) > (before / 5).max(Duration::from_millis(1)) {
            *answered = Some(now);
            drop(answered);
            let message = gst::message::Latency::builder().src(&*self.obj()).build();
            let _ = self.obj().post_message(message);
        }
    }

    /// Says, once, that the engine is less than was asked for.
    fn check_engine(&self, running: &Running) {
        let engine = running.model().engine();
        let (options, stats) = (engine.options(), engine.stats());
        let asked = options.ladder.limit();
        if stats.limit < asked && !running.said_less.swap(true, Ordering::Relaxed) {
            gst::element_imp_warning!(
                self,
                gst::ResourceError::NoSpaceLeft,
                (
                    "there is no memory on the device for runs of {asked} images: they have {} from \
                     now on; a smaller batch-size or nireq leaves room",
                    stats.limit
                )
            );
        } else if stats.workers < options.requests
            && !running.said_less.swap(true, Ordering::Relaxed)
        {
            gst::element_imp_warning!(
                self,
                gst::ResourceError::Failed,
                (
                    "{} of {} requests are left to run the model: runs of the others did not come \
                     back; start the element anew, or use another model or execution provider",
                    stats.workers,
                    options.requests
                )
            );
        }
    }

    /// Lets a frame go on whose run does not come back.
    fn watch(&self, running: &Running, ticket: &Ticket) {
        let (stage, waited) = ticket.waits();
        if let Some(patience) = ticket.patience()
            && stage == Stage::Run
            && waited >= patience
        {
            ticket.end(Outcome::Failed(format!(
                "its run on {} did not come back within {} ms (inference-timeout); a larger \
                 inference-timeout waits longer, a smaller model takes less",
                running.model().session().provider(),
                patience.as_millis()
            )));
        }
        // Also where it waits in the queue: for runs of others, maybe.
        self.rescue(running);
    }

    /// Ends runs that hang, of whomever they are.
    fn rescue(&self, running: &Running) {
        let stuck = running.model().engine().rescue();
        if stuck > 0 {
            gst::warning!(CAT, imp = self, "{stuck} runs did not come back");
        }
    }
}
