// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a camera's time to the time of its viewers.

use std::time::Duration;

/// A frame is never shown earlier than this before now, nor later than now: beyond it the camera's
/// time has jumped. Frames that wait for one the model looks at come in a burst behind it, and keep
/// their distances.
pub const SLACK: Duration = Duration::from_secs(1);
/// Two frames are never closer than this.
const STEP: Duration = Duration::from_millis(1);

/// Gives each frame the time at which it goes out, on the clock of all viewers.
///
/// The camera's own distances from frame to frame are kept, so that motion is as smooth as it was
/// filmed, however unevenly the frames come through the model. Where the camera's time jumps (it
/// was lost, its file began anew, its clock drifted away), the frame goes out now, and what
/// follows keeps its distances from there. Times always grow.
#[derive(Debug, Clone, Default)]
pub struct Retimer {
    /// Out minus in, in nanoseconds.
    offset: Option<i128>,
    last: Option<Duration>,
}

impl Retimer {
    /// When a frame of the camera's time `time` goes out; `now` is the time on the viewers' clock.
    pub fn out(&mut self, time: Duration, now: Duration) -> Duration {
        let earliest = self.last.map_or(Duration::ZERO, |last| last + STEP);
        let shifted = self.offset.and_then(|offset| shift(time, offset));
        let fits = |out: &Duration| *out >= earliest && *out <= now && now - *out <= SLACK;
        let out = shifted.filter(fits).unwrap_or_else(|| {
            self.offset = Some(now.as_nanos() as i128 - time.as_nanos() as i128);
            now
        });
        let out = out.max(earliest);
        self.last = Some(out);
        out
    }
}

fn shift(time: Duration, offset: i128) -> Option<Duration> {
    let shifted = u64::try_from(time.as_nanos() as i128 + offset).ok()?;
    Some(Duration::from_nanos(shifted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn distances_are_the_cameras_however_unevenly_frames_come() {
        let mut retimer = Retimer::default();
        let late = [0, 35, 5, 50, 0, 80, 20];
        let out: Vec<_> = (0..7)
            .map(|i| retimer.out(i * 40 * MS, 1000 * MS + i * 40 * MS + late[i as usize] * MS))
            .collect();
        for pair in out.windows(2) {
            assert_eq!(pair[1] - pair[0], 40 * MS);
        }
    }

    #[test]
    fn a_jump_starts_from_now() {
        for second in [5000, 10, 7] {
            let mut retimer = Retimer::default();
            assert_eq!(retimer.out(100 * MS, 1000 * MS), 1000 * MS);
            assert_eq!(retimer.out(140 * MS, 1040 * MS), 1040 * MS);
            assert_eq!(retimer.out(second * MS, 1100 * MS), 1100 * MS);
            assert_eq!(retimer.out((second + 40) * MS, 1140 * MS), 1140 * MS);
        }
    }

    #[test]
    fn a_slow_clock_is_followed() {
        // One per cent slower than ours: after 40 s it would be 400 ms behind.
        let mut retimer = Retimer::default();
        let mut last = Duration::ZERO;
        for i in 0..4000 {
            let now = 1000 * MS + i * 40 * MS;
            let out = retimer.out((i * 40 * MS).mul_f64(0.99), now);
            assert!(out > last && out <= now && now - out <= SLACK, "{i}");
            last = out;
        }
    }

    #[test]
    fn times_grow_even_where_frames_come_at_once() {
        let mut retimer = Retimer::default();
        let mut last = Duration::ZERO;
        for time in [50, 50, 10, 10, 3, 90] {
            let out = retimer.out(time * MS, 1000 * MS);
            assert!(out > last);
            last = out;
        }
    }
}
