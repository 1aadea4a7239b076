// SPDX-License-Identifier: MIT OR Apache-2.0
//! One worker: takes images, makes their tensors, runs the model, hands out what it says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Answer, Failure, Ladder, Request, Runner, Slot, Times};
use crate::Error;

/// An image of a request.
pub(super) type Image = (Arc<dyn Request>, usize);

/// What one worker works with.
pub(super) struct Worker {
    runner: Box<dyn Runner>,
    ladder: Ladder,
    /// Of each place in the input tensors, who wrote to it.
    writers: Vec<u64>,
    /// The images whose tensors are made, in the order of their places.
    filled: Vec<(Image, Duration)>,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ran {
    pub runs: u64,
    pub images: u64,
    pub padding: u64,
    pub failed: u64,
    /// Of the last run.
    pub time: Duration,
    /// More images than these are too many for the device's memory.
    pub limit: Option<usize>,
}

impl Worker {
    pub fn new(runner: Box<dyn Runner>, ladder: Ladder) -> Self {
        Self {
            runner,
            ladder,
            writers: vec![0; ladder.limit()],
            filled: Vec::with_capacity(ladder.limit()),
        }
    }

    /// Runs these images, at most the ladder's limit.
    pub fn run(&mut self, images: &mut Vec<Image>) -> Ran {
        let mut ran = Ran::default();
        if let [(request, 0)] = &images[..]
            && self.run_ready(request, &mut ran)
        {
            images.clear();
            return ran;
        }
        self.fill(images, &mut ran);
        let mut start = 0;
        let mut most = self.filled.len();
        while start < self.filled.len() {
            let count = most.min(self.filled.len() - start);
            for place in 0..if start > 0 { count } else { 0 } {
                self.runner.copy_image(start + place, place);
                self.writers[place] = 0;
            }
            match self.run_filled(start, count, &mut ran) {
                Ok(()) => start += count,
                // One image of them may be the reason, or that they are too many.
                Err(error) if count > 1 => {
                    most = count.div_ceil(2);
                    if error.is_out_of_memory() {
                        ran.limit = Some(most);
                    }
                }
                Err(error) => {
                    let ((request, image), _) = &self.filled[start];
                    request.answer(*image, Err(error.into()));
                    ran.failed += 1;
                    start += 1;
                }
            }
        }
        self.filled.clear();
        ran
    }

    /// Runs a tensor that somebody else has made, if the request has one.
    fn run_ready(&mut self, request: &Arc<dyn Request>, ran: &mut Ran) -> bool {
        let mut result = Ok(());
        let started = Instant::now();
        let is_ready = request.ready(&mut |tensor| result = self.runner.run_ready(tensor));
        if is_ready {
            let times = Times {
                preprocess: Duration::ZERO,
                run: started.elapsed(),
                images: 1,
            };
            ran.note(times, 0);
            if let Err(error) = result {
                ran.failed += 1;
                request.answer(0, Err(error.into()));
            } else {
                self.answer(&[((Arc::clone(request), 0), Duration::ZERO)], times);
            }
        }
        is_ready
    }

    /// Makes the tensors.
    fn fill(&mut self, images: &mut Vec<Image>, ran: &mut Ran) {
        for (request, image) in images.drain(..) {
            let place = self.filled.len();
            let started = Instant::now();
            let mut slot = Slot {
                tensors: self.runner.image(place),
                writer: &mut self.writers[place],
            };
            match request.fill(image, &mut slot) {
                Ok(()) => self.filled.push(((request, image), started.elapsed())),
                Err(reason) => {
                    self.writers[place] = 0;
                    ran.failed += 1;
                    request.answer(image, Err(Failure::Fill(reason)));
                }
            }
        }
    }

    /// Runs `count` of the images from `start` on, which lie at the first places.
    fn run_filled(&mut self, start: usize, count: usize, ran: &mut Ran) -> Result<(), Error> {
        let rung = self.ladder.rung(count);
        let started = Instant::now();
        self.runner.run(rung)?;
        let times = Times {
            preprocess: Duration::ZERO,
            run: started.elapsed(),
            images: count,
        };
        ran.note(times, rung - count);
        let filled = std::mem::take(&mut self.filled);
        self.answer(&filled[start..start + count], times);
        self.filled = filled;
        Ok(())
    }

    fn answer(&self, images: &[(Image, Duration)], times: Times) {
        let outputs = self.runner.views();
        for (entry, ((request, image), preprocess)) in images.iter().enumerate() {
            let preprocess = *preprocess;
            let answer = match &outputs {
                Ok(outputs) => Ok(Answer {
                    outputs,
                    entry,
                    times: Times {
                        preprocess,
                        ..times
                    },
                }),
                Err(error) => Err(Failure::Run(error.to_string())),
            };
            request.answer(*image, answer);
        }
    }
}

impl Ran {
    fn note(&mut self, times: Times, padding: usize) {
        self.runs += 1;
        self.images += times.images as u64;
        self.padding += padding as u64;
        self.time = times.run;
    }
}
