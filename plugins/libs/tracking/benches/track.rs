// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time of one update and one prediction, by the number of objects.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark may stop where it cannot go on"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use lynx_geometry::{Detection, Rect};
use lynx_tracking::{Config, Tracker};
use std::hint::black_box;
use std::time::Duration;

const FRAME: Duration = Duration::from_nanos(33_333_333);
const PERIOD: u32 = 600;

/// Boxes on circles about a 1080p picture, crossing each other; every tenth is unsure at a time.
fn frame(count: usize, number: u32) -> Vec<Detection> {
    let object = |i: usize| {
        let turn = std::f32::consts::TAU * (number as f32 / PERIOD as f32 + i as f32 * 0.618);
        let (x, y) = (i as f32 * 733.0 % 1700.0, i as f32 * 379.0 % 900.0);
        let score = if (i + number as usize).is_multiple_of(10) {
            0.3
        } else {
            0.9
        };
        let rect = Rect::new(x + 100.0 * turn.cos(), y + 60.0 * turn.sin(), 60.0, 140.0);
        Detection {
            rect,
            class: 0,
            score,
        }
    };
    (0..count).map(object).collect()
}

fn track(c: &mut Criterion) {
    for count in [20, 100] {
        let frames: Vec<_> = (0..PERIOD).map(|number| frame(count, number)).collect();
        let mut tracker = Tracker::new(Config::default()).unwrap();
        let mut number = 0;
        c.bench_with_input(BenchmarkId::new("update", count), &frames, |b, frames| {
            b.iter(|| {
                number += 1;
                let detections = &frames[(number % PERIOD) as usize];
                black_box(tracker.update(FRAME * number, detections).len())
            });
        });
        let ahead = FRAME * number + FRAME;
        assert!(
            tracker.predict(ahead).len() > count / 2,
            "the scene must be tracked"
        );
        c.bench_function(&format!("predict/{count}"), |b| {
            b.iter(|| black_box(tracker.predict(ahead).len()));
        });
    }
}

criterion_group!(benches, track);
criterion_main!(benches);
