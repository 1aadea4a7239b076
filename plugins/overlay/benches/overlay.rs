// SPDX-License-Identifier: MIT OR Apache-2.0
//! Twenty and a hundred boxes with labels drawn into a frame of 1920×1080.
//!
//! `cargo bench -p lynx-overlay --bench overlay`. Before the clock starts, each case is drawn
//! under a counting allocator: a drawing that allocates fails the bench.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, criterion_group, criterion_main};
use lynx_geometry::Rect;
use lynx_overlay::draw::{
    Canvas, Colorimetry, Format, Labels, PlaneMut, TextSize, color_for, thickness_for,
};

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

/// The bytes and strides of a format's planes.
fn planes(format: Format) -> Vec<(Vec<u8>, usize)> {
    let plane = |stride: usize, rows: usize| (vec![128; stride * rows], stride);
    let half = |stride| plane(stride, HEIGHT / 2);
    match format {
        Format::Nv12 => vec![plane(WIDTH, HEIGHT), half(WIDTH)],
        Format::I420 => vec![plane(WIDTH, HEIGHT), half(WIDTH / 2), half(WIDTH / 2)],
        Format::Rgb | Format::Bgr => vec![plane(WIDTH * 3, HEIGHT)],
        Format::Yuy2 | Format::Uyvy => vec![plane(WIDTH * 2, HEIGHT)],
        _ => vec![plane(WIDTH * 4, HEIGHT)],
    }
}

/// A crowd: people of 80×200 to 137×352 pixels at odd and even places.
fn people(count: u64) -> Vec<(Rect, String, u64)> {
    let person = |i: u64| {
        let n = i as f32;
        let rect = Rect::new(
            (n * 331.0) % 1750.0,
            40.0 + (n * 173.0) % 640.0,
            80.0 + 3.0 * (n % 20.0),
            200.0 + 8.0 * (n % 20.0),
        );
        (rect, format!("person 0.{} #{i}", 99 - i % 80), i)
    };
    (0..count).map(person).collect()
}

struct What {
    outlines: bool,
    labels: bool,
}

fn draw(canvas: &mut Canvas<'_>, people: &[(Rect, String, u64)], what: &What, labels: &mut Labels) {
    labels.clear();
    let size = TextSize::for_height(HEIGHT as u32);
    let thickness = thickness_for(HEIGHT as u32);
    for (rect, text, id) in people {
        let color = color_for(*id);
        if what.outlines {
            canvas.rectangle(rect, thickness, color);
        }
        if what.labels {
            canvas.label(rect, text, size, color, labels);
        }
    }
}

fn overlay(c: &mut Criterion) {
    let (twenty, hundred) = (people(20), people(100));
    let both = What {
        outlines: true,
        labels: true,
    };
    let outlines = What {
        outlines: true,
        labels: false,
    };
    let labels = What {
        outlines: false,
        labels: true,
    };
    let mut group = c.benchmark_group("1080p");
    for (name, format, what, people) in [
        ("20 boxes with labels, NV12", Format::Nv12, &both, &twenty),
        ("20 boxes alone, NV12", Format::Nv12, &outlines, &twenty),
        ("20 labels alone, NV12", Format::Nv12, &labels, &twenty),
        ("20 boxes with labels, I420", Format::I420, &both, &twenty),
        ("20 boxes with labels, RGB", Format::Rgb, &both, &twenty),
        ("20 boxes alone, RGB", Format::Rgb, &outlines, &twenty),
        ("20 boxes with labels, RGBx", Format::Rgbx, &both, &twenty),
        ("20 boxes with labels, YUY2", Format::Yuy2, &both, &twenty),
        ("100 boxes with labels, NV12", Format::Nv12, &both, &hundred),
    ] {
        let mut owned = planes(format);
        let mut labels = Labels::default();
        let mut frame = || {
            let mut planes = owned.iter_mut().map(|(data, stride)| PlaneMut {
                data,
                stride: *stride,
            });
            let (width, height) = (WIDTH as u32, HEIGHT as u32);
            let colorimetry = Colorimetry::default();
            // As many planes as the format has, without a `Vec`.
            let mut some = [(); 3].map(|()| planes.next());
            let count = some.iter().flatten().count();
            let mut some = some.each_mut().map(|plane| {
                plane.take().unwrap_or(PlaneMut {
                    data: &mut [],
                    stride: 0,
                })
            });
            match Canvas::new(format, width, height, colorimetry, &mut some[..count]) {
                Ok(mut canvas) => draw(&mut canvas, black_box(people), what, &mut labels),
                Err(error) => panic!("{error}"),
            }
        };
        frame();
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        frame();
        let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert_eq!(allocated, 0, "{name} allocates");
        group.bench_function(name, |b| b.iter(&mut frame));
    }
    group.finish();
}

criterion_group!(benches, overlay);
criterion_main!(benches);
