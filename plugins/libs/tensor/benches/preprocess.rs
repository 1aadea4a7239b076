// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frame to tensor, beside a plain copy of as many bytes: the floor that memory sets.
//!
//! `cargo bench -p lynx-tensor --bench preprocess`. Before the clock starts, each case is run
//! under a counting allocator: a conversion that allocates fails the bench.

#![allow(clippy::expect_used)] // As in tests.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, criterion_group, criterion_main};
use lynx_tensor::{
    AlignedBytes, ColorFormat, Frame, PixelFormat, Plane, ResizeMode, TensorLayout, TensorSpec,
};
use lynx_tensor::{Converter, Source};

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

struct Case {
    name: &'static str,
    format: PixelFormat,
    size: (u32, u32),
    spec: TensorSpec,
}

fn cases() -> Vec<Case> {
    let yolox = TensorSpec {
        color: ColorFormat::Bgr,
        resize: ResizeMode::LetterboxTopLeft,
        std: [1.0; 3],
        ..TensorSpec::new(416, 416)
    };
    let nhwc = TensorSpec {
        layout: TensorLayout::Nhwc,
        ..TensorSpec::new(640, 640)
    };
    let case = |name, format, size, spec| Case {
        name,
        format,
        size,
        spec,
    };
    use PixelFormat::{I420, Nv12, Rgb, Rgbx};
    vec![
        case("i420-768x576-to-416-bgr", I420, (768, 576), yolox),
        case(
            "nv12-1080p-to-640",
            Nv12,
            (1920, 1080),
            TensorSpec::new(640, 640),
        ),
        case("nv12-1080p-to-640-nhwc", Nv12, (1920, 1080), nhwc.clone()),
        case(
            "nv12-720p-to-640",
            Nv12,
            (1280, 720),
            TensorSpec::new(640, 640),
        ),
        case(
            "rgb-1080p-to-640",
            Rgb,
            (1920, 1080),
            TensorSpec::new(640, 640),
        ),
        case("rgb-1080p-to-640-nhwc", Rgb, (1920, 1080), nhwc),
        case(
            "rgbx-1080p-to-640",
            Rgbx,
            (1920, 1080),
            TensorSpec::new(640, 640),
        ),
    ]
}

fn preprocess(c: &mut Criterion) {
    for case in cases() {
        let (width, height) = case.size;
        let buffers: Vec<(Vec<u8>, usize)> = (0..case.format.n_planes())
            .map(|plane| {
                let stride = case.format.row_bytes(plane, width as usize);
                let len = stride * case.format.rows(plane, height as usize);
                ((0..len).map(|i| (i * 37 % 251) as u8).collect(), stride)
            })
            .collect();
        let planes: Vec<_> = (buffers.iter())
            .map(|(data, stride)| Plane {
                data,
                stride: *stride,
            })
            .collect();
        let frame = Frame { planes: &planes };
        let source = Source::new(case.format, width, height);
        let mut converter = Converter::new(source, &case.spec).expect("a case that works");
        let mut out = AlignedBytes::new(case.spec.bytes());

        let before = ALLOCATIONS.load(Ordering::Relaxed);
        converter
            .convert(&frame, &mut out)
            .expect("a frame that fits");
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert_eq!(allocations, 0, "{}: a conversion allocated", case.name);

        let mut group = c.benchmark_group(case.name);
        group.bench_function("convert", |b| {
            b.iter(|| converter.convert(black_box(&frame), black_box(&mut out)));
        });
        group.bench_function("image-only", |b| {
            b.iter(|| converter.convert_image(black_box(&frame), black_box(&mut out)));
        });
        let mut copies: Vec<Vec<u8>> = buffers.iter().map(|(data, _)| data.clone()).collect();
        let tensor = out.clone();
        group.bench_function("copy-frame-and-tensor", |b| {
            b.iter(|| {
                for (copy, (data, _)) in copies.iter_mut().zip(&buffers) {
                    black_box(copy).copy_from_slice(black_box(data));
                }
                black_box(&mut out).copy_from_slice(black_box(&tensor));
            });
        });
        group.finish();
    }
}

criterion_group!(benches, preprocess);
criterion_main!(benches);
