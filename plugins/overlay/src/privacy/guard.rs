// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;

use super::known::{contains, grown};
use super::pairing::Pairing;
use super::{Cover, Frame, Limits, Look, Object};

/// At least so many pixels are covered beyond an object: what a box may be off by, however small.
const LEAST_MARGIN: f32 = 4.0;

/// Decides frame by frame what is to be covered. See the module for the rules.
///
/// It begins by covering everything, and does so again after [`Guard::forget`].
#[derive(Debug, Default)]
pub struct Guard {
    /// The newest frame's time and size.
    newest: Option<(Duration, (f32, f32))>,
    /// When inference last ran on a whole frame.
    looked: Option<Duration>,
    seen: Pairing,
    /// Kept from frame to frame: nothing is allocated once it is large enough.
    regions: Vec<Rect>,
}

impl Guard {
    /// Nothing that was seen says anything of what comes: another picture, another time.
    pub fn forget(&mut self) {
        self.newest = None;
        self.looked = None;
        self.seen.known.clear();
    }

    /// Inference has to run before anything is uncovered: other classes are asked for, say, of
    /// which it is not known where they are. What is known is kept.
    pub fn distrust(&mut self) {
        self.looked = None;
    }

    /// What is to be covered of the next frame, which has these objects, and whether that is only
    /// known from earlier ones.
    ///
    /// Timestamps must grow; where they do not, all that was known is forgotten. An object whose
    /// place is nonsense may be anywhere.
    pub fn judge(
        &mut self,
        frame: &Frame,
        objects: &[Object],
        limits: &Limits,
    ) -> (Cover<'_>, bool) {
        let follows = |(time, size)| size == frame.size && time < frame.time;
        if !self.newest.is_some_and(follows) {
            self.forget();
        }
        self.newest = Some((frame.time, frame.size));
        if frame.discontinuous {
            self.distrust();
        }
        let detected = || objects.iter().any(|object| !object.predicted);
        let part = match frame.look {
            Look::Whole => Some(None),
            Look::Part(part) => Some(Some(part)),
            Look::Unknown if detected() => Some(None),
            Look::None | Look::Unknown => None,
        };
        if objects.iter().any(|object| !object.rect.is_valid()) {
            self.distrust();
        } else if let Some(part) = part {
            self.learn(frame, objects, part.as_ref(), limits);
        }
        let fresh = |looked| frame.time.saturating_sub(looked) <= limits.hold;
        if !self.looked.is_some_and(fresh) {
            return (Cover::Whole, part.is_none());
        }
        let known = self.seen.known.iter();
        let known = known.map(|known| known.at(frame.time, frame.longer()));
        self.regions.clear();
        for rect in known.chain(objects.iter().map(|object| object.rect)) {
            let margin = |side: f32| (side * limits.margin).max(LEAST_MARGIN);
            let rect = grown(&rect, margin(rect.w), margin(rect.h));
            if !rect.is_valid() {
                return (Cover::Whole, part.is_none());
            }
            if !self.regions.iter().any(|region| contains(region, &rect)) {
                self.regions.push(rect);
            }
        }
        (Cover::Regions(&self.regions), part.is_none())
    }

    /// Takes over what inference saw in `part` of a frame, or in all of it.
    fn learn(&mut self, frame: &Frame, objects: &[Object], part: Option<&Rect>, limits: &Limits) {
        let time = frame.time;
        self.seen.update(frame, objects);
        self.seen.known.retain_mut(|known| {
            let looked_at = part.is_none_or(|part| known.is_within(part, frame));
            known.missed |= known.seen != time && looked_at;
            let age = time.saturating_sub(known.seen);
            // Later than that the whole frame is covered, or all of it was looked at since.
            age <= limits.linger || (!looked_at && age <= limits.linger + limits.hold)
        });
        if part.is_none() {
            self.looked = Some(time);
        }
    }
}
