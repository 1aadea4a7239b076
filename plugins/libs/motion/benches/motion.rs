// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time of one look at a 1080p picture: nothing moves, or a twentieth of it does.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark may stop where it cannot go on"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use lynx_motion::{Config, Depth, Gate, Luma, Samples};
use std::hint::black_box;
use std::time::Duration;

const SIZE: (u32, u32) = (1920, 1080);
const FRAME: Duration = Duration::from_nanos(33_333_333);

/// Noise, another for each `seed`, about a picture with brightness of its own everywhere.
fn picture(step: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let samples = SIZE.0 as usize * SIZE.1 as usize * step;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 29) as u8
    };
    (0..samples)
        .map(|i| (i / 4001 % 200) as u8 + noise())
        .collect()
}

/// A square that covers a twentieth of the picture, further right in each.
fn add_square(picture: &mut [u8], step: usize, number: usize) {
    let (width, side) = (SIZE.0 as usize, 322);
    for y in 300..300 + side {
        let start = (y * width + number * 8) * step;
        picture[start..start + side * step].fill(250);
    }
}

fn motion(c: &mut Criterion) {
    let kinds = [
        ("Y of NV12", 1, 0, Depth::Byte),
        ("Y of P010", 2, 0, Depth::WordLe { shift: 8 }),
        ("G of RGB", 3, 1, Depth::Byte),
        ("G of RGBx", 4, 1, Depth::Byte),
    ];
    for (name, step, offset, depth) in kinds {
        for moving in [false, true] {
            let pictures: Vec<_> = (0..8)
                .map(|number| {
                    let mut picture = picture(step, number as u32);
                    if moving {
                        add_square(&mut picture, step, number);
                    }
                    picture
                })
                .collect();
            let mut gate = Gate::new(Config::default());
            let mut number = 0;
            let samples = Samples {
                offset,
                step,
                depth,
            };
            let id = format!("{name}/{}", if moving { "moving" } else { "still" });
            c.bench_function(&id, |b| {
                b.iter(|| {
                    number += 1;
                    let luma = Luma {
                        data: &pictures[number as usize % pictures.len()],
                        stride: SIZE.0 as usize * step,
                        width: SIZE.0,
                        height: SIZE.1,
                        samples,
                    };
                    black_box(gate.look(&luma, FRAME * number).unwrap().open)
                });
            });
        }
    }
}

criterion_group!(benches, motion);
criterion_main!(benches);
