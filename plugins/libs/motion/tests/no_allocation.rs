// SPDX-License-Identifier: MIT OR Apache-2.0
//! In its steady state the gate allocates nothing.

use lynx_motion::{Config, Gate, Luma, Samples};
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
fn pictures_do_not_allocate_from_the_second_of_a_size_on() {
    let picture = |number: usize| -> Vec<u8> {
        let mut picture = vec![80; 320 * 180];
        for y in (40..80).filter(|_| number > 0) {
            picture[y * 320 + 4 * number..][..40].fill(200);
        }
        picture
    };
    let pictures: Vec<_> = (0..60).map(picture).collect();
    let mut gate = Gate::new(Config::default());
    let mut look = |number: u32| {
        let luma = Luma {
            data: &pictures[(number as usize).min(number as usize % 59 + 1)],
            stride: 320,
            width: 320,
            height: 180,
            samples: Samples::BYTES,
        };
        let time = Duration::from_millis(40) * number;
        gate.look(&luma, time).is_ok_and(|look| look.motion.moving)
    };
    assert!(look(0));
    let before = ALLOCATIONS.get();
    assert!((1..200).all(&mut look));
    assert_eq!(ALLOCATIONS.get() - before, 0);
}
