// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::kalman::{BoxFilter, steps};
use crate::vote::ClassVote;
use lynx_geometry::{Detection, Rect};
use std::time::Duration;

/// One object in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Track {
    /// Identity: from 1, given when the object is confirmed, never to another by the same tracker.
    pub id: u64,
    /// The filtered (or coasted) box, in pixels of the detections; it may reach outside the image.
    pub rect: Rect,
    /// The class by score-weighted vote of all the object's detections so far, which need not be
    /// the class of the one in this frame.
    pub class: u32,
    /// The score of the object's latest detection, 0..=1.
    pub score: f32,
    /// Index into the slice given to [`update`](crate::Tracker::update); `None` when coasted.
    pub detection: Option<usize>,
    /// The times of its first and its latest detection, as given to
    /// [`update`](crate::Tracker::update).
    pub seen: (Duration, Duration),
}

/// Where a track is in its life.
///
/// ```text
///             confirm_hits                not matched
///  Tentative ─────────────► Tracked ◄──────────────────► Lost
///      │ not matched           │ older twin    matched    │ max_age, older twin
///      └───────────────────────┴──────► removed ◄─────────┘
/// ```
///
/// Only updates move a track; frames without inference never do. In a tracker's first update a
/// track starts as `Tracked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not yet found often enough to be reported.
    Tentative,
    /// Found in the last update.
    Tracked,
    /// Confirmed, but not found in the last update.
    Lost,
    /// To be dropped at the end of the update.
    Removed,
}

/// A track as the tracker keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tracklet {
    /// 0 until confirmed.
    pub(crate) id: u64,
    pub(crate) state: State,
    pub(crate) filter: BoxFilter,
    /// Index of the detection matched in the update under way.
    pub(crate) detection: Option<usize>,
    vote: ClassVote,
    score: f32,
    hits: u32,
    first_seen: Duration,
    last_seen: Duration,
    /// Time in which nothing moved since then: it does not age the track.
    held: Duration,
    /// Inference did not look where it is, in the update under way.
    pub(crate) unseen: bool,
}

impl Tracklet {
    /// That of its last detection.
    pub(crate) fn score(&self) -> f32 {
        self.score
    }

    /// An unconfirmed track of one detection.
    pub(crate) fn new(index: usize, detection: &Detection, now: Duration) -> Self {
        let score = detection.score.min(1.0);
        Self {
            id: 0,
            state: State::Tentative,
            filter: BoxFilter::new(&detection.rect),
            detection: Some(index),
            vote: ClassVote::new(detection.class, score),
            score,
            hits: 1,
            first_seen: now,
            last_seen: now,
            held: Duration::ZERO,
            unseen: false,
        }
    }

    /// Takes a detection in.
    pub(crate) fn hit(&mut self, index: usize, detection: &Detection, now: Duration) {
        self.filter.correct(&detection.rect);
        self.score = detection.score.min(1.0);
        self.vote.add(detection.class, self.score);
        self.detection = Some(index);
        self.hits = self.hits.saturating_add(1);
        self.last_seen = now;
        self.held = Duration::ZERO;
        if self.state == State::Lost {
            self.state = State::Tracked;
        }
    }

    /// Learns that nothing moved for so long.
    pub(crate) fn hold(&mut self, elapsed: Duration) {
        self.held += elapsed;
        self.filter.stop();
    }

    /// Learns that the update under way has no detection of it.
    pub(crate) fn miss(&mut self) {
        match self.state {
            State::Tentative => self.state = State::Removed,
            State::Tracked => {
                self.state = State::Lost;
                self.filter.freeze_size();
            }
            State::Lost | State::Removed => {}
        }
    }

    /// Gives an identity to a track that has been found often enough.
    pub(crate) fn confirm(&mut self, hits_needed: u32, next_id: &mut u64) {
        if self.state == State::Tentative && self.hits >= hits_needed {
            self.state = State::Tracked;
            self.id = *next_id;
            *next_id += 1;
        }
    }

    /// Time since the last detection in which something moved.
    pub(crate) fn unseen_for(&self, now: Duration) -> Duration {
        now.saturating_sub(self.last_seen).saturating_sub(self.held)
    }

    /// Time from the first detection to the last: the longer, the more it is to be believed.
    pub(crate) fn seen_for(&self) -> Duration {
        self.last_seen.saturating_sub(self.first_seen)
    }

    /// What the world sees of it `ahead` of the last update.
    pub(crate) fn report(&self, ahead: Duration, detection: Option<usize>) -> Track {
        Track {
            id: self.id,
            rect: self.filter.rect_after(steps(ahead)),
            class: self.vote.winner(),
            score: self.score,
            detection,
            seen: (self.first_seen, self.last_seen),
        }
    }
}
