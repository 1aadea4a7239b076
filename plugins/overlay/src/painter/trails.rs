// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where tracked objects have been.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::draw::{Canvas, Color};

/// Points of a trail, at most.
const POINTS: usize = 64;
/// Trails at a time, at most.
const MOST: usize = 512;

/// The ways of all objects of late. A trail that ended is kept to be used again: nothing is
/// allocated once there are enough.
#[derive(Debug, Default)]
pub(crate) struct Trails {
    trails: HashMap<u64, Trail>,
    spare: Vec<VecDeque<Point>>,
}

#[derive(Debug)]
struct Trail {
    points: VecDeque<Point>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    time: Duration,
    at: (f32, f32),
}

impl Trails {
    /// Forgets all: the stream goes on elsewhere.
    pub fn clear(&mut self) {
        self.spare
            .extend(self.trails.drain().map(|(_, trail)| trail.points));
    }

    /// Notes where somebody stands. Points closer in time than a 64th of `length` are one.
    pub fn note(&mut self, id: u64, time: Duration, at: (f32, f32), length: Duration) {
        if self.trails.len() >= MOST && !self.trails.contains_key(&id) {
            return;
        }
        let spare = &mut self.spare;
        let trail = self.trails.entry(id).or_insert_with(|| {
            let mut points = spare
                .pop()
                .unwrap_or_else(|| VecDeque::with_capacity(POINTS));
            points.clear();
            Trail { points }
        });
        let points = &mut trail.points;
        let apart = length / (POINTS as u32 - 2);
        // The last one moves along until it is far enough from the one before it.
        let before = points.len().checked_sub(2).and_then(|i| points.get(i));
        let before = before.map(|before| before.time);
        if let (Some(before), Some(last)) = (before, points.back_mut())
            && last.time.saturating_sub(before) < apart
        {
            *last = Point { time, at };
            return;
        }
        if points.len() == POINTS {
            points.pop_front();
        }
        points.push_back(Point { time, at });
    }

    /// Drops what is older than `length`, and the trails of those who have been gone for so long.
    pub fn forget_before(&mut self, time: Duration, length: Duration) {
        let old = |point: &Point| time.saturating_sub(point.time) > length;
        let ahead = |point: &Point| point.time > time;
        let spare = &mut self.spare;
        self.trails.retain(|_, trail| {
            while trail.points.front().is_some_and(old) {
                trail.points.pop_front();
            }
            while trail.points.back().is_some_and(ahead) {
                trail.points.pop_back();
            }
            if trail.points.is_empty() {
                spare.push(std::mem::take(&mut trail.points));
                return false;
            }
            true
        });
    }

    pub fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        id: u64,
        origin: (f32, f32),
        thickness: u32,
        color: Color,
    ) {
        let Some(trail) = self.trails.get(&id) else {
            return;
        };
        let place = |point: &Point| (point.at.0 + origin.0, point.at.1 + origin.1);
        let points = trail.points.iter();
        for (from, to) in points.clone().zip(points.skip(1)) {
            canvas.line(place(from), place(to), thickness, color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_trail_is_as_long_as_was_asked_for_at_any_rate() {
        for interval in [8, 16, 33, 40, 67, 200] {
            for length in [500, 2000, 3000, 5000, 10_000] {
                let (interval, length) = (interval * MS, length * MS);
                let mut trails = Trails::default();
                for i in 0..2000 {
                    trails.note(7, i * interval, (i as f32, 0.0), length);
                    trails.forget_before(i * interval, length);
                }
                let points = &trails.trails[&7].points;
                assert!(points.len() <= POINTS);
                let (first, last) = (points[0].time, points[points.len() - 1].time);
                assert_eq!(last, 1999 * interval);
                let shown = last - first;
                // A point may be missing at the far end.
                let least = length.saturating_sub(interval.max(length / 30) + interval);
                assert!(
                    shown <= length && shown >= least,
                    "{interval:?} {length:?}: {shown:?}"
                );
            }
        }
    }

    #[test]
    fn who_is_gone_has_no_trail_and_its_memory_is_used_again() {
        let mut trails = Trails::default();
        for id in 0..2000 {
            let time = id as u32 * 100 * MS;
            trails.note(id, time, (0.0, 0.0), 500 * MS);
            trails.forget_before(time, 500 * MS);
        }
        assert!(trails.trails.len() <= 6, "{}", trails.trails.len());
        assert!(trails.trails.len() + trails.spare.len() <= 8);
        // Time that goes back leaves none from the future.
        trails.forget_before(Duration::ZERO, 500 * MS);
        assert!(trails.trails.is_empty());
    }
}
