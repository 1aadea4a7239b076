// SPDX-License-Identifier: MIT OR Apache-2.0
//! Four cameras that are killed, stopped, stalled, corrupted, resized, added and removed at random,
//! under viewers who come and go: every camera is back within its back-off, nothing grows, nobody
//! complains. Loopback only.
//!
//! ```text
//! cargo test -p lynx-restream --bench soak -- [MINUTES] [SEED]
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // what it finds is its output

#[path = "../../tests/common/mod.rs"]
mod common;
mod growth;
mod site;

use std::time::{Duration, Instant};

use common::process::{files, held};
use growth::Growth;
use site::Site;

/// Something happens this often.
const EVERY: Duration = Duration::from_secs(2);
/// All is looked at this often.
const LOOK: Duration = Duration::from_millis(250);
/// When all faults are mended, all must be as at the beginning within this.
const QUIET: Duration = Duration::from_secs(120);

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let minutes: f64 = arguments
        .next()
        .map_or(2.0, |text| text.parse().expect("minutes"));
    let seed = arguments
        .next()
        .map_or(6, |text| text.parse().expect("a seed"));
    println!("{minutes} minutes, seed {seed}");

    let mut site = Site::new(seed);
    // What is made once and stays, such as threads of pools, is there before anything is counted.
    site.warm_up();
    let pid = site.app.pid();
    let (before, files_before) = (held(pid), files(pid));
    println!("at the beginning: {before:?}");

    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let (mut due, mut growth) = (Instant::now(), Growth::default());
    while Instant::now() < end {
        if Instant::now() >= due {
            site.do_something();
            due = Instant::now() + EVERY;
        }
        site.look();
        growth.note(held(pid));
        std::thread::sleep(LOOK);
    }

    println!("mending all");
    site.mend();
    site.all_play();
    let mut after = held(pid);
    let quiet = Instant::now();
    while (after.threads > before.threads || after.files > before.files) && quiet.elapsed() < QUIET
    {
        std::thread::sleep(LOOK);
        after = held(pid);
    }
    println!("at the end: {after:?}");
    println!("{}", site.told());
    println!("{growth}");
    let threads = common::process::threads(pid);
    assert!(
        after.threads <= before.threads,
        "threads stayed: {threads:?}"
    );
    assert!(
        after.files <= before.files,
        "file descriptors stayed: {files_before:?}, {:?}",
        files(pid)
    );
    growth.check();
    site.end();
}
