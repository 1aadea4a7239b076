// SPDX-License-Identifier: MIT OR Apache-2.0
//! Twenty people of 100×250 pixels hidden in a frame of 1920×1080, beside a copy of as many bytes.
//!
//! `cargo bench -p lynx-overlay --bench privacy`. Before the clock starts, each case runs a few times, the
//! last one under a counting allocator: hiding that allocates fails the bench.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use lynx_geometry::Rect;
use lynx_overlay::draw::{Averages, Canvas, Colorimetry, Format, Hiding, PlaneMut};
use lynx_overlay::privacy::{Frame, Guard, Limits, Look, Object, class};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to `System` unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;

fn people() -> Vec<Rect> {
    let person = |i: usize| {
        let n = i as f32;
        Rect::new(
            (n * 331.0) % 1750.0,
            40.0 + (n * 173.0) % 640.0,
            100.0,
            250.0,
        )
    };
    (0..20).map(person).collect()
}

fn check_allocations(name: &str, mut work: impl FnMut()) {
    for _ in 0..3 {
        work();
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
    assert_eq!(allocated, 0, "{name} allocates");
}

fn hide(c: &mut Criterion) {
    let people = people();
    let mut group = c.benchmark_group("20 of 100x250 in 1080p NV12");
    let mut y = vec![128; WIDTH * HEIGHT];
    let mut uv = vec![128; WIDTH * HEIGHT / 2];
    let mut memory = Averages::default();
    for (name, how) in [
        ("fill", Hiding::Fill),
        ("pixelate", Hiding::Pixelate),
        ("blur", Hiding::Blur),
    ] {
        let mut frame = || {
            let plane = |data| PlaneMut {
                data,
                stride: WIDTH,
            };
            let mut planes = [&mut y, &mut uv].map(|data| plane(data));
            let (width, height) = (WIDTH as u32, HEIGHT as u32);
            let colorimetry = Colorimetry::default();
            match Canvas::new(Format::Nv12, width, height, colorimetry, &mut planes) {
                Ok(mut canvas) => {
                    for rect in black_box(&people) {
                        canvas.hide(Some(rect), how, 1, &mut memory);
                    }
                }
                Err(error) => panic!("{error}"),
            }
        };
        check_allocations(name, &mut frame);
        group.bench_function(name, |b| b.iter(&mut frame));
    }
    let bytes = people.len() * 100 * 250 * 3 / 2;
    group.bench_function("memcpy of as many bytes", |b| {
        b.iter(|| y[..bytes].copy_from_slice(black_box(&uv[..bytes])));
    });
    group.finish();
}

fn judge(c: &mut Criterion) {
    let people = people();
    let objects = people.iter().enumerate().map(|(nth, rect)| Object {
        rect: *rect,
        class: class("person"),
        identity: Some(nth as u64),
        predicted: false,
    });
    let objects: Vec<_> = objects.collect();
    let (mut guard, mut time) = (Guard::default(), Duration::ZERO);
    let mut two = || {
        for look in [Look::Whole, Look::None] {
            time += Duration::from_millis(33);
            let frame = Frame {
                time,
                size: (WIDTH as f32, HEIGHT as f32),
                look,
                discontinuous: false,
            };
            let objects = black_box(&objects);
            black_box(guard.judge(&frame, objects, &Limits::default()));
        }
    };
    check_allocations("judging", &mut two);
    c.bench_function("20 people judged on two frames", |b| b.iter(&mut two));
}

criterion_group!(benches, hide, judge);
criterion_main!(benches);
