// SPDX-License-Identifier: MIT OR Apache-2.0
//! From what the model says of a frame to metadata on it, on the source pad's thread.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lynx_meta::element::lock;
use lynx_meta::{Inference, InferenceInfo, Stage, account, frame, objects};

use crate::cache::Cache;
use crate::model::Model;
use crate::regions::Places;
use crate::results::{Merge, Results};
use crate::spent::Spent;
use crate::stats::Stats;
use crate::ticket::{Leaving, Outcome, Ticket};

/// So many frames in a row that fail are no accident.
const MOST_FAILED: u32 = 10;

/// What writes on the frames of one stream.
pub(crate) struct Back {
    model: Arc<Model>,
    places: Arc<Places>,
    cache: Arc<Mutex<Cache>>,
    merge: Merge,
    stats: Stats,
    /// Frames in a row of which the run failed.
    failed: u32,
}

/// A frame as it goes on.
pub(crate) struct Finished {
    /// None where the frame was dropped.
    pub buffer: Option<gst::Buffer>,
    pub warnings: Vec<String>,
    /// It could not be kept up with: when and for how long it is to be seen.
    pub passed_over: Option<(Option<gst::ClockTime>, Option<gst::ClockTime>)>,
}

impl Back {
    pub fn new(model: &Arc<Model>, places: &Arc<Places>, cache: &Arc<Mutex<Cache>>) -> Self {
        Self {
            model: Arc::clone(model),
            places: Arc::clone(places),
            cache: Arc::clone(cache),
            merge: Merge::default(),
            stats: Stats::default(),
            failed: 0,
        }
    }

    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Writes on a frame what the model said of it, or that it said nothing. The error ends the
    /// stream.
    pub fn finish(&mut self, ticket: &Ticket) -> Result<Finished, String> {
        let started = Instant::now();
        let Leaving {
            buffer,
            outcome,
            mut results,
            spent,
            mut warnings,
        } = ticket.leave();
        self.stats.frames += 1;
        self.count(&outcome, &mut warnings)?;
        let late = matches!(outcome, Outcome::Late | Outcome::Dropped);
        let passed_over = late.then_some(ticket.times);
        let Some(mut buffer) = buffer.filter(|_| outcome != Outcome::Dropped) else {
            self.forget(ticket);
            return Ok(Finished {
                buffer: None,
                warnings,
                passed_over,
            });
        };
        let frame = buffer.make_mut();
        let ran = outcome == Outcome::Ran;
        let mut found = 0;
        if self.model.reader().is_classifier() {
            if !ran {
                self.forget(ticket);
            }
            found = self.classify(ticket, frame, &mut results);
        } else if ran {
            let whence = (&ticket.regions[..], &ticket.objects[..]);
            let (size, description) = (ticket.input.size(), self.model.reader().description());
            let settings = &ticket.settings;
            found =
                results.add_objects(&mut self.merge, frame, size, settings, description, whence);
        }
        let inference = match outcome {
            Outcome::Ran => Inference::Ran,
            Outcome::Skipped => Inference::Skipped,
            Outcome::Late | Outcome::Dropped => Inference::Late,
            Outcome::Failed(_) | Outcome::Broken(_) => Inference::Failed,
        };
        self.mark(ticket, frame, inference);
        if ran {
            account::close(frame, ticket.input.size());
            self.stats.regions += ticket.regions.len() as u64;
            self.stats.objects += found as u64;
            note_times(frame, &spent, self.places.are_objects());
            self.stats.inferred += 1;
            // Where there was nothing to look at, nothing took time.
            if ticket.images() > 0 {
                self.stats.ran(&spent, started.elapsed());
            }
        } else {
            self.stats.still += u64::from(frame::is_still(frame));
        }
        Ok(Finished {
            buffer: Some(buffer),
            warnings,
            passed_over,
        })
    }

    /// Counts what became of a frame; an error when frames fail again and again.
    fn count(&mut self, outcome: &Outcome, warnings: &mut Vec<String>) -> Result<(), String> {
        match outcome {
            Outcome::Ran => self.failed = 0,
            Outcome::Skipped => {}
            Outcome::Late => self.stats.late += 1,
            Outcome::Dropped => self.stats.dropped += 1,
            Outcome::Broken(reason) => return Err(reason.clone()),
            Outcome::Failed(reason) => {
                self.stats.failed += 1;
                self.failed += 1;
                if self.failed >= MOST_FAILED {
                    return Err(format!(
                        "{MOST_FAILED} frames in a row failed; the last: {reason}"
                    ));
                }
                if self.failed == 1 {
                    warnings.push(format!("a frame goes on without inference: {reason}"));
                }
            }
        }
        Ok(())
    }

    /// Objects that were asked about get no answer.
    fn forget(&self, ticket: &Ticket) {
        let mut cache = lock(&self.cache);
        let asked = ticket.regions.iter().filter_map(|region| region.object);
        for object in asked.filter_map(|index| ticket.objects.get(index)) {
            if let Some(identity) = object.identity {
                cache.forget(identity.id);
            }
        }
    }

    /// Adds to each object what was said of it, on this frame or before; to how many.
    fn classify(
        &self,
        ticket: &Ticket,
        frame: &mut gst::BufferRef,
        results: &mut Results,
    ) -> usize {
        let size = ticket.input.size();
        let mut cache = lock(&self.cache);
        if ticket.objects.is_empty() {
            *results = Results::new(objects::iter(frame, size).count());
        }
        for (index, object) in objects::iter(frame, size).enumerate() {
            let Some(identity) = object.identity else {
                continue;
            };
            match results.said(index) {
                Some(said) => cache.note(identity.id, said),
                None => results.say(index, cache.last(identity.id)),
            }
        }
        drop(cache);
        results.add_classes(frame, self.model.reader().description())
    }

    /// Writes on the frame what became of inference. That is the detector's to say, not that of a
    /// model after it.
    fn mark(&self, ticket: &Ticket, frame: &mut gst::BufferRef, inference: Inference) {
        if self.places.are_objects() {
            if !self.model.reader().is_classifier() {
                account::set_second(frame, inference);
            }
            return;
        }
        let (settings, description) = (&ticket.settings, self.model.reader().description());
        let info = InferenceInfo {
            inference,
            stream: &settings.stream,
            model: &description.name,
            version: description.version.as_deref(),
            provider: self.model.session().provider().name(),
            // Who attaches none leaves detecting to others.
            threshold: match settings.decode.max_detections {
                0 => 0.0,
                _ => settings.decode.threshold,
            },
        };
        frame::set_inference(frame, &info);
    }
}

/// Writes on the frame how long the stages took; `add` to what an earlier element took for them.
fn note_times(frame: &mut gst::BufferRef, spent: &Spent, add: bool) {
    let stages = [
        (Stage::Preprocess, spent.preprocess),
        (Stage::Inference, spent.run()),
        (Stage::Decode, spent.decode),
    ];
    for (stage, time) in stages {
        // What is made upstream was noted there.
        let ours = stage != Stage::Preprocess || !time.is_zero();
        let before = frame::time(frame, stage).filter(|_| add);
        if ours {
            let time: Duration = before.unwrap_or_default() + time;
            frame::set_time(frame, stage, time);
        }
    }
}
