// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs between start and stop: from objects on a frame to identities.

use std::time::Duration;

use gst_video::VideoInfo;
use lynx_geometry::Detection;
use lynx_meta::{Fate, Forms, FrameClock, Identity, NewObject, Object, account, frame, objects};
use lynx_tracking::{Error, Track, Tracker};

use crate::properties::Settings;

/// What runs between start and stop.
pub(crate) struct State {
    pub tracker: Tracker,
    pub keep_untracked: bool,
    pub low_threshold: f32,
    pub info: Option<VideoInfo>,
    pub clock: FrameClock,
    /// Classes seen, each a number and a name; the tracker knows them by their place here. Two
    /// detectors in a row number theirs alike, and a region without a number has a name.
    pub names: Vec<(Option<u32>, &'static str)>,
    pub detections: Vec<Detection>,
    pub fates: Vec<Fate>,
    /// The metadata that the stream's detections come in: so do predicted objects.
    pub forms: Forms,
    pub warned: bool,
    pub stats: Stats,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stats {
    pub frames: u64,
    pub predicted: u64,
    pub tracks: u64,
    pub identities: u64,
}

impl State {
    pub fn size(&self) -> (u32, u32) {
        self.info
            .as_ref()
            .map_or((0, 0), |i| (i.width(), i.height()))
    }

    /// Goes on by settings that were changed meanwhile. Those that cannot work together change
    /// nothing.
    pub fn reconfigure(&mut self, settings: Settings) -> Result<(), Error> {
        let low_threshold = settings.tracker.low_threshold;
        self.tracker.reconfigure(settings.tracker)?;
        self.low_threshold = low_threshold;
        self.keep_untracked = settings.keep_untracked;
        Ok(())
    }

    /// Inference ran: match its objects with the tracks.
    pub fn update(&mut self, buffer: &mut gst::BufferRef, time: Duration) {
        let size = self.size();
        self.forms = Forms::of(buffer).unwrap_or(self.forms);
        self.detections.clear();
        for object in objects::iter(buffer, size) {
            let name = (object.class, object.label);
            let known = self.names.iter().position(|n| *n == name);
            let class = known.unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            });
            self.detections.push(Detection {
                rect: object.rect,
                class: class as u32,
                score: object.score,
            });
        }
        let rest = if self.keep_untracked {
            Fate::Keep
        } else {
            Fate::Remove
        };
        self.fates.clear();
        self.fates.resize(self.detections.len(), rest);
        let part = frame::looked_at(buffer);
        let tracks = self
            .tracker
            .update_within(time, &self.detections, part.as_ref());
        self.stats.tracks = tracks.len() as u64;
        for track in tracks {
            self.stats.identities = self.stats.identities.max(track.id);
            let name = self.names.get(track.class as usize);
            if let (Some(index), Some((class, label))) = (track.detection, name) {
                self.fates[index] = Fate::Identify {
                    identity: identity(track, false),
                    class: *class,
                    label,
                };
            }
        }
        note_removed(buffer, size, &self.fates);
        objects::assign(buffer, |index| {
            self.fates.get(index).copied().unwrap_or(Fate::Keep)
        });
        // Those where inference did not look.
        for track in tracks.iter().filter(|track| track.detection.is_none()) {
            add_coasted(buffer, size, track, &self.names, self.forms);
        }
        account::close(buffer, size);
    }

    /// Inference did not run: put the objects where they should be by now, or leave them where
    /// they were when nothing moves.
    pub fn predict(&mut self, buffer: &mut gst::BufferRef, time: Duration) {
        let size = self.size();
        let tracks = match frame::is_still(buffer) {
            true => self.tracker.hold(time),
            false => self.tracker.predict(time),
        };
        self.stats.predicted += 1;
        self.stats.tracks = tracks.len() as u64;
        for track in tracks {
            add_coasted(buffer, size, track, &self.names, self.forms);
        }
    }
}

/// Notes where the objects are that go off the frame: somebody may have to hide them.
fn note_removed(buffer: &mut gst::BufferRef, size: (u32, u32), fates: &[Fate]) {
    if !fates.contains(&Fate::Remove) {
        return;
    }
    let objects: Vec<Object> = objects::iter(buffer, size).collect();
    let removed = objects.iter().zip(fates);
    let removed = removed.filter(|(_, fate)| **fate == Fate::Remove);
    let places = removed.map(|(object, _)| (object.bounds(), object.label));
    account::add_taken_off(buffer, size, places);
}

/// Puts an object on the frame that inference did not find there.
fn add_coasted(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    track: &Track,
    names: &[(Option<u32>, &'static str)],
    forms: Forms,
) {
    let Some((class, label)) = names.get(track.class as usize) else {
        return;
    };
    let object = NewObject {
        identity: Some(identity(track, true)),
        class: *class,
        ..NewObject::new(track.rect, label, 0, track.score)
    };
    objects::add(buffer, size, &object, forms);
}

fn identity(track: &Track, coasted: bool) -> Identity {
    let time = |t: Duration| gst::ClockTime::try_from(t).unwrap_or(gst::ClockTime::ZERO);
    Identity {
        id: track.id,
        coasted,
        seen: Some((time(track.seen.0), time(track.seen.1))),
    }
}
