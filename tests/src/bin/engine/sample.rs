// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast something was.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Frames a second, wall clock.
    pub fps: f64,
    /// Milliseconds of processor time a frame, all threads of this process.
    pub cpu: f64,
}

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    wall: Instant,
    cpu: Duration,
}

impl Moment {
    pub fn now() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// What so many frames took until `end`.
    pub fn until(self, end: Self, frames: usize) -> Sample {
        let (wall, cpu) = (end.wall - self.wall, end.cpu - self.cpu);
        Sample {
            fps: frames as f64 / wall.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e3 / frames as f64,
        }
    }
}

impl Sample {
    /// Microseconds a frame, wall clock.
    pub fn micros(self) -> f64 {
        1e6 / self.fps
    }

    pub fn json(self) -> Value {
        json!({"fps": self.fps, "cpu_ms_per_frame": self.cpu})
    }
}

/// Processor time of this process so far.
fn cpu_time() -> Duration {
    // SAFETY: `getrusage` fills the struct it is given, for which all zeroes is a valid value.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// The middle one; the upper of two.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of each number.
pub fn middle(samples: &[Sample]) -> Sample {
    Sample {
        fps: median(samples.iter().map(|s| s.fps)),
        cpu: median(samples.iter().map(|s| s.cpu)),
    }
}
