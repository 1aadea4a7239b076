// SPDX-License-Identifier: MIT OR Apache-2.0
//! What preprocessing is measured on and against, for `cargo bench -p lynx-tensor --bench
//! preprocess` and `pipelines/bench.sh preprocess`: the cases, Lynx, a plain copy of the bytes,
//! and the best that crates.io has to offer. One thread each.

#![allow(clippy::expect_used)] // As in tests: a case that does not work is a bug of the bench.

mod case;
mod copy;
mod fir;
mod lynx;
mod own_convert;
mod picture;
mod same;
#[cfg(feature = "yuv")]
mod yuv_first;

use std::time::Instant;

use copy::Copy;
use fir::FastImageResize;
use lynx::Lynx;
#[cfg(feature = "yuv")]
use yuv_first::YuvFirst;

pub use case::{Case, cases};
pub use picture::Picture;
pub use same::check_same;

/// One way to make a case's tensors.
pub trait Variant {
    /// Makes one tensor: of the whole frame, or of the case's next region.
    fn run(&mut self);

    /// The tensor that was made last, where it is one and at hand.
    fn tensor(&self) -> Option<&[u8]> {
        None
    }

    /// Makes `calls` tensors; how many milliseconds each took.
    fn times(&mut self, calls: usize) -> Vec<f64> {
        let mut timed = || {
            let start = Instant::now();
            self.run();
            start.elapsed().as_secs_f64() * 1e3
        };
        (0..calls).map(|_| timed()).collect()
    }
}

/// Every way to make a case's tensors that is here, with its name; Lynx first.
pub fn variants<'a>(
    case: &'a Case,
    picture: &'a Picture,
) -> Vec<(&'static str, Box<dyn Variant + 'a>)> {
    #[cfg_attr(not(feature = "yuv"), allow(unused_mut))]
    let mut all: Vec<(_, Box<dyn Variant>)> = vec![
        ("lynx", Box::new(Lynx::new(case, picture))),
        ("memcpy", Box::new(Copy::new(case, picture))),
        (
            "fast_image_resize",
            Box::new(FastImageResize::new(case, picture)),
        ),
    ];
    #[cfg(feature = "yuv")]
    if let Some(peer) = YuvFirst::new(case, picture) {
        all.push(("yuv+fast_image_resize", Box::new(peer)));
    }
    all
}

#[cfg(test)]
mod tests;
