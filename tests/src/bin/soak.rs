// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo run --release -p lynx-tests --bin soak`: a hundred thousand frames of a thousand cameras that
//! come and go.

#![allow(clippy::print_stdout)]

use lynx_tests::soak::{Soak, soak};

fn main() {
    let started = std::time::Instant::now();
    let held = soak(Soak {
        joins: 1000,
        frames: 100,
        together: 4,
    });
    for (tenth, held) in held.iter().enumerate() {
        println!(
            "after {:4} cameras: {:6.1} MB resident, {} threads, {} files",
            100 * (tenth + 1),
            held.bytes as f64 / 1e6,
            held.threads,
            held.files
        );
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
}
