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

#[derive(Debug)]
struct Track {
    /// None where the classifier was not sure enough.
    said: Option<Class>,
    /// Frames that show the track since it was said.
    age: u32,
    seen: Duration,
}

impl Cache {
    /// What was said of an identity that is on the frame of time `now`; `None` where the classifier
    /// is to be asked: of one that is not known, and after `interval` frames of it (0 = never
    /// again).
    pub fn recall(&mut self, id: u64, interval: u32, now: Duration) -> Option<Option<Class>> {
        let track = self.tracks.get_mut(&id)?;
        track.age = track.age.saturating_add(1);
        track.seen = now;
        (interval == 0 || track.age < interval).then_some(track.said)
    }

    /// What was last said of an identity, on a frame that the classifier does not look at.
    pub fn last(&self, id: u64) -> Option<Class> {
        self.tracks.get(&id)?.said
    }

    /// Notes what was said of an identity on the frame of time `now`.
    pub fn note(&mut self, id: u64, said: Option<Class>, now: Duration) {
        let track = Track {
            said,
            age: 0,
            seen: now,
        };
        if now.abs_diff(self.swept) >= Duration::from_secs(1) {
            self.swept = now;
            self.tracks.retain(|_, t| t.seen.abs_diff(now) < FORGET);
        }
        if self.tracks.len() >= MAX_TRACKS && !self.tracks.contains_key(&id) {
            // Costs a run for each that is still there, once in a long while.
            self.tracks.clear();
        }
        self.tracks.insert(id, track);
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
        let ask = |frame: &u64| {
            let ask = cache.recall(7, interval, at(*frame)).is_none();
            if ask {
                cache.note(7, RED, at(*frame));
            }
            ask
        };
        (0..10).filter(ask).collect()
    }

    #[test]
    fn an_interval_counts_the_frames_of_a_track() {
        assert_eq!(asked(0), [0]);
        assert_eq!(asked(1), (0..10).collect::<Vec<_>>());
        assert_eq!(asked(4), [0, 4, 8]);
    }

    #[test]
    fn an_unsure_answer_is_an_answer() {
        let mut cache = Cache::default();
        cache.note(7, None, at(0));
        assert_eq!(cache.recall(7, 0, at(1)), Some(None));
        assert_eq!((cache.last(7), cache.last(8)), (None, None));
        cache.note(8, RED, at(1));
        assert_eq!(cache.last(8), RED);
    }

    #[test]
    fn who_was_away_for_long_is_forgotten() {
        let mut cache = Cache::default();
        cache.note(1, RED, at(0));
        cache.note(2, RED, at(0));
        for second in 0..11 {
            cache.recall(2, 0, Duration::from_secs(second));
            cache.note(100 + second, RED, Duration::from_secs(second));
        }
        assert_eq!(cache.recall(1, 0, at(300)), None);
        assert_eq!(cache.recall(2, 0, at(300)), Some(RED));
    }

    #[test]
    fn memory_is_bounded_also_without_timestamps() {
        let mut cache = Cache::default();
        for id in 0..3 * MAX_TRACKS as u64 {
            cache.note(id, RED, Duration::ZERO);
            assert!(cache.tracks.len() <= MAX_TRACKS);
        }
        assert_eq!(cache.last(3 * MAX_TRACKS as u64 - 1), RED);
    }

    #[test]
    fn time_may_jump_back() {
        let mut cache = Cache::default();
        cache.note(1, RED, Duration::from_secs(100));
        assert_eq!(cache.recall(1, 0, Duration::ZERO), Some(RED));
        cache.note(2, RED, Duration::ZERO);
        assert_eq!(cache.last(1), RED);
    }
}
