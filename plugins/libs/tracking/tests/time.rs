// SPDX-License-Identifier: MIT OR Apache-2.0
//! What time does to tracks: frame rates, skipped inference, jumps and jitter.

mod common;

use common::{at, ids, person, tracker};
use lynx_tracking::{Config, Tracker};
use std::time::Duration;

#[test]
fn the_frame_rate_does_not_change_how_long_an_object_is_remembered() {
    for rate in [5, 10, 25, 60] {
        let at = |frame: u32| Duration::from_secs(1) * frame / rate;
        let hidden = |seconds: f32| (seconds * rate as f32) as u32;
        for (gap, id) in [(hidden(0.8), 1), (hidden(1.0) + 1, 2)] {
            let mut tracker = tracker();
            (0..rate).for_each(|f| drop(tracker.update(at(f), &[person(100.0, 0.0)]).to_vec()));
            (rate..rate - 1 + gap).for_each(|f| drop(tracker.update(at(f), &[]).to_vec()));
            let back = rate - 1 + gap;
            tracker.update(at(back), &[person(100.0, 0.0)]);
            let tracks = tracker.update(at(back + 1), &[person(100.0, 0.0)]);
            assert_eq!(
                ids(tracks),
                [id],
                "{rate} frames a second, hidden for {gap} frames"
            );
        }
    }
}

#[test]
fn every_fifth_frame_inferred_keeps_identities_and_coasts_between() {
    let mut tracker = tracker();
    let scene = |f: u32| {
        [
            person(3.0 * f as f32, 0.0),
            person(900.0 - 3.0 * f as f32, 200.0),
        ]
    };
    for frame in 0..120 {
        let detections = scene(frame);
        let inferred = frame % 5 == 0;
        let tracks = if inferred {
            tracker.update(at(frame), &detections)
        } else {
            tracker.predict(at(frame))
        };
        assert_eq!(ids(tracks), [1, 2], "frame {frame}");
        assert!(tracks.iter().all(|t| t.detection.is_some() == inferred));
        if frame > 20 {
            for (track, truth) in tracks.iter().zip(&detections) {
                assert!(
                    track.rect.iou(&truth.rect) > 0.8,
                    "frame {frame}: {track:?} {truth:?}"
                );
            }
        }
    }
}

#[test]
fn predicting_changes_nothing() {
    let (mut plain, mut asked) = (tracker(), tracker());
    for frame in (0..40).step_by(4) {
        let detections = [person(5.0 * frame as f32, 0.0)];
        assert_eq!(
            plain.update(at(frame), &detections),
            asked.update(at(frame), &detections)
        );
        for skipped in 1..4 {
            asked.predict(at(frame + skipped));
        }
    }
}

#[test]
fn frames_without_inference_are_no_misses_but_coast_no_longer_than_max_age() {
    let mut tracker = tracker();
    tracker.update(at(0), &[person(0.0, 0.0)]);
    for frame in 1..=30 {
        assert_eq!(ids(tracker.predict(at(frame))), [1], "frame {frame}");
    }
    assert!(tracker.predict(at(31)).is_empty());
    assert_eq!(
        ids(tracker.update(at(60), &[person(0.0, 0.0)])),
        [1],
        "two seconds, one update"
    );
}

#[test]
fn time_that_jumps_starts_anew_and_identities_go_on() {
    for jump in [Duration::from_secs(1), Duration::from_secs(3600)] {
        let mut tracker = tracker();
        let start = Duration::from_secs(20);
        tracker.update(start, &[person(0.0, 0.0)]);
        tracker.update(start + at(1), &[person(5.0, 0.0)]);
        let tracks = tracker.update(jump, &[person(5.0, 0.0)]);
        assert_eq!(ids(tracks), [2], "to {jump:?}");
        assert!(tracker.predict(Duration::MAX).is_empty());
    }
}

#[test]
fn the_longest_jitter_and_the_longest_gap_are_no_jumps_yet() {
    let (start, ms) = (Duration::from_secs(20), Duration::from_millis(1));
    let after = |jump: &dyn Fn(Duration) -> Duration| {
        let config = Config {
            max_age: Duration::from_secs(3),
            ..Config::default()
        };
        let mut tracker = Tracker::new(config).unwrap();
        tracker.update(start, &[person(0.0, 0.0)]);
        ids(tracker.update(jump(start), &[person(0.0, 0.0)]))
    };
    assert_eq!(after(&|t| t - 100 * ms), [1]);
    assert_eq!(after(&|t| t - 101 * ms), [2]);
    assert_eq!(after(&|t| t + 3000 * ms), [1]);
    assert_eq!(after(&|t| t + 3001 * ms), [2]);
}

#[test]
fn a_prediction_after_a_seek_shows_no_old_boxes() {
    let mut tracker = tracker();
    tracker.update(at(300), &[person(0.0, 0.0)]);
    assert!(tracker.predict(at(0)).is_empty());
    assert!(tracker.predict(at(300)).is_empty());
}

#[test]
fn jitter_of_timestamps_is_harmless() {
    let mut tracker = tracker();
    for frame in 1..60u32 {
        let wobble = Duration::from_millis(if frame.is_multiple_of(2) { 50 } else { 0 });
        let time = at(frame + 3) - wobble;
        let tracks = tracker.update(time, &[person(2.0 * frame as f32, 0.0)]);
        assert_eq!(ids(tracks), [1], "frame {frame}");
        assert!(tracks[0].rect.is_valid());
    }
    let tracks = tracker.update(at(62), &[person(118.0, 0.0)]);
    assert_eq!(ids(tracks), [1], "the same time twice");
}
