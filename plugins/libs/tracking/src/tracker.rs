// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::assignment::Assignment;
use crate::association::{DUPLICATE_IOU, FIRST, SECOND, Stage, THIRD};
use crate::config::{Config, Error};
use crate::input::Free;
use crate::kalman::steps;
use crate::track::{State, Track, Tracklet};
use lynx_geometry::{Detection, Rect};
use std::time::Duration;

/// Timestamps that step back by no more than this are jitter; by more, a seek.
const JITTER: Duration = Duration::from_millis(100);

/// Gives detections of one stream their identities over time.
///
/// Call [`update`](Self::update) for frames that inference ran on, also when it found nothing, and
/// [`predict`](Self::predict) for the others, or [`hold`](Self::hold) where nothing moves. `time` is the buffer's, since the stream's start, and
/// must go forward: motion, buffers and ages are measured in it. A step back of up to 100 ms is
/// jitter and counts as no time at all; a longer one, or more than [`Config::max_gap`] since the
/// last update, is a jump, and the tracker starts anew as by [`reset`](Self::reset). Nothing is
/// allocated once the buffers have met the fullest frame.
#[derive(Debug)]
pub struct Tracker {
    config: Config,
    next_id: u64,
    tracks: Vec<Tracklet>,
    /// Time of the last update, which is where the filters stand; `None` before the first.
    updated: Option<Duration>,
    /// The latest time of any call.
    latest: Duration,
    scratch: Scratch,
    output: Vec<Track>,
}

/// Buffers of one update, kept for the next.
#[derive(Debug, Default)]
struct Scratch {
    assignment: Assignment,
    rows: Vec<Row>,
    free: Free,
}

/// A track that takes part in a stage.
#[derive(Debug)]
struct Row {
    track: usize,
    grown: Rect,
    buffer: f32,
}

impl Tracker {
    /// A tracker that has seen nothing; an error names the value that cannot work.
    pub fn new(config: Config) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self {
            config,
            next_id: 1,
            tracks: Vec::new(),
            updated: None,
            latest: Duration::ZERO,
            scratch: Scratch::default(),
            output: Vec::new(),
        })
    }

    /// Goes on by other values; tracks and their identities stay, but for those whose last score is
    /// below a [`Config::new_threshold`] that was raised: they would not be begun any more. An error
    /// names the value that cannot work, and changes nothing.
    pub fn reconfigure(&mut self, config: Config) -> Result<(), Error> {
        config.validate()?;
        if config.new_threshold > self.config.new_threshold {
            self.tracks.retain(|t| t.score() >= config.new_threshold);
        }
        self.config = config;
        Ok(())
    }

    /// Takes in what inference found in the frame at `time`, and returns the confirmed tracks that
    /// have a detection in it, eldest first.
    ///
    /// Detections in the first update, and the first after a reset, are confirmed at once (from
    /// [`Config::new_threshold`] on), as in ByteTrack: a still picture has its tracks, too.
    /// Detections with an empty box, numbers that are not finite, or coordinates beyond a million
    /// pixels are ignored; scores above 1 count as 1.
    pub fn update(&mut self, time: Duration, detections: &[Detection]) -> &[Track] {
        self.update_within(time, detections, None)
    }

    /// As [`Self::update`], where inference looked at a part of the frame, outside of which nothing
    /// moves. Tracks whose centre is outside stay where they are, as in [`Self::hold`], and are
    /// returned without a detection.
    pub fn update_within(
        &mut self,
        time: Duration,
        detections: &[Detection],
        part: Option<&Rect>,
    ) -> &[Track] {
        let ahead = self.advance_clock(time);
        let first = self.updated.is_none();
        let now = self.updated.map_or(time, |updated| updated.max(time));
        self.updated = Some(now);

        for track in &mut self.tracks {
            track.detection = None;
            let (x, y) = track.filter.rect_after(0.0).center();
            track.unseen = part.is_some_and(|part| !part.has(x, y));
            match track.unseen {
                true => track.hold(ahead),
                false => track.filter.advance(steps(ahead)),
            }
        }
        let max_age = self.config.max_age;
        self.tracks
            .retain(|t| t.state != State::Lost || t.unseen_for(now) <= max_age);
        self.scratch.free.fill(&self.config, detections);

        let confirmed = |t: &Tracklet| matches!(t.state, State::Tracked | State::Lost);
        let unmatched = |t: &Tracklet| t.state == State::Tracked && t.detection.is_none();
        let tentative = |t: &Tracklet| t.state == State::Tentative;
        let scratch = &mut self.scratch;
        scratch.associate(
            FIRST,
            Sure::High,
            &mut self.tracks,
            confirmed,
            detections,
            now,
        );
        scratch.associate(
            SECOND,
            Sure::Low,
            &mut self.tracks,
            unmatched,
            detections,
            now,
        );
        scratch.associate(
            THIRD,
            Sure::High,
            &mut self.tracks,
            tentative,
            detections,
            now,
        );

        self.tracks
            .iter_mut()
            .filter(|t| t.detection.is_none() && !t.unseen)
            .for_each(Tracklet::miss);
        for &index in &self.scratch.free.high {
            if detections[index].score >= self.config.new_threshold {
                self.tracks
                    .push(Tracklet::new(index, &detections[index], now));
            }
        }
        self.remove_duplicates();
        self.tracks.retain(|t| t.state != State::Removed);

        let hits_needed = if first { 1 } else { self.config.confirm_hits };
        self.output.clear();
        for track in &mut self.tracks {
            track.confirm(hits_needed, &mut self.next_id);
            if track.state == State::Tracked {
                self.output
                    .push(track.report(Duration::ZERO, track.detection));
            }
        }
        &self.output
    }

    /// Returns, for a frame at `time` that inference did not run on, where the tracks of the last
    /// update are by now.
    ///
    /// Boxes are coasted for [`Config::max_age`] after the last update and not longer. No track
    /// ages or is lost by this, and lost ones are not returned.
    pub fn predict(&mut self, time: Duration) -> &[Track] {
        let ahead = self.advance_clock(time);
        self.output.clear();
        if ahead <= self.config.max_age {
            let tracked = self.tracks.iter().filter(|t| t.state == State::Tracked);
            self.output.extend(tracked.map(|t| t.report(ahead, None)));
        }
        &self.output
    }

    /// Returns, for a frame at `time` that inference did not run on because nothing moves, the
    /// tracks of the last update, where that left them.
    ///
    /// What stands still is not lost, however long: no track ages, and each has come to a stop.
    pub fn hold(&mut self, time: Duration) -> &[Track] {
        let ahead = self.advance_clock(time);
        self.updated = self.updated.map(|updated| updated + ahead);
        self.output.clear();
        for track in &mut self.tracks {
            track.hold(ahead);
            if track.state == State::Tracked {
                self.output.push(track.report(Duration::ZERO, None));
            }
        }
        &self.output
    }

    /// Forgets all tracks, as after a seek or a change of scene. Identities go on counting, so no
    /// later object takes the identity of an earlier one.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.output.clear();
        self.updated = None;
        self.latest = Duration::ZERO;
    }

    /// The time from the last update to `time`, after a reset where time has jumped.
    fn advance_clock(&mut self, time: Duration) -> Duration {
        let gap = self
            .updated
            .map_or(Duration::ZERO, |updated| time.saturating_sub(updated));
        if time.saturating_add(JITTER) < self.latest || gap > self.config.max_gap {
            self.reset();
        }
        self.latest = self.latest.max(time);
        self.updated
            .map_or(Duration::ZERO, |updated| time.saturating_sub(updated))
    }

    /// Of a tracked and a lost track in one place, marks the one seen for the shorter time.
    fn remove_duplicates(&mut self) {
        for lost in 0..self.tracks.len() {
            if self.tracks[lost].state != State::Lost {
                continue;
            }
            let lost_rect = self.tracks[lost].filter.rect_after(0.0);
            for other in 0..self.tracks.len() {
                let other_state = self.tracks[other].state;
                let found = self.tracks[other].detection.is_some() && other_state != State::Removed;
                let rect = self.tracks[other].filter.rect_after(0.0);
                if found && rect.iou(&lost_rect) > DUPLICATE_IOU {
                    let keep_lost = self.tracks[lost].seen_for() > self.tracks[other].seen_for();
                    let loser = if keep_lost { other } else { lost };
                    self.tracks[loser].state = State::Removed;
                    if loser == lost {
                        break;
                    }
                }
            }
        }
    }
}

/// Which detections take part in a stage.
#[derive(Debug, Clone, Copy)]
enum Sure {
    High,
    Low,
}

impl Scratch {
    /// Runs one stage: matched tracks take their detection in, which is then no longer free.
    fn associate(
        &mut self,
        stage: Stage,
        sure: Sure,
        tracks: &mut [Tracklet],
        takes_part: impl Fn(&Tracklet) -> bool,
        detections: &[Detection],
        now: Duration,
    ) {
        let Self {
            assignment,
            rows,
            free,
        } = self;
        let free = match sure {
            Sure::High => &mut free.high,
            Sure::Low => &mut free.low,
        };
        rows.clear();
        for (index, track) in tracks.iter().enumerate().filter(|(_, t)| takes_part(t)) {
            let buffer = stage.buffer(steps(track.unseen_for(now)));
            let grown = track.filter.rect_after(0.0).buffered(buffer);
            rows.push(Row {
                track: index,
                grown,
                buffer,
            });
        }
        let pairs = assignment.solve(rows.len(), free.len(), stage.gate, |row, column| {
            let Row { grown, buffer, .. } = &rows[row];
            stage.cost(grown, *buffer, &detections[free[column]])
        });
        for (row, column) in rows.iter().zip(pairs) {
            if let Some(column) = *column {
                let index = free[column];
                tracks[row.track].hit(index, &detections[index], now);
                free[column] = TAKEN;
            }
        }
        free.retain(|&index| index != TAKEN);
    }
}

/// Marks a detection as gone while a stage hands them out.
const TAKEN: usize = usize::MAX;
