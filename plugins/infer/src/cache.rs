// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a classifier said of tracked objects, so that it is not asked again on every frame.

use std::collections::HashMap;
use std::time::Duration;

use lynx_model::decode::Class;

/// An identity that was not on a frame for so long is forgotten.
const FORGET: Duration = Duration::from_secs(10);
/// The most identities: a bound on memory, also without timestamps.
const MAX_TRACKS: usize = 4096;

#[derive(Debug, Default)]
pub(crate) struct Cache {
    tracks: HashMap<u64, Track>,
    /// When it was last gone through for what to forget.
    swept: Duration,
}

#[derive(Debug, Default)]
struct Track {
    /// None where the classifier was not sure enough, or has not said anything yet.
    said: Option<Class>,
    /// Frames that show the track since it was asked about.
    age: u32,
    /// The last that was asked got no answer.
    again: bool,
    seen: Duration,
}

impl Cache {
    /// Whether the classifier is to be asked of an identity that is on the frame of time `now`: of one
    /// that is not known, and after `interval` frames of it (0 = never again). The answer comes later,
    /// by [`note`](Self::note) or [`forget`](Self::forget).
    pub fn ask(&mut self, id: u64, interval: u32, now: Duration) -> bool {
        if let Some(track) = self.tracks.get_mut(&id) {
            track.seen = now;
        }
        if now.abs_diff(self.swept) >= Duration::from_secs(1) {
            self.swept = now;
            self.tracks.retain(|_, t| t.seen.abs_diff(now) < FORGET);
        }
        if self.tracks.len() >= MAX_TRACKS && !self.tracks.contains_key(&id) {
            // Costs a run for each that is still there, once in a long while.
            self.tracks.clear();
        }
        let track = self.tracks.entry(id).or_insert(Track {
            again: true,
            seen: now,
            ..Track::default()
        });
        track.age = track.age.saturating_add(1);
        let ask = track.again || (interval > 0 && track.age >= interval);
        if ask {
            (track.age, track.again) = (0, false);
        }
        ask
    }

    /// What was last said of an identity.
    pub fn last(&self, id: u64) -> Option<Class> {
        self.tracks.get(&id)?.said
    }

    /// Notes what was said of an identity.
    pub fn note(&mut self, id: u64, said: Option<Class>) {
        if let Some(track) = self.tracks.get_mut(&id) {
            track.said = said;
        }
    }

    /// There was no answer: of this identity is to be asked again.
    pub fn forget(&mut self, id: u64) {
        if let Some(track) = self.tracks.get_mut(&id) {
            track.again = true;
        }
    }

    /// Forgets all: after a flush identities begin anew.
    pub fn clear(&mut self) {
        self.tracks.clear();
        self.swept = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Option<Class> = Some(Class {
        class: 1,
        score: 0.5,
    });

    fn at(frame: u64) -> Duration {
        Duration::from_millis(40 * frame)
    }

    /// On which of ten frames a track is asked about.
    fn asked(interval: u32) -> Vec<u64> {
        let mut cache = Cache::default();
        (0..10)
            .filter(|frame| cache.ask(7, interval, at(*frame)))
            .collect()
    }

    #[test]
    fn an_interval_counts_the_frames_of_a_track() {
        assert_eq!(asked(0), [0]);
        assert_eq!(asked(1), (0..10).collect::<Vec<_>>());
        assert_eq!(asked(4), [0, 4, 8]);
    }

    #[test]
    fn who_is_asked_about_is_not_asked_again_before_the_answer() {
        let mut cache = Cache::default();
        assert!(cache.ask(7, 0, at(0)));
        assert!(!cache.ask(7, 0, at(1)), "the answer is under way");
        assert_eq!(cache.last(7), None);
        cache.note(7, RED);
        assert_eq!((cache.last(7), cache.ask(7, 0, at(2))), (RED, false));
    }

    #[test]
    fn an_unsure_answer_is_an_answer_and_none_is_asked_for_again() {
        let mut cache = Cache::default();
        assert!(cache.ask(7, 0, at(0)));
        cache.note(7, None);
        assert!(!cache.ask(7, 0, at(1)));
        assert!(cache.ask(8, 0, at(1)));
        cache.forget(8);
        assert!(cache.ask(8, 0, at(2)), "it was late, or failed");
        assert!(!cache.ask(8, 0, at(3)));
        assert_eq!((cache.last(7), cache.last(8)), (None, None));
    }

    #[test]
    fn who_was_away_for_long_is_forgotten() {
        let mut cache = Cache::default();
        for id in [1, 2] {
            cache.ask(id, 0, at(0));
            cache.note(id, RED);
        }
        for second in 0..11 {
            cache.ask(2, 0, Duration::from_secs(second));
            cache.ask(100 + second, 0, Duration::from_secs(second));
        }
        assert!(cache.ask(1, 0, at(300)));
        assert_eq!((cache.last(1), cache.last(2)), (None, RED));
    }

    #[test]
    fn memory_is_bounded_also_without_timestamps() {
        let mut cache = Cache::default();
        for id in 0..3 * MAX_TRACKS as u64 {
            assert!(cache.ask(id, 0, Duration::ZERO));
            cache.note(id, RED);
            assert!(cache.tracks.len() <= MAX_TRACKS);
        }
        assert_eq!(cache.last(3 * MAX_TRACKS as u64 - 1), RED);
    }

    #[test]
    fn time_may_jump_back() {
        let mut cache = Cache::default();
        cache.ask(1, 0, Duration::from_secs(100));
        cache.note(1, RED);
        assert!(!cache.ask(1, 0, Duration::ZERO));
        cache.ask(2, 0, Duration::ZERO);
        assert_eq!(cache.last(1), RED);
    }
}
