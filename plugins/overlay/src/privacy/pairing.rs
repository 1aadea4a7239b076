// SPDX-License-Identifier: MIT OR Apache-2.0

use super::known::Known;
use super::{Frame, Object};

/// The objects that are known, and which of them a frame's are.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    pub(super) known: Vec<Known>,
    // Kept from frame to frame: nothing is allocated once they are large enough.
    /// How well known objects and those of the frame fit, by their places.
    pairs: Vec<(f32, usize, usize)>,
    /// Of each of the frame's objects: the known one that it is taken for, and whether that is
    /// certain.
    is: Vec<Option<(usize, bool)>>,
    /// Of each known object: what it was before, and whether it may not have been found.
    before: Vec<(Known, bool)>,
}

impl Pairing {
    /// Takes over the objects that inference found on a frame: the nearest first, each is at most
    /// one known object, and the others are new.
    ///
    /// Where fewer are found than were known and it is not certain which (no identity says so), the
    /// known ones that each of them may be are kept besides: who was not found is one of those.
    pub(super) fn update(&mut self, frame: &Frame, objects: &[Object]) {
        let time = frame.time;
        self.compare(frame, objects);
        self.before.clear();
        self.before
            .extend(self.known.iter().map(|known| (*known, true)));
        self.is.clear();
        self.is.resize(objects.len(), None);
        for &(distance, k, o) in &self.pairs {
            if self.before[k].1 && self.is[o].is_none() {
                self.is[o] = Some((k, distance < 0.0));
                self.before[k].1 = false;
                self.known[k].update(&objects[o], time);
            }
        }
        self.spread_doubt();
        for (index, (before, lost)) in self.before.iter().enumerate() {
            if *lost && self.known[index].seen == time {
                self.known.push(before.doubted());
            }
        }
        let new = objects.iter().zip(&self.is);
        let new = new.filter(|(object, is)| is.is_none() && !object.predicted);
        self.known
            .extend(new.map(|(object, _)| Known::new(object, time)));
    }

    fn compare(&mut self, frame: &Frame, objects: &[Object]) {
        self.pairs.clear();
        for (o, object) in objects.iter().enumerate().filter(|(_, o)| !o.predicted) {
            for (k, known) in self.known.iter().enumerate() {
                let distance = known.distance(object, frame);
                self.pairs.extend(distance.map(|distance| (distance, k, o)));
            }
        }
        self.pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// When a known object was not found, a found one that may be it may not be what it was taken
    /// for: then that was not found either, perhaps, and so on.
    fn spread_doubt(&mut self) {
        let mut spreads = true;
        while std::mem::take(&mut spreads) {
            for &(_, k, o) in &self.pairs {
                let (known, lost) = self.before[k];
                if let (true, false, Some((other, false))) = (lost, known.doubted, self.is[o]) {
                    spreads |= !std::mem::replace(&mut self.before[other].1, true);
                }
            }
        }
    }
}
