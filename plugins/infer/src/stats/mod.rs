// SPDX-License-Identifier: MIT OR Apache-2.0
//! What one lynxinfer has done since it started.

mod histogram;

use std::time::Duration;

use crate::spent::Spent;
use histogram::Histogram;

#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    pub frames: u64,
    pub inferred: u64,
    /// Passed over because nothing moves.
    pub still: u64,
    pub late: u64,
    pub dropped: u64,
    pub failed: u64,
    pub regions: u64,
    pub objects: u64,
    /// Tensors that were copied before their run.
    copies: u64,
    /// Runs of the model; of one that others took part in, its share.
    runs: f64,
    inference_time: Duration,
    queue: Histogram,
    preprocess: Histogram,
    run: Histogram,
    post_process: Histogram,
    latency: Histogram,
}

impl Stats {
    /// Counts what the runs of a frame took; `post_process` is what it took to attach their answers.
    pub fn ran(&mut self, spent: &Spent, post_process: Duration) {
        self.copies += spent.copies;
        self.runs += spent.share;
        self.inference_time += spent.share_time;
        self.queue.add(spent.queue);
        self.preprocess.add(spent.preprocess);
        self.run.add(spent.run());
        self.post_process.add(spent.decode + post_process);
        self.latency.add(spent.latency);
    }

    /// Frames that could not be kept up with.
    pub fn passed_over(&self) -> u64 {
        self.late + self.dropped
    }

    /// What a frame takes from its entry to its last answer, nearly always.
    pub fn latency(&self) -> Duration {
        self.latency.percentile(0.95)
    }

    /// As the property `stats` gives them.
    pub fn structure(&self) -> gst::Structure {
        let other = self.late + self.dropped + self.failed;
        let mut structure = gst::Structure::builder("stats")
            .field("frames", self.frames)
            .field("inferred", self.inferred)
            .field("skipped", self.frames - self.inferred - other)
            .field("still", self.still)
            .field("late", self.late)
            .field("dropped", self.dropped)
            .field("failed", self.failed)
            .field("regions", self.regions)
            .field("runs", self.runs.round() as u64)
            .field("copies", self.copies)
            .field("objects", self.objects)
            .field("inference-time", nanoseconds(self.inference_time))
            .build();
        let stages = [
            ("queue", &self.queue),
            ("preprocess", &self.preprocess),
            ("run", &self.run),
            ("post-process", &self.post_process),
            ("latency", &self.latency),
        ];
        for (name, histogram) in stages {
            for (percent, share) in [(50, 0.5), (95, 0.95), (99, 0.99)] {
                let time = nanoseconds(histogram.percentile(share));
                structure.set(format!("{name}-p{percent}"), time);
            }
        }
        structure
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
