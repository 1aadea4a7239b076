// SPDX-License-Identifier: MIT OR Apache-2.0
//! What time does to tracks: frame rates, skipped inference, jumps and jitter.

mod common;

use common::{at, ids, person, tracker};
use lynx_geometry::{Detection, Rect};
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

#[test]
fn what_stands_still_keeps_its_identity_for_an_hour() {
    let mut tracker = tracker();
    let walk = |frame: u32| person(5.0 * frame as f32, 0.0);
    (0..20).for_each(|f| drop(tracker.update(at(f), &[walk(f)]).to_vec()));
    let mut last = None;
    for frame in 20..108_000 {
        let tracks = tracker.hold(at(frame));
        assert_eq!(ids(tracks), [1], "frame {frame}");
        assert_eq!((tracks[0].detection, tracks[0].seen.1), (None, at(19)));
        assert!(last.is_none_or(|rect| rect == tracks[0].rect), "it stays");
        last = Some(tracks[0].rect);
    }
    let tracks = tracker.update(at(108_000), &[walk(20)]);
    assert_eq!(ids(tracks), [1]);
    assert_eq!(tracks[0].seen, (at(0), at(108_000)));
}

#[test]
fn only_time_in_which_something_moves_ages_what_is_lost() {
    for (moving, id) in [(20, 1), (40, 2)] {
        let mut tracker = tracker();
        tracker.update(at(0), &[person(0.0, 0.0)]);
        assert!(tracker.update(at(1), &[]).is_empty());
        for frame in 2..300 {
            assert!(
                tracker.hold(at(frame)).is_empty(),
                "a lost one is not shown"
            );
        }
        (300..300 + moving).for_each(|f| drop(tracker.update(at(f), &[]).to_vec()));
        let back = 300 + moving;
        tracker.update(at(back), &[person(0.0, 0.0)]);
        let tracks = tracker.update(at(back + 1), &[person(0.0, 0.0)]);
        assert_eq!(ids(tracks), [id], "{moving} frames of motion");
    }
}

#[test]
fn a_seek_in_a_still_scene_shows_no_old_boxes() {
    let mut tracker = tracker();
    tracker.update(at(300), &[person(0.0, 0.0)]);
    assert_eq!(ids(tracker.hold(at(301))), [1]);
    assert!(tracker.hold(at(0)).is_empty());
    assert!(tracker.hold(Duration::MAX).is_empty());
}

/// Inference looked at one half of the frame: who stands in the other is not missing.
#[test]
fn what_inference_did_not_look_at_stays_where_it_is() {
    let mut tracker = Tracker::new(Config::default()).unwrap();
    let person = |x: f32| Detection {
        rect: Rect::new(x, 50.0, 30.0, 80.0),
        class: 0,
        score: 0.9,
    };
    let at = |frame: u64| Duration::from_millis(40 * frame);
    let both = tracker.update(at(0), &[person(20.0), person(300.0)]);
    let ids: Vec<_> = both.iter().map(|track| track.id).collect();
    assert_eq!(ids.len(), 2);
    let right = Rect::new(200.0, 0.0, 200.0, 200.0);
    for frame in 1..100 {
        let tracks = tracker.update_within(at(frame), &[person(300.0)], Some(&right));
        let found: Vec<_> = tracks.iter().map(|t| (t.id, t.detection)).collect();
        assert_eq!(found, [(ids[0], None), (ids[1], Some(0))], "frame {frame}");
        assert!(
            (tracks[0].rect.x - 20.0).abs() < 0.5,
            "{:?}",
            tracks[0].rect
        );
    }
    // Where it looks and finds nobody, there is nobody.
    let tracks = tracker.update(at(100), &[person(300.0)]);
    assert_eq!(tracks.len(), 1);
}
