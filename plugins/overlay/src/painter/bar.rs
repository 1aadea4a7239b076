// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line of what goes on.

use std::fmt::Write;
use std::time::Duration;

use lynx_meta::{Inference, Object, Stage, Word, frame};

/// How much of the rate is that of the newest frame.
const NEWEST: f64 = 0.1;

/// What the line is made of, kept from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Bar {
    last: Option<Duration>,
    /// Seconds from frame to frame, smoothed.
    apart: f64,
    counts: Vec<(&'static str, u32)>,
}

impl Bar {
    pub fn clear(&mut self) {
        self.last = None;
    }

    /// Writes, for instance, `25.0 fps · ran 12.3 ms · yolo11n on cpu · 3 person 1 car`.
    pub fn write(
        &mut self,
        text: &mut String,
        buffer: &gst::BufferRef,
        time: Duration,
        objects: &[Object],
    ) {
        let apart = self.last.and_then(|last| time.checked_sub(last));
        if let Some(apart) = apart
            .map(|apart| apart.as_secs_f64())
            .filter(|apart| *apart < 10.0)
        {
            self.apart = match self.apart {
                0.0 => apart,
                smooth => smooth + NEWEST * (apart - smooth),
            };
        }
        self.last = Some(time);
        // Writing to a `String` does not fail.
        if self.apart > 0.0 {
            let _ = write!(text, "{:.1} fps", 1.0 / self.apart);
        }
        if let Some(info) = frame::inference(buffer) {
            let _ = write!(text, "{}{}", separator(text), info.inference.word());
            let took = frame::time(buffer, Stage::Inference);
            if let (Inference::Ran, Some(took)) = (info.inference, took) {
                let _ = write!(text, " {:.1} ms", took.as_secs_f64() * 1e3);
            }
            if !info.model.is_empty() {
                let _ = write!(text, " · {} on {}", info.model, info.provider);
            }
        }
        self.counts.clear();
        for object in objects {
            match self
                .counts
                .iter_mut()
                .find(|(label, _)| *label == object.label)
            {
                Some((_, count)) => *count += 1,
                None => self.counts.push((object.label, 1)),
            }
        }
        for (index, (label, count)) in self.counts.iter().enumerate() {
            let before = if index == 0 { separator(text) } else { " " };
            let _ = write!(text, "{before}{count} {label}");
        }
    }
}

/// Between two parts of the line.
fn separator(text: &str) -> &'static str {
    if text.is_empty() { "" } else { " · " }
}
