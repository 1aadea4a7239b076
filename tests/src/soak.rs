// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras that come and go while others stay, for long: nothing grows.

use std::sync::Mutex;
use std::thread;

use gst::prelude::*;

use crate::places::tiny;
use crate::run::{build, play_to_end};

/// What a soak does.
#[derive(Debug, Clone, Copy)]
pub struct Soak {
    /// Cameras that come, show [`Self::frames`] frames and go.
    pub joins: usize,
    pub frames: usize,
    /// How many of them there are at the same time.
    pub together: usize,
}

/// What the process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Resident memory.
    pub bytes: u64,
    pub threads: usize,
    pub files: usize,
}

impl Held {
    pub fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/statm").expect("procfs");
        let pages: u64 = status
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse().ok())
            .expect("pages");
        let count = |folder| std::fs::read_dir(folder).expect("procfs").count();
        Self {
            bytes: pages * 4096,
            threads: count("/proc/self/task"),
            files: count("/proc/self/fd"),
        }
    }
}

/// Plays it beside one camera that stays; what the process held after each tenth of the joins,
/// always with nobody but that camera there.
pub fn soak(soak: Soak) -> Vec<Held> {
    let line = |frames: &str| {
        format!(
            "videotestsrc pattern=ball {frames} ! video/x-raw,format=NV12,width=320,height=240 \
             ! lynxinfer model={} batch-size=4 nireq=2 intra-op-threads=1 threshold=0.1 \
             ! lynxtrack ! lynxoverlay ! fakesink",
            tiny("yolov8-bright")
        )
    };
    let (steady, _) = build(&line("is-live=true"));
    steady.set_state(gst::State::Playing).expect("it starts");
    let mut held = Vec::new();
    for _ in 0..10 {
        let left = Mutex::new(soak.joins / 10);
        let take = || {
            let mut left = left.lock().expect("no camera panicked");
            *left = left.checked_sub(1)?;
            Some(())
        };
        thread::scope(|scope| {
            for _ in 0..soak.together {
                scope.spawn(|| {
                    while take().is_some() {
                        let (camera, _) = build(&line(&format!("num-buffers={}", soak.frames)));
                        let warnings = play_to_end(&camera);
                        assert_eq!(warnings, [""; 0]);
                        camera.set_state(gst::State::Null).expect("it stops");
                    }
                });
            }
        });
        held.push(Held::now());
    }
    steady.set_state(gst::State::Null).expect("it stops");
    held
}
