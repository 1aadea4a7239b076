// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;

use super::{Frame, Object};

/// How many of its longer sides any object may move in a second.
pub const PACE: f32 = 2.0;
/// How many times as fast as between the last two runs an object may move until the next.
pub const AHEAD: f32 = 1.5;
/// What share of the frame's longer side an object may move in a second that was seen only once.
pub const CROSSING: f32 = 0.5;

/// An object where inference saw it last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    rect: Rect,
    class: u64,
    identity: Option<u64>,
    /// When it was seen.
    pub(super) seen: Duration,
    /// How fast its fastest edge moved, in pixels a second; `None` when it was seen only once.
    speed: Option<f32>,
    /// Inference has looked there since and did not find it.
    pub(super) missed: bool,
    /// It may have been found since, elsewhere. Doubt does not breed doubt.
    pub(super) doubted: bool,
}

impl Known {
    pub(super) fn new(object: &Object, time: Duration) -> Self {
        Self {
            rect: object.rect,
            class: object.class,
            identity: object.identity,
            seen: time,
            speed: None,
            missed: false,
            doubted: false,
        }
    }

    /// The same, should it be another one that was found.
    pub(super) fn doubted(self) -> Self {
        Self {
            doubted: true,
            ..self
        }
    }

    /// Sees it again, which says how fast it is.
    pub(super) fn update(&mut self, object: &Object, time: Duration) {
        let past = self.age(time);
        let (a, b) = (&self.rect, &object.rect);
        let edges = [
            b.x - a.x,
            b.y - a.y,
            b.right() - a.right(),
            b.bottom() - a.bottom(),
        ];
        let moved = edges.into_iter().map(f32::abs).fold(0.0, f32::max);
        *self = Self {
            speed: (past > 0.0).then(|| moved / past),
            ..Self::new(object, time)
        };
    }

    /// Everywhere that it can have got to by `time`, in a frame whose longer side is so long.
    pub(super) fn at(&self, time: Duration, longer: f32) -> Rect {
        let least = PACE * self.rect.w.max(self.rect.h);
        let pace = match self.speed {
            Some(speed) => least.max(AHEAD * speed),
            // Most of what inference finds once and not again is no object.
            None if self.missed => least,
            None => least.max(CROSSING * longer),
        };
        grown(&self.rect, pace * self.age(time), pace * self.age(time))
    }

    /// Whether it is wholly in that part of a frame, wherever it got to.
    pub(super) fn is_within(&self, part: &Rect, frame: &Frame) -> bool {
        let all = self.at(frame.time, frame.longer());
        let inside = all.clipped(frame.size.0, frame.size.1);
        inside.is_none_or(|inside| contains(part, &inside))
    }

    /// How far an object of a frame is from this one, in pixels; less than 0 when it certainly is
    /// this one, `None` when it is another.
    pub(super) fn distance(&self, object: &Object, frame: &Frame) -> Option<f32> {
        if self.class != object.class {
            return None;
        }
        match (self.identity, object.identity) {
            (Some(mine), Some(other)) if mine == other => return Some(-1.0),
            (Some(_), Some(_)) => return None,
            _ => (),
        }
        let (x, y) = object.rect.center();
        let (cx, cy) = self.rect.center();
        self.at(frame.time, frame.longer())
            .has(x, y)
            .then(|| (x - cx).hypot(y - cy))
    }

    fn age(&self, time: Duration) -> f32 {
        time.saturating_sub(self.seen).as_secs_f32()
    }
}

/// The rectangle with so many pixels more on each side.
pub(super) fn grown(rect: &Rect, dx: f32, dy: f32) -> Rect {
    Rect::new(
        rect.x - dx,
        rect.y - dy,
        rect.w + 2.0 * dx,
        rect.h + 2.0 * dy,
    )
}

/// Whether `inner` lies wholly in `outer`.
pub(super) fn contains(outer: &Rect, inner: &Rect) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && outer.right() >= inner.right()
        && outer.bottom() >= inner.bottom()
}

/// What tells a class from others, by its name in any case: an FNV-1a hash, so that names need not
/// be kept.
pub fn class(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3)
    })
}
