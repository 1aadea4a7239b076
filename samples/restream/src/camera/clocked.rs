// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a camera's times to those of GStreamer's system clock.

use std::sync::{Mutex, PoisonError};

use gst::prelude::*;

use crate::retime::Retimer;

/// Gives a camera's samples the time at which they go out.
#[derive(Default)]
pub struct Clocked(Mutex<Retimer>);

impl Clocked {
    /// The same sample, its time on the system clock.
    pub fn sample(&self, sample: &gst::Sample) -> Option<gst::Sample> {
        let now = gst::SystemClock::obtain().time();
        let mut buffer = sample.buffer_owned()?;
        let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
        let running = |time: Option<gst::ClockTime>| segment.to_running_time(time?);
        let shown = running(buffer.pts());
        // Where frames refer to later ones they are shown in another order than they come.
        let time = running(buffer.dts()).or(shown);
        let out = match time {
            Some(time) => {
                let mut retimer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let out: gst::ClockTime = retimer.out(time.into(), now.into()).try_into().ok()?;
                let ahead = shown.map_or(gst::ClockTime::ZERO, |shown| shown.saturating_sub(time));
                ahead + out
            }
            None => now,
        };
        let writable = buffer.make_mut();
        writable.set_pts(out);
        writable.set_dts(gst::ClockTime::NONE);
        let caps = sample.caps_owned()?;
        Some(gst::Sample::builder().buffer(&buffer).caps(&caps).build())
    }
}
