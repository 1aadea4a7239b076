// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

/// Buckets an octave: a value is known to an eighth.
const STEPS: u32 = 8;
const OCTAVES: u32 = 32;
/// When there are so many, each counts half from then on.
const FULL: u32 = 2048;

/// How often which time was taken, of about the last thousand times: from 1 µs to over an hour, in
/// buckets that grow with the value.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: [u32; (STEPS * OCTAVES) as usize],
    total: u32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; (STEPS * OCTAVES) as usize],
            total: 0,
        }
    }
}

impl Histogram {
    pub fn add(&mut self, time: Duration) {
        if self.total >= FULL {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().sum();
        }
        self.counts[bucket(time)] += 1;
        self.total += 1;
    }

    /// The time that `share` (0 to 1) of all times do not exceed; zero where there are none.
    pub fn percentile(&self, share: f64) -> Duration {
        let wanted = (f64::from(self.total) * share).ceil().max(1.0) as u32;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(index);
            }
        }
        Duration::ZERO
    }
}

/// Where a time belongs: the octave of its microseconds, and which eighth of that.
fn bucket(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    let octave = micros.ilog2();
    let eighth = match octave {
        0..3 => (micros << (3 - octave)) & 7,
        _ => (micros >> (octave - 3)) & 7,
    };
    let index = octave * STEPS + eighth as u32;
    index.min(STEPS * OCTAVES - 1) as usize
}

/// The longest time of a bucket.
fn upper(bucket: usize) -> Duration {
    let (octave, eighth) = (bucket as u32 / STEPS, bucket as u64 % u64::from(STEPS));
    let nanos = ((1000_u64 << octave) / 8).saturating_mul(eighth + 9);
    Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_known_to_an_eighth() {
        for micros in [1, 2, 3, 5, 9, 100, 1234, 99_999, 10_000_000, 3_000_000_000] {
            let time = Duration::from_micros(micros);
            let mut histogram = Histogram::default();
            histogram.add(time);
            let found = histogram.percentile(0.5);
            let ratio = found.as_secs_f64() / time.as_secs_f64();
            assert!((1.0..=1.13).contains(&ratio), "{time:?} became {found:?}");
        }
    }

    #[test]
    fn percentiles_are_of_the_times_in_order() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(0.99), Duration::ZERO);
        for milli in 1..=100 {
            histogram.add(Duration::from_millis(milli));
        }
        for (share, expected) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)] {
            let found = histogram.percentile(share).as_secs_f64() * 1000.0;
            assert!(
                (expected..expected * 1.13).contains(&found),
                "{share}: {found}"
            );
        }
    }

    #[test]
    fn what_is_long_ago_is_forgotten_and_nothing_overflows() {
        let mut histogram = Histogram::default();
        (0..10_000).for_each(|_| histogram.add(Duration::from_millis(100)));
        (0..10_000).for_each(|_| histogram.add(Duration::from_millis(1)));
        assert!(histogram.percentile(0.95) < Duration::from_millis(2));
        histogram.add(Duration::MAX);
        histogram.add(Duration::ZERO);
        assert!(histogram.percentile(1.0) > Duration::from_secs(3600));
    }
}
