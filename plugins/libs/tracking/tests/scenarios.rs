// SPDX-License-Identifier: MIT OR Apache-2.0
//! What happens to identities in scenes that cameras see.

mod common;

use common::{at, by_detection, ids, person, tracker};
use lynx_geometry::{Detection, Rect};
use lynx_tracking::Config;
use std::collections::BTreeSet;

#[test]
fn a_first_frame_is_reported_at_once_and_later_objects_on_their_second_hit() {
    let mut tracker = tracker();
    assert_eq!(ids(tracker.update(at(0), &[person(0.0, 0.0)])), [1]);
    let two = [person(0.0, 0.0), person(300.0, 0.0)];
    assert_eq!(ids(tracker.update(at(1), &two)), [1]);
    assert_eq!(ids(tracker.update(at(2), &two)), [1, 2]);
}

#[test]
fn a_single_false_detection_is_never_reported_and_takes_no_identity() {
    let mut tracker = tracker();
    tracker.update(at(0), &[]);
    for frame in (1..20).step_by(2) {
        assert!(
            tracker
                .update(at(frame), &[person(50.0 * frame as f32, 0.0)])
                .is_empty()
        );
        assert!(tracker.update(at(frame + 1), &[]).is_empty());
    }
    tracker.update(at(30), &[person(0.0, 0.0)]);
    assert_eq!(ids(tracker.update(at(31), &[person(0.0, 0.0)])), [1]);
}

#[test]
fn objects_that_cross_keep_their_identities() {
    let mut tracker = tracker();
    let scene = |f: u32| {
        let x = 6.0 * f as f32;
        [person(x, 0.0), person(300.0 - x, 20.0)]
    };
    for frame in 0..50 {
        let tracks = tracker.update(at(frame), &scene(frame));
        assert_eq!(
            by_detection(tracks),
            [(Some(0), 1), (Some(1), 2)],
            "frame {frame}"
        );
    }
}

#[test]
fn an_object_hidden_for_800_ms_keeps_its_identity() {
    let mut tracker = tracker();
    let walk = |f: u32| person(4.0 * f as f32, 0.0);
    for frame in 0..30 {
        tracker.update(at(frame), &[walk(frame)]);
    }
    for frame in 30..54 {
        assert!(
            tracker.update(at(frame), &[]).is_empty(),
            "lost tracks are not reported"
        );
    }
    assert_eq!(ids(tracker.update(at(54), &[walk(54)])), [1]);
}

#[test]
fn an_object_gone_for_more_than_a_second_comes_back_as_a_new_one() {
    let mut tracker = tracker();
    for frame in 0..30 {
        tracker.update(at(frame), &[person(100.0, 0.0)]);
    }
    for frame in 30..61 {
        tracker.update(at(frame), &[]);
    }
    tracker.update(at(61), &[person(100.0, 0.0)]);
    assert_eq!(ids(tracker.update(at(62), &[person(100.0, 0.0)])), [2]);
}

#[test]
fn an_unsure_detection_continues_a_track_but_starts_none() {
    let mut tracker = tracker();
    let faint = |x| Detection {
        score: 0.2,
        ..person(x, 0.0)
    };
    tracker.update(at(0), &[person(0.0, 0.0)]);
    for frame in 1..60 {
        let tracks = tracker.update(at(frame), &[faint(0.0), faint(400.0)]);
        assert_eq!(by_detection(tracks), [(Some(0), 1)]);
        assert_eq!(tracks[0].score, 0.2);
    }
}

#[test]
fn a_threshold_that_is_raised_ends_the_tracks_below_it() {
    let mut tracker = tracker();
    let weaker = Detection {
        score: 0.7,
        ..person(300.0, 0.0)
    };
    let two = [person(0.0, 0.0), weaker];
    assert_eq!(ids(tracker.update(at(0), &two)), [1, 2]);
    let raised = Config {
        new_threshold: 0.8,
        ..Config::default()
    };
    tracker.reconfigure(raised).unwrap();
    assert_eq!(ids(tracker.update(at(1), &two)), [1]);
    // Lowered again, it comes back as somebody new, and the other one stays who it was.
    tracker.reconfigure(Config::default()).unwrap();
    tracker.update(at(2), &two);
    assert_eq!(ids(tracker.update(at(3), &two)), [1, 3]);
    let wrong = Config {
        new_threshold: 0.2,
        ..Config::default()
    };
    assert!(tracker.reconfigure(wrong).is_err());
    assert_eq!(
        ids(tracker.update(at(4), &two)),
        [1, 3],
        "nothing has changed"
    );
}

#[test]
fn an_unsure_detection_does_not_bring_a_lost_track_back() {
    let mut tracker = tracker();
    let faint = Detection {
        score: 0.2,
        ..person(0.0, 0.0)
    };
    tracker.update(at(0), &[person(0.0, 0.0)]);
    tracker.update(at(1), &[]);
    assert!(tracker.update(at(2), &[faint]).is_empty());
    assert_eq!(ids(tracker.update(at(3), &[person(0.0, 0.0)])), [1]);
}

#[test]
fn a_class_that_flips_for_a_frame_changes_neither_identity_nor_class() {
    let mut tracker = tracker();
    for frame in 0..30 {
        let flipped = frame % 3 == 2;
        let class = if flipped { 7 } else { 2 };
        let tracks = tracker.update(
            at(frame),
            &[Detection {
                class,
                ..person(0.0, 0.0)
            }],
        );
        assert_eq!((tracks[0].id, tracks[0].class), (1, 2), "frame {frame}");
    }
}

#[test]
fn detections_that_are_no_boxes_are_ignored() {
    let mut tracker = tracker();
    let broken = [
        Detection {
            rect: Rect::new(f32::NAN, 0.0, 10.0, 10.0),
            class: 0,
            score: 0.9,
        },
        Detection {
            rect: Rect::new(0.0, 0.0, f32::INFINITY, 10.0),
            class: 0,
            score: 0.9,
        },
        Detection {
            rect: Rect::new(0.0, 0.0, 0.0, 10.0),
            class: 0,
            score: 0.9,
        },
        Detection {
            score: f32::NAN,
            ..person(0.0, 0.0)
        },
        person(500.0, 0.0),
    ];
    for frame in 0..5 {
        let tracks = tracker.update(at(frame), &broken);
        assert_eq!(by_detection(tracks), [(Some(4), 1)]);
        assert!(tracks[0].rect.is_valid());
    }
}

#[test]
fn reset_forgets_tracks_but_never_reuses_an_identity() {
    let mut tracker = tracker();
    let mut seen = BTreeSet::new();
    for round in 0..5 {
        for id in ids(tracker.update(at(round), &[person(0.0, 0.0), person(300.0, 0.0)])) {
            assert!(seen.insert(id), "{id} reused");
        }
        tracker.reset();
        assert!(tracker.predict(at(round)).is_empty());
    }
}

/// One stands at 0 and vanishes; another walks onto the very place, and stays. All within the
/// second that the lost one is remembered.
fn walk_onto_the_place_of_a_lost_one(walker_comes_first: bool) -> Vec<u64> {
    let mut tracker = tracker();
    let stands = person(0.0, 0.0);
    let walker = |f: u32| person(4.0 * 50u32.saturating_sub(f) as f32, 0.0);
    for frame in 0..56 {
        let detections = match frame {
            0..10 if walker_comes_first => vec![walker(frame)],
            0..30 if walker_comes_first => vec![walker(frame), stands],
            0..30 => vec![stands],
            _ => vec![walker(frame)],
        };
        tracker.update(at(frame), &detections);
    }
    // A track too many would take the second of these, which alone is new and not yet reported.
    ids(tracker.update(at(56), &[stands, person(20.0, 0.0)]))
}

#[test]
fn of_a_lost_and_a_found_track_in_one_place_the_elder_stays() {
    assert_eq!(
        walk_onto_the_place_of_a_lost_one(false),
        [1],
        "the lost one takes over"
    );
    assert_eq!(
        walk_onto_the_place_of_a_lost_one(true),
        [1],
        "the walker goes on"
    );
}
