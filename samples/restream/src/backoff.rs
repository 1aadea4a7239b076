// SPDX-License-Identifier: MIT OR Apache-2.0
//! When to try a lost camera again.

use std::time::Duration;

/// The first wait.
pub const FIRST: Duration = Duration::from_secs(1);
/// No wait is longer, but for its jitter.
pub const LONGEST: Duration = Duration::from_secs(30);
/// A camera that has played for so long starts from the first wait again.
pub const SETTLED: Duration = Duration::from_secs(30);
/// How far a wait is off, at most, as a share: a hundred cameras behind one switch do not all come
/// back in the same instant.
pub const JITTER: f64 = 0.2;

/// Capped exponential back-off with jitter, for ever: 1, 2, 4, … 30 seconds, ±20 %.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How long to wait after one more loss. `played` is how long the camera had been there, and
    /// `random` is evenly spread over 0..=1.
    pub fn next(&mut self, played: Duration, random: f64) -> Duration {
        if played >= SETTLED {
            self.failures = 0;
        }
        let wait = FIRST * 2_u32.pow(self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        wait.min(LONGEST)
            .mul_f64(1.0 + JITTER * (2.0 * random.clamp(0.0, 1.0) - 1.0))
    }
}

/// A number evenly spread over 0..1, another one at each call and in each process.
pub fn random() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(random: f64) -> Vec<f64> {
        let mut backoff = Backoff::default();
        let mut next = || backoff.next(Duration::ZERO, random).as_secs_f64();
        (0..8).map(|_| next()).collect()
    }

    #[test]
    fn waits_double_up_to_the_longest_for_ever() {
        assert_eq!(waits(0.5), [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.next(Duration::ZERO, 0.5), LONGEST);
    }

    #[test]
    fn waits_are_off_by_a_fifth_at_most() {
        assert_eq!(waits(0.0)[..3], [0.8, 1.6, 3.2]);
        assert_eq!(waits(1.0)[6], 36.0);
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&random()));
        }
        assert_ne!(random(), random());
    }

    #[test]
    fn a_camera_that_has_settled_starts_anew() {
        let mut backoff = Backoff::default();
        for _ in 0..5 {
            backoff.next(Duration::ZERO, 0.5);
        }
        assert_eq!(backoff.next(SETTLED / 2, 0.5), LONGEST);
        assert_eq!(backoff.next(SETTLED, 0.5), FIRST);
    }
}
