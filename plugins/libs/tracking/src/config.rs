// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

/// What a [`Tracker`](crate::Tracker) may be told. The defaults suit detectors trained on COCO.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// Detections from this score on (0..=1, default 0.5) are matched first and to every track.
    /// Too high: tracks live on weak evidence and identities break. Too low: false detections
    /// steal tracks.
    pub high_threshold: f32,
    /// Detections from this score on (0..=1, default 0.1), and below `high_threshold`, may only
    /// continue a track, as in occlusion or blur. Too high: tracks break when an object is half
    /// hidden. Too low: a track drifts onto noise. The detector must emit scores down to this
    /// value for it to be of use.
    pub low_threshold: f32,
    /// An unmatched detection from this score on (0..=1, at least `high_threshold`, default 0.6)
    /// starts a track. Too high: objects are found late or never. Too low: false tracks.
    pub new_threshold: f32,
    /// How long after its last detection a lost object keeps its identity, and how long a box is
    /// coasted without inference (stream time, default 1 s). Longer: identities survive longer
    /// occlusions, but a stranger may inherit one. Shorter: the same object comes back under a
    /// new identity.
    pub max_age: Duration,
    /// The longest time between two updates that motion is carried over (stream time, at least
    /// `max_age`, more than 0, default 3 s). After more the tracker starts anew, as
    /// [`reset`](crate::Tracker::reset) does. Longer: matches across a gap become guesses.
    /// Shorter: streams with rare inference lose every identity each time.
    pub max_gap: Duration,
    /// In how many updates running an object must be found before it is reported (at least 1,
    /// default 2). Higher: fewer false tracks, each reported later. In the first update all are
    /// reported at once.
    pub confirm_hits: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            high_threshold: 0.5,
            low_threshold: 0.1,
            new_threshold: 0.6,
            max_age: Duration::from_secs(1),
            max_gap: Duration::from_secs(3),
            confirm_hits: 2,
        }
    }
}

impl Config {
    /// Whether a tracker can work with these values; the first that cannot is the error.
    pub fn validate(&self) -> Result<(), Error> {
        for (name, value) in [
            ("low_threshold", self.low_threshold),
            ("high_threshold", self.high_threshold),
            ("new_threshold", self.new_threshold),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::Threshold { name, value });
            }
        }
        if self.low_threshold > self.high_threshold || self.high_threshold > self.new_threshold {
            return Err(Error::ThresholdOrder {
                low: self.low_threshold,
                high: self.high_threshold,
                new: self.new_threshold,
            });
        }
        if self.max_gap.is_zero() || self.max_gap < self.max_age {
            return Err(Error::MaxGap {
                max_gap: self.max_gap,
                max_age: self.max_age,
            });
        }
        if self.confirm_hits == 0 {
            return Err(Error::ConfirmHits);
        }
        Ok(())
    }
}

/// Why a [`Config`] cannot work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A threshold is not a score.
    #[error("{name} is {value}, expected a score from 0 to 1")]
    Threshold {
        /// The field of [`Config`].
        name: &'static str,
        /// What it held.
        value: f32,
    },
    /// The thresholds contradict each other: only high detections can start a track, and low ones
    /// lie below them.
    #[error(
        "low-threshold {low}, high-threshold {high} and new-threshold {new} are out of order, expected low <= high <= new"
    )]
    ThresholdOrder {
        /// [`Config::low_threshold`].
        low: f32,
        /// [`Config::high_threshold`].
        high: f32,
        /// [`Config::new_threshold`].
        new: f32,
    },
    /// The gap is zero or ends before a lost track does.
    #[error("max-gap is {max_gap:?}, expected more than 0 and at least max-age ({max_age:?})")]
    MaxGap {
        /// [`Config::max_gap`].
        max_gap: Duration,
        /// [`Config::max_age`].
        max_age: Duration,
    },
    /// No object can be found zero times.
    #[error("confirm-hits is 0, expected at least 1 (1 reports every new object at once)")]
    ConfirmHits,
}

#[cfg(test)]
mod tests {
    use super::{Config, Error};
    use std::time::Duration;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Config::default().validate(), Ok(()));
        let equal = Config {
            low_threshold: 0.5,
            high_threshold: 0.5,
            new_threshold: 0.5,
            max_gap: Duration::from_secs(1),
            ..Config::default()
        };
        assert_eq!(equal.validate(), Ok(()));
    }

    #[test]
    fn values_that_cannot_work_are_named() {
        let nan = Config {
            high_threshold: f32::NAN,
            ..Config::default()
        };
        assert!(matches!(
            nan.validate(),
            Err(Error::Threshold {
                name: "high_threshold",
                ..
            })
        ));

        let crossed = Config {
            high_threshold: 0.7,
            ..Config::default()
        };
        let message = crossed.validate().unwrap_err().to_string();
        assert!(
            message.contains("high-threshold 0.7 and new-threshold 0.6"),
            "{message}"
        );

        let upside_down = Config {
            low_threshold: 0.55,
            ..Config::default()
        };
        let message = upside_down.validate().unwrap_err().to_string();
        assert!(message.contains("low-threshold 0.55"), "{message}");

        let short = Config {
            max_gap: Duration::from_millis(500),
            ..Config::default()
        };
        assert!(matches!(short.validate(), Err(Error::MaxGap { .. })));
        let never = Config {
            confirm_hits: 0,
            ..Config::default()
        };
        assert_eq!(never.validate(), Err(Error::ConfirmHits));
    }
}
