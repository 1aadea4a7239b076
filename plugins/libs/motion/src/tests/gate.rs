// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use super::scene::Scene;
use crate::{Config, Gate, Look};

/// 25 frames a second.
const FRAME: Duration = Duration::from_millis(40);

/// Looks once, with a square in the picture where one is given.
fn look(gate: &mut Gate, time: Duration, square: Option<u32>) -> Look {
    let mut scene = Scene::new(160, 90);
    if let Some(x) = square {
        scene.put(x, 30, 20, 30, 240);
    }
    gate.look(&scene.luma(), time).unwrap()
}

/// For each frame whether the gate is open: `true` in `squares` has a square, elsewhere than before.
fn open(config: Config, squares: impl IntoIterator<Item = bool>) -> Vec<bool> {
    let mut gate = Gate::new(config);
    let mut look_at = |(number, square): (u32, bool)| {
        let square = square.then_some(number * 17 % 140);
        look(&mut gate, FRAME * number, square).open
    };
    (0..).zip(squares).map(&mut look_at).collect()
}

/// `true` so many times, then `false`, and so on.
fn runs(lengths: &[usize]) -> Vec<bool> {
    let run = |(index, &length): (usize, &usize)| vec![index % 2 == 0; length];
    lengths.iter().enumerate().flat_map(run).collect()
}

const NOTHING: Config = Config {
    threshold: 12,
    min_area: 0.0002,
    min_frames: 1,
    hold: Duration::ZERO,
    refresh: Duration::ZERO,
};

#[test]
fn it_is_open_for_the_first_picture_and_while_something_moves() {
    let squares = runs(&[0, 5, 3, 5]);
    assert_eq!(open(NOTHING, squares), runs(&[1, 4, 3, 5]));
}

#[test]
fn it_opens_when_motion_persists() {
    let config = Config {
        min_frames: 3,
        ..NOTHING
    };
    // Two frames of motion, then five.
    let squares = runs(&[0, 5, 2, 4, 5, 2]);
    assert_eq!(open(config, squares), runs(&[1, 12, 3, 2]));
}

#[test]
fn it_stays_open_for_some_time_after_the_last_motion() {
    let config = Config {
        hold: FRAME * 3,
        min_frames: 2,
        ..NOTHING
    };
    // One frame of motion keeps an open gate open, and does not open a closed one.
    let squares = runs(&[0, 10, 4, 2, 1, 10, 1, 5]);
    assert_eq!(open(config, squares), runs(&[4, 7, 9, 13]));
}

#[test]
fn it_opens_for_one_frame_when_it_was_long_closed() {
    let config = Config {
        refresh: FRAME * 5,
        ..NOTHING
    };
    let squares = runs(&[0, 12, 1, 8]);
    assert_eq!(open(config, squares), runs(&[1, 4, 1, 4, 1, 1, 1, 4, 1, 3]));
}

#[test]
fn the_region_is_where_something_moved_last() {
    let config = Config {
        hold: FRAME * 3,
        refresh: FRAME * 6,
        ..NOTHING
    };
    let mut gate = Gate::new(config);
    let looks: Vec<_> = (0..20)
        .map(|number| look(&mut gate, FRAME * number, (number == 5).then_some(60)))
        .collect();
    assert_eq!(looks[0].region, None, "all of the picture is new");
    let region = looks[5].region.unwrap();
    assert!(region.x <= 60.0 && region.right() >= 80.0 && region.w < 40.0);
    for number in [6, 7, 8] {
        assert_eq!(looks[number].region, Some(region), "held");
        assert!(!looks[number].motion.moving);
    }
    assert_eq!((looks[9].open, looks[9].region), (false, None));
    let refreshed: Vec<_> = (0..20).filter(|&n| looks[n].refresh).collect();
    assert_eq!(refreshed, [14]);
    assert_eq!((looks[14].open, looks[14].region), (true, None));
}

#[test]
fn time_that_jumps_back_starts_it_anew_and_jitter_does_not() {
    let mut gate = Gate::new(NOTHING);
    let at = |milliseconds| Duration::from_millis(milliseconds);
    for (time, anew) in [
        (1000, true),
        (1040, false),
        (1000, false), // out of order
        (1080, false),
        (980, false), // 100 ms are jitter
        (900, true),  // 180 ms are a seek
        (940, false),
        (60_000, false),
    ] {
        assert_eq!(look(&mut gate, at(time), None).motion.anew, anew, "{time}");
    }
    gate.reset();
    assert!(look(&mut gate, at(60_040), None).motion.anew);
}

#[test]
fn a_truncated_picture_is_an_error_and_changes_nothing() {
    let scene = Scene::new(64, 64);
    let mut gate = Gate::new(NOTHING);
    gate.look(&scene.luma(), FRAME).unwrap();
    let mut luma = scene.luma();
    luma.data = &luma.data[1..];
    assert!(gate.look(&luma, Duration::ZERO).is_err());
    assert!(!gate.look(&scene.luma(), FRAME * 2).unwrap().open);
}

/// Where something always moves the gate never closes, and there would be no refresh.
#[test]
fn all_of_a_picture_that_never_rests_is_looked_at_once_in_a_refreshs_time() {
    let config = Config {
        refresh: FRAME * 10,
        ..NOTHING
    };
    let mut gate = Gate::new(config);
    let whole: Vec<u32> = (0..35)
        .filter(|&number| {
            let found = look(&mut gate, FRAME * number, Some(number * 17 % 140));
            assert!(found.open);
            found.region.is_none()
        })
        .collect();
    // The first is new as a whole.
    assert_eq!(whole, [0, 10, 20, 30]);
}
