// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::scene::Scene;
use crate::{Config, Motion, MotionDetector};

const FRAME: Duration = Duration::from_millis(40);

fn look(detector: &mut MotionDetector, scene: &Scene) -> Motion {
    detector
        .update(&scene.luma(), FRAME, &Config::default())
        .unwrap()
}

/// How many of the frames from `from` to `to` show motion; `shoot` makes each.
fn moving(
    scene: &mut Scene,
    from: u32,
    to: u32,
    mut shoot: impl FnMut(&mut Scene, u32),
) -> (u32, u32) {
    let mut detector = MotionDetector::new();
    let (mut early, mut late) = (0, 0);
    for number in 0..to {
        shoot(scene, number);
        let found = u32::from(look(&mut detector, scene).moving);
        if number < from {
            early += found
        } else {
            late += found
        }
    }
    (early, late)
}

#[test]
fn the_first_picture_is_new_and_the_same_again_is_still() {
    let scene = Scene::new(320, 180);
    let mut detector = MotionDetector::new();
    let first = look(&mut detector, &scene);
    assert!(first.anew && first.moving && first.region.is_none());
    assert_eq!(look(&mut detector, &scene), Motion::default());
    detector.reset();
    assert!(look(&mut detector, &scene).anew);
}

#[test]
fn camera_noise_is_no_motion() {
    // At night, too, once the detector knows the camera: 20 levels are noise that one sees.
    for (deviation, learning) in [(3.0, 1), (8.0, 1), (20.0, 100)] {
        let mut scene = Scene::new(640, 360);
        let shoot = |scene: &mut Scene, _| scene.shoot(deviation, 1.0);
        let (_, late) = moving(&mut scene, learning, 400, shoot);
        assert_eq!(late, 0, "deviation {deviation}");
    }
}

#[test]
fn a_person_of_a_twentieth_of_the_height_moves() {
    let mut scene = Scene::new(1280, 720);
    // 40 levels brighter than the street on average, 36 pixels high, four pixels a frame.
    let shoot = |scene: &mut Scene, number| {
        scene.shoot(4.0, 1.0);
        if number >= 25 {
            scene.put(100 + 4 * number, 300, 14, 36, 150);
        }
    };
    let (early, late) = moving(&mut scene, 25, 125, shoot);
    assert_eq!(early, 1, "the first picture");
    assert_eq!(late, 100);
}

#[test]
fn the_region_covers_what_moves_and_not_much_more() {
    let mut scene = Scene::new(1280, 720);
    let mut detector = MotionDetector::new();
    for number in 0..60 {
        let x = 200 + 10 * number;
        scene.shoot(3.0, 1.0);
        scene.put(x, 250, 64, 128, 230);
        let motion = look(&mut detector, &scene);
        if number > 0 {
            let region = motion.region.unwrap();
            let covers = region.x <= x as f32
                && region.right() >= (x + 64) as f32
                && region.y <= 250.0
                && region.bottom() >= 378.0;
            assert!(covers, "frame {number}: {region:?}");
            // Behind the square is where it was when the background was learned.
            assert!(region.right() <= (x + 64 + 24) as f32, "{region:?}");
            assert!(
                region.y >= 250.0 - 24.0 && region.h <= 128.0 + 48.0,
                "{region:?}"
            );
            assert!((0.0005..0.02).contains(&motion.share), "{}", motion.share);
        }
    }
}

#[test]
fn who_is_gone_leaves_no_trace() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number| {
        scene.shoot(3.0, 1.0);
        if (25..75).contains(&number) {
            scene.put(8 * number, 200, 30, 90, 220);
        }
    };
    let (_, late) = moving(&mut scene, 75, 200, shoot);
    assert_eq!(late, 0);
}

#[test]
fn people_who_pass_all_day_are_seen_all_day() {
    // Somebody passes the same place in one second of five, for five minutes.
    let mut scene = Scene::new(320, 180);
    let passing = |number: u32| number % 125 >= 100;
    let mut detector = MotionDetector::new();
    let mut missed = 0;
    for number in 0..25 * 300 {
        scene.shoot(3.0, 1.0);
        if passing(number) {
            scene.put(number % 25 * 4, 80, 12, 40, 190);
        }
        let motion = look(&mut detector, &scene);
        missed += u32::from(passing(number) && !motion.moving);
    }
    assert_eq!(missed, 0);
}

#[test]
fn what_is_parked_becomes_background() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number| {
        scene.shoot(3.0, 1.0);
        if number >= 10 {
            scene.put(100, 100, 100, 60, 200);
        }
    };
    let seconds = 40;
    let (early, late) = moving(&mut scene, 25 * seconds, 25 * seconds + 250, shoot);
    assert!((50..25 * 30).contains(&early), "{early} frames");
    assert_eq!(late, 0);
}

#[test]
fn a_lamp_that_flickers_is_learned() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number| {
        scene.shoot(3.0, 1.0);
        if number % 5 < 2 {
            scene.put(300, 100, 40, 40, 170);
        }
    };
    let seconds = 20;
    let (early, late) = moving(&mut scene, 25 * seconds, 25 * seconds + 500, shoot);
    assert!(early > 10, "{early}");
    assert_eq!(late, 0);
}

#[test]
fn light_that_changes_everywhere_settles_at_once() {
    for light in [0.7f32, 0.9, 1.15, 1.5] {
        let mut scene = Scene::new(640, 360);
        let shoot = |scene: &mut Scene, number| {
            scene.shoot(3.0, if number < 50 { 1.0 } else { light });
        };
        let (early, late) = moving(&mut scene, 50, 300, shoot);
        assert_eq!(early, 1, "the first picture");
        assert!(late <= 1, "{light}: {late} frames");
    }
}

#[test]
fn a_cloud_that_passes_is_no_motion() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number: u32| {
        let turn = number as f32 / 100.0 * std::f32::consts::TAU;
        scene.shoot(3.0, 1.0 + 0.3 * turn.sin());
    };
    assert_eq!(moving(&mut scene, 1, 300, shoot), (1, 0));
}

#[test]
fn another_picture_is_new_once() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number| {
        scene.shoot(2.0, 1.0);
        if number >= 30 {
            scene.pixels.reverse();
            scene.pixels.iter_mut().for_each(|p| *p = 255 - *p);
        }
    };
    assert_eq!(moving(&mut scene, 30, 100, shoot), (1, 1));
}

#[test]
fn a_camera_that_turns_moves_all_the_time() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number: u32| {
        scene.shoot(3.0, 1.0);
        scene.shift(number * 6, 0);
    };
    assert_eq!(moving(&mut scene, 1, 60, shoot), (1, 59));
}

#[test]
fn a_camera_that_trembles_is_learned() {
    let mut scene = Scene::new(640, 360);
    let shoot = |scene: &mut Scene, number: u32| {
        scene.shoot(3.0, 1.0);
        scene.shift(number * 7 % 3, number * 11 % 2);
    };
    let seconds = 10;
    let (_, late) = moving(&mut scene, 25 * seconds, 25 * seconds + 250, shoot);
    assert_eq!(late, 0);
}

#[test]
fn faint_rain_that_is_thinner_than_a_block_is_no_motion() {
    let mut scene = Scene::new(1280, 720);
    let shoot = |scene: &mut Scene, _| {
        scene.shoot(3.0, 1.0);
        for _ in 0..60 {
            let (x, y) = (scene.random(1280), scene.random(680));
            for y in y..y + 30 {
                scene.pixels[(y * 1280 + x) as usize] += 25;
            }
        }
    };
    let (_, late) = moving(&mut scene, 1, 200, shoot);
    assert!(
        late < 60,
        "drops meet in a block now and then: {late} of 199"
    );
}

#[test]
fn bands_of_a_rolling_shutter_are_learned() {
    for period in [0.4f32, 4.0, 40.0] {
        let mut scene = Scene::new(320, 180);
        let shoot = |scene: &mut Scene, number: u32| {
            scene.shoot(3.0, 1.0);
            let turns = number as f32 * 0.04 / period;
            let band = |y: u32| (turns + y as f32 / 120.0) * std::f32::consts::TAU;
            scene.brighten(|y| 15.0 * band(y).sin());
        };
        let seconds = 15;
        let (_, late) = moving(&mut scene, 25 * seconds, 25 * seconds + 750, shoot);
        assert_eq!(late, 0, "a period of {period} s");
    }
}

#[test]
fn pictures_of_another_size_start_anew() {
    let (large, small) = (Scene::new(640, 360), Scene::new(320, 180));
    let mut detector = MotionDetector::new();
    for (scene, anew) in [
        (&large, true),
        (&large, false),
        (&small, true),
        (&small, false),
    ] {
        assert_eq!(look(&mut detector, scene).anew, anew);
    }
}

#[test]
fn a_larger_area_must_move_where_one_asks_for_it() {
    let mut scene = Scene::new(160, 100);
    let mut detector = MotionDetector::new();
    // 4×4 of 160×100 blocks: a thousandth.
    for (share, moving) in [(0.001, true), (0.00101, false), (0.0, true), (1.0, false)] {
        let config = Config {
            min_area: share,
            ..Config::default()
        };
        detector.reset();
        scene.shoot(0.0, 1.0);
        detector.update(&scene.luma(), FRAME, &config).unwrap();
        scene.put(80, 50, 4, 4, 255);
        let motion = detector.update(&scene.luma(), FRAME, &config).unwrap();
        assert_eq!(motion.moving, moving, "{share}");
        assert_eq!(motion.region.is_some(), moving, "{share}");
        assert_eq!(motion.share, 0.001);
    }
}

#[test]
fn a_truncated_picture_is_an_error_and_changes_nothing() {
    let scene = Scene::new(64, 64);
    let mut detector = MotionDetector::new();
    look(&mut detector, &scene);
    let mut luma = scene.luma();
    luma.data = &luma.data[1..];
    assert!(detector.update(&luma, FRAME, &Config::default()).is_err());
    assert_eq!(look(&mut detector, &scene), Motion::default());
}

proptest! {
    #[test]
    fn pictures_of_every_size_are_looked_at(
        width in 1u32..400, height in 1u32..400, levels in prop::collection::vec(0u8..=255, 1..6),
        threshold in 0u8..=255, min_area in prop::num::f32::ANY, elapsed in 0u64..10_000_000,
    ) {
        let mut detector = MotionDetector::new();
        let mut scene = Scene::new(width, height);
        let config = Config { threshold, min_area, ..Config::default() };
        for level in levels {
            scene.put(width / 3, height / 3, width / 3 + 1, height / 3 + 1, level);
            let motion = detector.update(&scene.luma(), Duration::from_millis(elapsed), &config).unwrap();
            prop_assert!((0.0..=1.0).contains(&motion.share));
            if let Some(region) = motion.region {
                let whole = Rect::new(0.0, 0.0, width as f32, height as f32);
                prop_assert_eq!(region.clipped(whole.w, whole.h), Some(region));
                prop_assert!(motion.moving);
            }
        }
    }

    #[test]
    fn a_square_in_any_place_is_covered(x in 0u32..560, y in 0u32..280, seed in 0u32..100) {
        let mut scene = Scene::new(640, 360);
        let mut detector = MotionDetector::new();
        for _ in 0..seed % 5 + 1 {
            scene.shoot(3.0, 1.0);
            look(&mut detector, &scene);
        }
        scene.shoot(3.0, 1.0);
        scene.put(x, y, 80, 80, 255);
        let region = look(&mut detector, &scene).region.unwrap();
        prop_assert!(region.x <= x as f32 && region.right() >= (x + 80) as f32);
        prop_assert!(region.y <= y as f32 && region.bottom() >= (y + 80) as f32);
    }
}
