// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::status::Rates;

/// Rates are over so long.
const SPAN: Duration = Duration::from_secs(5);
/// Counts are noted this often.
pub const EVERY: Duration = Duration::from_secs(1);

/// Frames so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub r#in: u64,
    pub inferred: u64,
    pub skipped: u64,
    pub out: u64,
}

/// From counts to frames a second over the last seconds.
#[derive(Debug, Default)]
pub struct Meter(VecDeque<(Instant, Counts)>);

impl Meter {
    pub fn note(&mut self, at: Instant, counts: Counts) {
        // A new pipeline counts from nothing again.
        if self
            .0
            .back()
            .is_some_and(|(_, last)| counts.r#in < last.r#in)
        {
            self.0.clear();
        }
        self.0.push_back((at, counts));
        while self.0.len() > 2 && at.duration_since(self.0[1].0) >= SPAN {
            self.0.pop_front();
        }
    }

    /// Whether it is time to note again.
    pub fn is_due(&self, now: Instant) -> bool {
        let last = self.0.back();
        last.is_none_or(|(at, _)| now.duration_since(*at) >= EVERY)
    }

    pub fn rates(&self) -> Rates {
        let (Some((from, first)), Some((to, last))) = (self.0.front(), self.0.back()) else {
            return Rates::default();
        };
        let seconds = to.duration_since(*from).as_secs_f64();
        if seconds <= 0.0 {
            return Rates::default();
        }
        let rate = |first: u64, last: u64| {
            let rate = last.saturating_sub(first) as f64 / seconds;
            (rate * 10.0).round() / 10.0
        };
        Rates {
            r#in: rate(first.r#in, last.r#in),
            inferred: rate(first.inferred, last.inferred),
            skipped: rate(first.skipped, last.skipped),
            out: rate(first.out, last.out),
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(frames: u64) -> Counts {
        Counts {
            r#in: frames,
            inferred: frames / 2,
            skipped: frames - frames / 2,
            out: 0,
        }
    }

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        let (mut meter, start) = (Meter::default(), Instant::now());
        assert_eq!(meter.rates().r#in, 0.0);
        for second in 0..20 {
            // 25 frames a second at first, 10 later.
            let frames = 25 * second.min(10) + 10 * (second.max(10) - 10);
            meter.note(start + Duration::from_secs(second), counts(frames));
        }
        let rates = meter.rates();
        assert_eq!(
            (rates.r#in, rates.inferred, rates.skipped),
            (10.0, 5.0, 5.0)
        );
    }

    #[test]
    fn a_new_pipeline_starts_anew() {
        let (mut meter, start) = (Meter::default(), Instant::now());
        meter.note(start, counts(1000));
        meter.note(start + EVERY, counts(0));
        meter.note(start + 2 * EVERY, counts(25));
        assert_eq!(meter.rates().r#in, 25.0);
    }
}
