// SPDX-License-Identifier: MIT OR Apache-2.0
//! On which frames inference is to run. Pure: time comes from the caller.

use std::time::Duration;

/// Timestamps that step back by no more than this are jitter; by more, a seek.
const JITTER: Duration = Duration::from_millis(100);
/// Time between two frames, where there was one so far.
const FRAME: Duration = Duration::from_nanos(33_333_333);

/// How often inference may run; both limits hold at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// On every n-th frame; 1, and 0, is every frame.
    pub interval: u32,
    /// Frames a second; 0, and whatever is no positive number, is no limit.
    pub max_rate: f32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            interval: 1,
            max_rate: 0.0,
        }
    }
}

impl Schedule {
    /// Time between two frames at the greatest rate; `None` without a limit.
    fn period(&self) -> Option<Duration> {
        (self.max_rate > 0.0)
            .then(|| Duration::try_from_secs_f32(self.max_rate.recip()).unwrap_or(Duration::MAX))
    }
}

/// Keeps a [`Schedule`] over the frames of a stream.
///
/// The interval counts frames from the last that was due. The rate is a grid of points in time, of
/// which each takes the frame that is nearest: timestamps jitter, and who waits for a full period
/// after the last frame gets 15 frames a second where 20 of 30 are allowed. Where frames are
/// wanting for a period (a pause, a still scene), a new grid begins with the next frame that is
/// due: nothing is made up for.
#[derive(Debug, Default)]
pub struct Scheduler {
    schedule: Schedule,
    /// Frames since the last that was due, itself not counted; `None` before the first.
    since: Option<u32>,
    /// Time of the newest frame.
    newest: Option<Duration>,
    /// Between the two newest frames; `None` before there were two.
    step: Option<Duration>,
    /// The grid's next point.
    next: Option<Duration>,
}

impl Scheduler {
    /// Keeps another schedule from the next frame on, which is then due.
    pub fn set(&mut self, mut schedule: Schedule) {
        // Not a number is no limit, and unlike itself.
        if schedule.max_rate.is_nan() {
            schedule.max_rate = 0.0;
        }
        if self.schedule != schedule {
            *self = Self {
                schedule,
                ..Self::default()
            };
        }
    }

    /// Forgets all frames: the next is due.
    pub fn reset(&mut self) {
        *self = Self {
            schedule: self.schedule,
            ..Self::default()
        };
    }

    /// Whether inference is to run on the next frame, at `time` since the stream's start. Never on
    /// one that is not `wanted`; the first that is wanted after such is due as soon as the limits
    /// allow. Time that steps back by more than 100 ms is a seek, and all is forgotten.
    pub fn due(&mut self, time: Duration, wanted: bool) -> bool {
        if self.newest.is_some_and(|t| time.saturating_add(JITTER) < t) {
            self.reset();
        }
        let step = self.newest.map(|newest| time.saturating_sub(newest));
        // Half of a pause is no short time to the grid's point: the shorter of two steps.
        let before = std::mem::replace(&mut self.step, step).unwrap_or(FRAME);
        let usual = step.unwrap_or_default().min(before);
        self.newest = self.newest.max(Some(time));
        let since = self.since.map(|frames| frames.saturating_add(1));
        self.since = since;
        let period = self.schedule.period();
        let by_interval = since.is_none_or(|frames| frames >= self.schedule.interval);
        let by_rate = match (period, self.next) {
            (Some(period), Some(next)) => time.saturating_add(usual.min(period) / 2) >= next,
            _ => true,
        };
        if !(wanted && by_interval && by_rate) {
            return false;
        }
        self.since = Some(0);
        self.next = period.map(|period| match self.next {
            Some(next) if time < next.saturating_add(period) => next.saturating_add(period),
            _ => time.saturating_add(period),
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the frames that are due, of frames at these times.
    fn due(schedule: Schedule, times: impl IntoIterator<Item = Duration>) -> Vec<usize> {
        let mut scheduler = Scheduler::default();
        scheduler.set(schedule);
        let times = times.into_iter().enumerate();
        times
            .filter(|(_, time)| scheduler.due(*time, true))
            .map(|(number, _)| number)
            .collect()
    }

    /// So many frames at a rate, their timestamps in whole nanoseconds.
    fn frames(count: u64, rate: u64) -> impl Iterator<Item = Duration> {
        (0..count).map(move |n| Duration::from_nanos(n * 1_000_000_000 / rate))
    }

    fn interval(interval: u32) -> Schedule {
        Schedule {
            interval,
            ..Schedule::default()
        }
    }

    fn rate(max_rate: f32) -> Schedule {
        Schedule {
            max_rate,
            ..Schedule::default()
        }
    }

    #[test]
    fn an_interval_takes_every_nth_frame() {
        assert_eq!(due(interval(1), frames(4, 25)), [0, 1, 2, 3]);
        assert_eq!(due(interval(0), frames(3, 25)), [0, 1, 2]);
        assert_eq!(due(interval(3), frames(8, 25)), [0, 3, 6]);
    }

    #[test]
    fn a_rate_is_that_many_frames_a_second_whatever_the_cameras() {
        for (camera, max, expected) in [
            (30, 5.0, 50),
            (30, 20.0, 200),
            (30, 7.0, 70),
            (25, 10.0, 100),
            (25, 24.0, 240),
            (30, 30.0, 300),
            (30, 60.0, 300), // all that there are
            (60, 0.5, 5),
        ] {
            let count = due(rate(max), frames(camera * 10, camera)).len();
            assert_eq!(count, expected, "{max} of {camera} a second");
        }
    }

    #[test]
    fn a_rate_that_divides_the_cameras_takes_frames_evenly() {
        let expected: Vec<_> = (0..10).map(|n| n * 6).collect();
        assert_eq!(due(rate(5.0), frames(60, 30)), expected);
    }

    #[test]
    fn jitter_costs_no_frames() {
        // 25 frames a second, each up to 12 ms early or late, out of order at times.
        let jitter = |n: u64| (n * 7919) % 25;
        let times = (0..250).map(|n| Duration::from_millis(20 + 40 * n + jitter(n) - 12));
        for max in [25.0, 12.5, 5.0] {
            let count = due(rate(max), times.clone()).len() as f32;
            assert!((count - 10.0 * max).abs() <= 2.0, "{count} at {max}");
        }
    }

    #[test]
    fn whatever_is_no_rate_is_no_limit() {
        for max in [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MAX] {
            assert_eq!(due(rate(max), frames(5, 25)).len(), 5, "{max}");
        }
        assert_eq!(due(rate(f32::MIN_POSITIVE / 4.0), frames(500, 25)), [0]);
    }

    #[test]
    fn what_is_set_again_on_every_frame_counts_on() {
        for max_rate in [0.0, f32::NAN] {
            let mut scheduler = Scheduler::default();
            let due = frames(7, 25).filter(|time| {
                scheduler.set(Schedule {
                    interval: 3,
                    max_rate,
                });
                scheduler.due(*time, true)
            });
            assert_eq!(due.count(), 3, "{max_rate}");
        }
    }

    #[test]
    fn interval_and_rate_hold_at_once() {
        let both = |interval, max_rate| Schedule { interval, max_rate };
        assert_eq!(due(both(3, 25.0), frames(10, 25)), [0, 3, 6, 9]);
        assert_eq!(due(both(2, 5.0), frames(21, 25)), [0, 5, 10, 15, 20]);
        assert_eq!(due(both(4, 10.0), frames(21, 25)), [0, 4, 8, 12, 16, 20]);
    }

    #[test]
    fn frames_after_a_pause_are_not_made_up_for() {
        let second = |s: u64| frames(25, 25).map(move |t| t + Duration::from_secs(s));
        let times: Vec<_> = second(0).chain(second(60)).collect();
        assert_eq!(
            due(rate(5.0), times),
            [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
        );
    }

    #[test]
    fn the_first_frame_that_is_wanted_again_is_due() {
        let mut scheduler = Scheduler::default();
        scheduler.set(Schedule {
            interval: 4,
            max_rate: 5.0,
        });
        let wanted = |n: usize| !(10..37).contains(&n);
        let found: Vec<_> = frames(50, 25)
            .enumerate()
            .filter(|(n, time)| scheduler.due(*time, wanted(*n)))
            .map(|(n, _)| n)
            .collect();
        assert_eq!(found, [0, 5, 37, 42, 47]);
    }

    #[test]
    fn a_seek_a_reset_and_another_schedule_make_the_next_frame_due() {
        let mut scheduler = Scheduler::default();
        scheduler.set(interval(100));
        let at = Duration::from_millis;
        assert!(scheduler.due(at(5000), true));
        assert!(!scheduler.due(at(4900), true), "jitter");
        assert!(scheduler.due(at(1000), true), "a seek");
        assert!(!scheduler.due(at(1040), true));
        scheduler.reset();
        assert!(scheduler.due(at(1080), true));
        scheduler.set(interval(100));
        assert!(!scheduler.due(at(1120), true), "the same schedule");
        scheduler.set(rate(0.001));
        assert!(scheduler.due(at(1160), true));
        assert!(!scheduler.due(at(900_000), true));
        scheduler.set(rate(5.0));
        assert!(scheduler.due(at(900_040), true));
    }
}
