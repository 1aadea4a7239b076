// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_runtime::engine::Times;

/// What a frame took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent {
    /// From its entry to when its first tensor was begun.
    pub queue: Duration,
    /// From its entry to its last answer.
    pub latency: Duration,
    pub preprocess: Duration,
    pub decode: Duration,
    /// Tensors made upstream that could not be run where they lay.
    pub copies: u64,
    /// The number of each run that it was part of, and how long that took.
    runs: Vec<(u64, Duration)>,
    /// Its part in these runs, and of their time.
    pub share: f64,
    pub share_time: Duration,
}

impl Spent {
    /// The time of all runs that it was part of.
    pub fn run(&self) -> Duration {
        self.runs.iter().map(|(_, time)| *time).sum()
    }

    /// Adds what one of its images took.
    pub fn add(&mut self, times: Times) {
        self.preprocess += times.preprocess;
        let images = times.images.max(1) as u32;
        self.share += f64::from(images).recip();
        self.share_time += times.run / images;
        if !self.runs.iter().any(|(number, _)| *number == times.number) {
            self.runs.push((times.number, times.run));
        }
    }
}
