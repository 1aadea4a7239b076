// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;

use crate::{Config, Error, Luma, Motion, MotionDetector};

/// Timestamps that step back by no more than this are jitter; by more, a seek.
const JITTER: Duration = Duration::from_millis(100);

/// Whether to look at a picture with more than a glance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// It is worth it: something moves or did a moment ago, or it is time for a refresh.
    pub open: bool,
    /// It is open only because it was long closed.
    pub refresh: bool,
    /// Where something moves, or last did while the gate is held open, in pixels of the picture;
    /// `None` when closed, when all of the picture is new, and once in a refresh's time: all of the
    /// picture is to be looked at then.
    pub region: Option<Rect>,
    /// What moves in this picture.
    pub motion: Motion,
}

/// Opens when something moves.
///
/// ```text
///            min_frames of motion, or another picture
///   closed ──────────────────────────────────────────► open, until hold after the last motion
///      ▲ │ refresh: open for one picture                  │
///      └─┴────────────────────────────────────────────────┘
/// ```
#[derive(Debug)]
pub struct Gate {
    config: Config,
    detector: MotionDetector,
    /// Pictures with motion in a row.
    run: u32,
    /// Time of the newest picture.
    newest: Option<Duration>,
    /// Time of the last motion that opened the gate or kept it open, and where that was.
    moved: Option<(Duration, Option<Rect>)>,
    /// When the gate was open last.
    opened: Option<Duration>,
    /// When it was last open for all of the picture.
    whole: Option<Duration>,
}

impl Gate {
    /// A gate that has seen nothing: it is open for the first picture.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            detector: MotionDetector::new(),
            run: 0,
            newest: None,
            moved: None,
            opened: None,
            whole: None,
        }
    }

    /// Takes effect from the next picture on.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Forgets the background and all that moved, as after a seek.
    pub fn reset(&mut self) {
        *self = Self::new(self.config);
    }

    /// Looks at the picture at `time`, since the stream's start. A step back of up to 100 ms
    /// counts as no time at all; a longer one is a jump, and the gate starts anew.
    ///
    /// # Errors
    ///
    /// [`Error`] when the picture does not lie within its data; the gate stays as it was.
    pub fn look(&mut self, luma: &Luma<'_>, time: Duration) -> Result<Look, Error> {
        luma.check()?;
        if self.newest.is_some_and(|t| time.saturating_add(JITTER) < t) {
            self.reset();
        }
        let newest = self.newest.unwrap_or(time);
        let time = time.max(newest);
        let motion = self.detector.update(luma, time - newest, &self.config)?;
        self.newest = Some(time);
        Ok(self.decide(time, motion))
    }

    fn decide(&mut self, time: Duration, motion: Motion) -> Look {
        let since = |then: Option<Duration>| then.map(|then| time.saturating_sub(then));
        let held = |moved: Option<Duration>| since(moved).is_some_and(|t| t <= self.config.hold);
        self.run = if motion.moving { self.run + 1 } else { 0 };
        let was_open = held(self.moved.map(|m| m.0));
        if motion.moving && (was_open || motion.anew || self.run >= self.config.min_frames) {
            self.moved = Some((time, motion.region));
        }
        let moved = self.moved.filter(|m| held(Some(m.0)));
        let due = |then: Option<Duration>| {
            let waited = since(then).unwrap_or(Duration::MAX);
            !self.config.refresh.is_zero() && waited >= self.config.refresh
        };
        let open = moved.is_some() || due(self.opened);
        // Where something always moves the rest is to be seen, too.
        let region = moved.and_then(|m| m.1).filter(|_| !due(self.whole));
        if open {
            self.opened = Some(time);
            self.whole = if region.is_none() {
                Some(time)
            } else {
                self.whole
            };
        }
        Look {
            open,
            refresh: open && moved.is_none(),
            region,
            motion,
        }
    }
}
