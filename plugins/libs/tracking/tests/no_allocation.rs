// SPDX-License-Identifier: MIT OR Apache-2.0
//! In its steady state the tracker allocates nothing.

use lynx_geometry::{Detection, Rect};
use lynx_tracking::{Config, Tracker};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

thread_local! {
    // A count a thread: the test harness has threads of its own.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn updates_and_predictions_do_not_allocate_once_warm() {
    let at = |frame: u32| Duration::from_millis(33) * frame;
    let frame = |number: u32| -> Vec<Detection> {
        let object = |i: u32| {
            let score = if (i + number).is_multiple_of(7) {
                0.3
            } else {
                0.9
            };
            let x = (i * 90) as f32 + (number % 30) as f32;
            Detection {
                rect: Rect::new(x, 0.0, 60.0, 100.0),
                class: i % 3,
                score,
            }
        };
        (0..30).map(object).collect()
    };
    let frames: Vec<_> = (0..60).map(frame).collect();
    let mut tracker = Tracker::new(Config::default()).unwrap();
    let mut round = |first: u32| {
        for (number, detections) in (first..).zip(&frames) {
            tracker.update(at(3 * number), detections);
            tracker.predict(at(3 * number + 1));
            tracker.hold(at(3 * number + 2));
        }
    };
    round(0);
    let before = ALLOCATIONS.get();
    round(60);
    assert_eq!(ALLOCATIONS.get() - before, 0);
}
