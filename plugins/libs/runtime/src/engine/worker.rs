// SPDX-License-Identifier: MIT OR Apache-2.0
//! One worker: takes images, makes their tensors, runs the model, hands out what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::guard::guarded;
use super::watch::Watch;
use super::{Answer, Failure, Ladder, Request, Runner, Slot, Times};
use crate::Error;

/// Runs so far, of all engines.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// An image of a request.
pub(super) type Image = (Arc<dyn Request>, usize);

/// What one worker works with.
pub(super) struct Worker {
    runner: Box<dyn Runner>,
    ladder: Ladder,
    watch: Arc<Watch>,
    /// Of each place in the input tensors, who wrote to it.
    writers: Vec<u64>,
    /// The images whose tensors are made, in the order of their places.
    filled: Vec<(Image, Duration)>,
}

/// What became of images, said before their requests are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Ran {
        images: usize,
        padding: usize,
        time: Duration,
    },
    /// One image, for which there is no answer.
    Failed,
    /// One image, from one place of the run to another.
    Copied,
    /// More images than these are too many for the device's memory.
    TooMany { most: usize },
}

impl Worker {
    pub fn new(runner: Box<dyn Runner>, ladder: Ladder, watch: Arc<Watch>) -> Self {
        watch.set_terminate(runner.terminate());
        runner.enter();
        Self {
            runner,
            ladder,
            watch,
            writers: vec![0; ladder.limit()],
            filled: Vec::with_capacity(ladder.limit()),
        }
    }

    /// Goes on with another runner.
    pub fn take(&mut self, runner: Box<dyn Runner>) {
        self.watch.set_terminate(runner.terminate());
        runner.enter();
        self.runner = runner;
        self.writers.fill(0);
    }

    /// What others know of it.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Runs these images, at most the ladder's limit.
    pub fn run(&mut self, images: &mut Vec<Image>, note: &dyn Fn(Event)) {
        if let [(request, 0)] = &images[..]
            && self.run_ready(request, note)
        {
            images.clear();
            return;
        }
        self.fill(images, note);
        let mut start = 0;
        let mut most = self.filled.len();
        while start < self.filled.len() {
            let count = most.min(self.filled.len() - start);
            if start > 0 {
                for place in 0..count {
                    self.runner.copy_image(start + place, place);
                    note(Event::Copied);
                    self.writers[place] = 0;
                }
            }
            match self.run_filled(start, count, note) {
                Ok(()) => start += count,
                // One image of them may be the reason, or that they are too many. Who was dismissed
                // in a run that hung does not hang once more.
                Err(error) if count > 1 && !self.watch.is_dismissed() => {
                    most = count.div_ceil(2);
                    if error.is_out_of_memory() {
                        note(Event::TooMany { most });
                    }
                }
                Err(error) => {
                    let end = match self.watch.is_dismissed() {
                        true => self.filled.len(),
                        false => start + count,
                    };
                    for ((request, image), _) in &self.filled[start..end] {
                        self.fail(request, *image, Failure::Run(error.to_string()), note);
                    }
                    start = end;
                }
            }
        }
        self.filled.clear();
    }

    /// Runs a tensor that somebody else has made, if the request has one.
    fn run_ready(&mut self, request: &Arc<dyn Request>, note: &dyn Fn(Event)) -> bool {
        let mut result = Ok(());
        let started = Instant::now();
        let ready = guarded(|| request.ready(&mut |tensor| result = self.runner.run_ready(tensor)));
        let result = match ready {
            Ok(false) => return false,
            Ok(true) => result.map_err(|error| error.to_string()),
            Err(panic) => Err(panic),
        };
        match result {
            Ok(()) => {
                let images = [((Arc::clone(request), 0), Duration::ZERO)];
                self.answer(&images, started.elapsed(), 0, note);
            }
            Err(reason) => self.fail(request, 0, Failure::Run(reason), note),
        }
        true
    }

    /// Makes the tensors.
    fn fill(&mut self, images: &mut Vec<Image>, note: &dyn Fn(Event)) {
        for (request, image) in images.drain(..) {
            let place = self.filled.len();
            let started = Instant::now();
            let mut slot = Slot {
                tensors: self.runner.image(place),
                writer: &mut self.writers[place],
            };
            match guarded(|| request.fill(image, &mut slot)).flatten() {
                Ok(()) => self.filled.push(((request, image), started.elapsed())),
                Err(reason) => {
                    self.writers[place] = 0;
                    self.fail(&request, image, Failure::Fill(reason), note);
                }
            }
        }
    }

    /// Runs `count` of the images from `start` on, which lie at the first places.
    fn run_filled(
        &mut self,
        start: usize,
        count: usize,
        note: &dyn Fn(Event),
    ) -> Result<(), Error> {
        let rung = self.ladder.rung(count);
        let started = Instant::now();
        guarded(|| self.runner.run(rung)).unwrap_or_else(|reason| Err(Error::Run { reason }))?;
        let run = started.elapsed();
        self.answer(&self.filled[start..start + count], run, rung - count, note);
        Ok(())
    }

    fn answer(
        &self,
        images: &[(Image, Duration)],
        run: Duration,
        padding: usize,
        note: &dyn Fn(Event),
    ) {
        note(Event::Ran {
            images: images.len(),
            padding,
            time: run,
        });
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let outputs = self.runner.views();
        for (entry, ((request, image), preprocess)) in images.iter().enumerate() {
            let answer = match &outputs {
                Ok(outputs) => Answer {
                    outputs,
                    entry,
                    times: Times {
                        preprocess: *preprocess,
                        run,
                        images: images.len(),
                        number,
                    },
                },
                Err(error) => {
                    self.fail(request, *image, Failure::Run(error.to_string()), note);
                    continue;
                }
            };
            if self.watch.claim(request, *image)
                && let Err(panic) = guarded(|| request.answer(*image, Ok(answer)))
            {
                tell(request, *image, Failure::Run(panic), note);
            }
        }
    }

    /// Tells a request that there is no answer, unless it was told that already.
    fn fail(
        &self,
        request: &Arc<dyn Request>,
        image: usize,
        failure: Failure,
        note: &dyn Fn(Event),
    ) {
        if self.watch.claim(request, image) {
            tell(request, image, failure, note);
        }
    }
}

fn tell(request: &Arc<dyn Request>, image: usize, failure: Failure, note: &dyn Fn(Event)) {
    note(Event::Failed);
    // Who panics on that, too, is not told once more.
    let _ = guarded(|| request.answer(image, Err(failure)));
}
