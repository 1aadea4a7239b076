// SPDX-License-Identifier: MIT OR Apache-2.0
//! A conversion allocates nothing: frames and regions of every format, element type, layout,
//! resize mode and filter under an allocator that counts.

#![allow(clippy::expect_used)] // Helpers of tests are tests, too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use lynx_geometry::Rect;
use lynx_tensor::{
    AlignedBytes, ColorFormat, Converter, Element, Filter, Frame, PixelFormat, Plane, ResizeMode,
    Source, TensorLayout, TensorSpec, Word,
};

struct Counting;

thread_local! {
    /// Of this thread: others allocate what they like.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends may allocate after its counter is gone.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to `System` unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise, handed on.
        unsafe { System.realloc(ptr, layout, size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often `work` allocates.
fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| ()), 0);
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8; 9]))), 1);
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0_u8; 9]))), 1);
    let mut grows = Vec::with_capacity(1);
    let growth = allocations(|| grows.extend_from_slice(std::hint::black_box(&[1_u8; 99])));
    assert_eq!(growth, 1);
}

const SIZE: (u32, u32) = (157, 93);

/// Regions that shrink, grow and reach over the edges. Tables keep the memory of the largest.
const REGIONS: [Rect; 6] = [
    Rect::new(10.0, 10.0, 40.0, 60.0),
    Rect::new(3.3, 1.7, 150.2, 91.0),
    Rect::new(100.0, 50.0, 1.0, 1.0),
    Rect::new(-20.0, -20.0, 300.0, 300.0),
    Rect::new(31.0, 0.0, 2.0, 93.0),
    Rect::new(0.0, 0.0, 157.0, 93.0),
];

/// Regions that none of the tables above is for.
const OTHER_REGIONS: [Rect; 5] = [
    Rect::new(90.0, 20.0, 38.0, 57.0),
    Rect::new(2.0, 2.0, 149.0, 90.0),
    Rect::new(41.0, 9.0, 1.0, 1.0),
    Rect::new(120.0, -5.0, 80.0, 40.0),
    Rect::new(77.0, 1.0, 2.0, 92.0),
];

/// How often the first frame of a converter allocates, and frames and regions after it has had
/// some, of one format into tensors of one spec.
fn steady_state(format: PixelFormat, spec: &TensorSpec) -> usize {
    let (width, height) = SIZE;
    let buffers: Vec<(Vec<u8>, usize)> = (0..format.n_planes())
        .map(|plane| {
            let stride = format.row_bytes(plane, width as usize);
            (
                vec![77; stride * format.rows(plane, height as usize)],
                stride,
            )
        })
        .collect();
    let planes: Vec<_> = (buffers.iter())
        .map(|(data, stride)| Plane {
            data,
            stride: *stride,
        })
        .collect();
    let frame = Frame { planes: &planes };
    let mut converter = Converter::new(Source::new(format, width, height), spec).expect("works");
    let mut out = AlignedBytes::new(spec.bytes());
    let first_frame = allocations(|| {
        converter.convert(&frame, &mut out).expect("a frame");
    });
    let mut regions = |regions: &[Rect]| {
        for region in regions {
            let made = converter.convert_region(&frame, region, &mut out);
            made.expect("a region that lies in the frame");
        }
        converter.convert(&frame, &mut out).expect("a frame");
    };
    regions(&REGIONS);
    first_frame + allocations(|| regions(&OTHER_REGIONS))
}

#[test]
fn no_conversion_allocates() {
    let mut combinations = 0;
    for format in PixelFormat::ALL {
        for &(element, _) in Element::WORDS {
            for &(layout, _) in TensorLayout::WORDS {
                for &(resize, _) in ResizeMode::WORDS {
                    for &(filter, _) in Filter::WORDS {
                        for &(color, _) in ColorFormat::WORDS {
                            let spec = TensorSpec {
                                element,
                                layout,
                                color,
                                resize,
                                filter,
                                std: [1.0; 3],
                                ..TensorSpec::new(48, 40)
                            };
                            let found = steady_state(format, &spec);
                            assert_eq!(found, 0, "{format:?} into {spec:?} allocates");
                            combinations += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(combinations, 22 * 4 * 2 * 5 * 3 * 3);
}
