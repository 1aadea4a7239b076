// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::{AHEAD, CROSSING, Cover, Frame, Guard, Limits, Look, Object, PACE, class};

const SIZE: (f32, f32) = (1280.0, 720.0);
const STEP: u64 = 40;
const AT: Rect = Rect::new(600.0, 300.0, 50.0, 120.0);

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

fn frame(time: u64, look: Look) -> Frame {
    Frame {
        time: ms(time),
        size: SIZE,
        look,
        discontinuous: false,
    }
}

fn person(rect: Rect) -> Object {
    Object {
        rect,
        class: class("person"),
        identity: None,
        predicted: false,
    }
}

/// `None` for the whole frame.
fn judge(guard: &mut Guard, frame: &Frame, objects: &[Object]) -> Option<Vec<Rect>> {
    match guard.judge(frame, objects, &Limits::default()).0 {
        Cover::Whole => None,
        Cover::Regions(regions) => Some(regions.to_vec()),
    }
}

/// Whether all of that is covered that lies within the frame. (By one of the regions alone: no
/// object here is so large.)
fn hides(cover: &Cover<'_>, rect: &Rect) -> bool {
    let Some(rect) = rect.clipped(SIZE.0, SIZE.1) else {
        return true;
    };
    match cover {
        Cover::Whole => true,
        Cover::Regions(regions) => regions.iter().any(|r| super::known::contains(r, &rect)),
    }
}

/// A guard that has seen a person at [`AT`] at 0 and [`STEP`] ms.
fn seen_twice() -> Guard {
    let mut guard = Guard::default();
    for time in [0, STEP] {
        judge(&mut guard, &frame(time, Look::Whole), &[person(AT)]);
    }
    guard
}

#[test]
fn nothing_is_shown_before_the_first_run() {
    let mut guard = Guard::default();
    for (n, look) in [Look::None, Look::Unknown, Look::Part(AT)]
        .into_iter()
        .enumerate()
    {
        let found = judge(&mut guard, &frame(n as u64, look), &[]);
        assert_eq!(found, None, "{look:?}");
    }
    assert_eq!(judge(&mut guard, &frame(9, Look::Whole), &[]), Some(vec![]));
}

#[test]
fn what_is_found_is_covered_with_a_margin() {
    let mut guard = Guard::default();
    let small = Rect::new(10.0, 10.0, 6.0, 6.0);
    let objects = [person(AT), person(small)];
    let found = judge(&mut guard, &frame(0, Look::Whole), &objects);
    let large = Rect::new(595.0, 288.0, 60.0, 144.0);
    assert_eq!(found, Some(vec![large, Rect::new(6.0, 6.0, 14.0, 14.0)]));
}

#[test]
fn the_whole_frame_is_covered_when_the_last_run_is_too_long_ago() {
    let mut guard = seen_twice();
    let found = judge(&mut guard, &frame(STEP + 1000, Look::None), &[]);
    assert!(found.is_some_and(|regions| regions.len() == 1));
    assert_eq!(
        judge(&mut guard, &frame(STEP + 1001, Look::None), &[]),
        None
    );
}

#[test]
fn what_is_not_found_any_more_is_covered_for_a_while() {
    let mut guard = seen_twice();
    let mut covered = |time| {
        let found = judge(&mut guard, &frame(time, Look::Whole), &[]).unwrap();
        found.iter().any(|region| region.has(625.0, 360.0))
    };
    assert!(covered(2 * STEP) && covered(STEP + 500));
    assert!(!covered(STEP + 501));
}

/// Who was missed by the last run is not given up between runs.
#[test]
fn only_a_run_ends_the_while() {
    let mut guard = seen_twice();
    judge(&mut guard, &frame(2 * STEP, Look::Whole), &[]);
    let found = judge(&mut guard, &frame(STEP + 900, Look::None), &[]).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn time_or_size_that_cannot_follow_covers_the_whole_frame() {
    let mut changes = Vec::new();
    for time in [STEP, 10] {
        changes.push(frame(time, Look::None));
    }
    let later = frame(2 * STEP, Look::None);
    changes.push(Frame {
        size: (1279.0, 720.0),
        ..later
    });
    changes.push(Frame {
        discontinuous: true,
        ..later
    });
    for change in changes {
        let mut guard = seen_twice();
        assert_eq!(judge(&mut guard, &change, &[]), None, "{change:?}");
        // And so are those after it, until a run.
        let next = Frame {
            time: change.time + ms(1),
            discontinuous: false,
            ..change
        };
        assert_eq!(judge(&mut guard, &next, &[]), None, "{change:?}");
    }
    let mut guard = seen_twice();
    assert!(judge(&mut guard, &later, &[]).is_some(), "otherwise not");
}

#[test]
fn who_asks_for_another_run_gets_it() {
    let mut guard = seen_twice();
    guard.distrust();
    assert_eq!(judge(&mut guard, &frame(2 * STEP, Look::None), &[]), None);
    let found = judge(&mut guard, &frame(3 * STEP, Look::Whole), &[]);
    assert_eq!(found.map(|r| r.len()), Some(1), "who was known lingers");
}

#[test]
fn without_a_word_of_inference_only_what_was_detected_counts_as_a_run() {
    let mut guard = Guard::default();
    let predicted = Object {
        predicted: true,
        ..person(AT)
    };
    assert_eq!(
        judge(&mut guard, &frame(0, Look::Unknown), &[predicted]),
        None
    );
    assert!(judge(&mut guard, &frame(1, Look::Unknown), &[person(AT)]).is_some());
    assert!(judge(&mut guard, &frame(1001, Look::Unknown), &[predicted]).is_some());
    assert_eq!(judge(&mut guard, &frame(1002, Look::Unknown), &[]), None);
}

#[test]
fn a_place_that_is_nonsense_covers_the_whole_frame_until_the_next_run() {
    for rect in [
        Rect::new(f32::NAN, 0.0, 9.0, 9.0),
        Rect::new(9.0, 9.0, 0.0, 9.0),
    ] {
        let mut guard = seen_twice();
        let objects = [person(AT), person(rect)];
        assert_eq!(judge(&mut guard, &frame(99, Look::Whole), &objects), None);
        assert_eq!(judge(&mut guard, &frame(100, Look::None), &[]), None);
        assert!(judge(&mut guard, &frame(101, Look::Whole), &[]).is_some());
    }
}

#[test]
fn a_look_at_a_part_says_nothing_of_the_rest() {
    let mut guard = seen_twice();
    let part = Look::Part(Rect::new(0.0, 0.0, 620.0, 720.0));
    for time in (2 * STEP..1000).step_by(STEP as usize) {
        let found = judge(&mut guard, &frame(time, part), &[]).unwrap();
        assert_eq!(found.len(), 1, "{time}");
    }
    let time = STEP + 1001;
    assert_eq!(judge(&mut guard, &frame(time, part), &[]), None);
}

#[test]
fn predicted_objects_are_covered_besides() {
    let mut guard = seen_twice();
    let far = Object {
        predicted: true,
        ..person(Rect::new(9.0, 9.0, 50.0, 50.0))
    };
    let found = judge(&mut guard, &frame(2 * STEP, Look::None), &[far]).unwrap();
    assert_eq!(found.len(), 2);
    let found = judge(&mut guard, &frame(3 * STEP, Look::None), &[]).unwrap();
    assert_eq!(found.len(), 1, "they are not seen, and not remembered");
}

/// Of two people, of whom one is found, it may be either.
#[test]
fn who_is_not_found_beside_somebody_is_covered_whoever_that_was() {
    let mut guard = Guard::default();
    let (left, right) = (AT, Rect::new(660.0, 310.0, 50.0, 120.0));
    judge(
        &mut guard,
        &frame(0, Look::Whole),
        &[person(left), person(right)],
    );
    let (left, right) = (
        Rect::new(610.0, 300.0, 50.0, 120.0),
        Rect::new(635.0, 310.0, 50.0, 120.0),
    );
    // Nearer to where the left one was.
    let found = judge(&mut guard, &frame(120, Look::Whole), &[person(right)]).unwrap();
    assert!(hides(&Cover::Regions(&found), &left), "{found:?}");
}

#[test]
fn doubts_about_somebody_end() {
    let mut guard = Guard::default();
    let other = Rect::new(660.0, 310.0, 50.0, 120.0);
    judge(
        &mut guard,
        &frame(0, Look::Whole),
        &[person(AT), person(other)],
    );
    for time in (STEP..2000).step_by(STEP as usize) {
        let found = judge(&mut guard, &frame(time, Look::Whole), &[person(AT)]).unwrap();
        let most = if time < 500 { 15 } else { 14 };
        assert!(found.len() <= most, "{found:?}");
        if time > 1100 {
            assert_eq!(found.len(), 1, "{time}: {found:?}");
        }
    }
}

/// How somebody walks until the next frame: the speed in longer sides a second, the direction in
/// radians, and whether a run finds it.
#[derive(Debug, Clone, Copy)]
struct Step {
    speed: f32,
    direction: f32,
    found: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let speed = prop_oneof![Just(0.0), Just(PACE), 0.0..PACE];
    let found = prop::bool::weighted(0.8);
    (speed, -3.2..3.2_f32, found).prop_map(|(speed, direction, found)| Step {
        speed,
        direction,
        found,
    })
}

fn look() -> impl Strategy<Value = Frame> {
    let part = (
        0.0..1280.0_f32,
        0.0..720.0_f32,
        50.0..1280.0_f32,
        50.0..720.0_f32,
    )
        .prop_map(|(x, y, w, h)| Look::Part(Rect::new(x, y, w, h)));
    let look = prop_oneof![
        4 => Just(Look::Whole),
        4 => Just(Look::None),
        1 => Just(Look::Unknown),
        1 => part,
    ];
    (look, prop::bool::weighted(0.05), 1..120_u64).prop_map(|(look, discontinuous, time)| Frame {
        time: ms(time),
        size: SIZE,
        look,
        discontinuous,
    })
}

#[derive(Debug, Clone, Copy)]
struct Walker {
    rect: Rect,
    identity: Option<u64>,
    /// When a run last found it.
    found: Option<Duration>,
}

fn walkers() -> impl Strategy<Value = Vec<Walker>> {
    let walker = (
        0.0..1200.0_f32,
        0.0..600.0_f32,
        20.0..80.0_f32,
        30.0..200.0_f32,
        any::<bool>(),
    );
    prop::collection::vec(walker, 1..5).prop_map(|all| {
        let walker = |(n, (x, y, w, h, tracked)): (usize, (f32, f32, f32, f32, bool))| Walker {
            rect: Rect::new(x, y, w, h),
            identity: tracked.then_some(n as u64),
            found: None,
        };
        all.into_iter().enumerate().map(walker).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// People that walk, stop, start and turn no faster than [`PACE`], some tracked, some not; runs
    /// in any pattern, of which each may miss somebody, but not for longer than `linger`. (Somebody
    /// new who appears where an untracked one vanishes would be taken for that one.)
    #[test]
    fn nobody_who_was_found_is_ever_seen_again(
        walkers in walkers(),
        frames in prop::collection::vec((look(), prop::collection::vec(step(), 5)), 1..60),
    ) {
        let (mut walkers, limits) = (walkers, Limits::default());
        let mut guard = Guard::default();
        let mut now = Duration::ZERO;
        for (n, (frame, steps)) in frames.iter().enumerate() {
            now += frame.time;
            let first = Frame { look: Look::Whole, discontinuous: false, ..*frame };
            let frame = Frame { time: now, ..if n == 0 { first } else { *frame } };
            let mut objects = Vec::new();
            for (walker, step) in walkers.iter_mut().zip(steps) {
                let rect = &mut walker.rect;
                let moved = 0.999 * step.speed * rect.w.max(rect.h) * frames[n].0.time.as_secs_f32();
                rect.x += moved * step.direction.cos();
                rect.y += moved * step.direction.sin();
                let inside = match frame.look {
                    Look::Whole | Look::Unknown => true,
                    Look::Part(part) => super::known::contains(&part, rect),
                    Look::None => false,
                };
                // The detector misses nobody for too long.
                let must = walker.found.is_none_or(|t| now - t > limits.linger);
                if inside && (step.found || must) {
                    objects.push(Object { identity: walker.identity, ..person(*rect) });
                    walker.found = Some(now);
                }
            }
            let (cover, _) = guard.judge(&frame, &objects, &limits);
            for walker in walkers.iter().filter(|w| w.found.is_some()) {
                prop_assert!(hides(&cover, &walker.rect), "{n}: {walker:?} {cover:?}");
            }
        }
    }

    /// Somebody who goes straight on at whatever speed is tracked and was found twice.
    #[test]
    fn a_known_speed_is_kept_up_with(
        (dx, dy) in (-2000.0..2000.0_f32, -2000.0..2000.0_f32), tracked: bool, wait in 0..1000_u64,
    ) {
        let mut guard = Guard::default();
        let at = |time: u64| {
            let seconds = time as f32 / 1000.0;
            Rect::new(AT.x + dx * seconds, AT.y + dy * seconds, AT.w, AT.h)
        };
        let who = |time| Object { identity: tracked.then_some(7), ..person(at(time)) };
        let slow = dx.hypot(dy) < CROSSING * SIZE.0;
        for time in [0, STEP] {
            judge(&mut guard, &frame(time, Look::Whole), &[who(time)]);
        }
        let time = STEP + wait;
        if wait > 0 && (tracked || slow) {
            let (cover, _) = guard.judge(&frame(time, Look::None), &[], &Limits::default());
            prop_assert!(hides(&cover, &at(time)), "{cover:?}");
        }
    }

    /// Of somebody who was found once nobody knows the speed.
    #[test]
    fn what_crosses_the_frame_in_two_seconds_is_covered_from_the_first_run_on(
        angle in -3.2..3.2_f32, wait in 1..1000_u64,
    ) {
        let mut guard = Guard::default();
        judge(&mut guard, &frame(0, Look::Whole), &[person(AT)]);
        let moved = 0.999 * CROSSING * SIZE.0 * wait as f32 / 1000.0;
        let there = Rect::new(AT.x + moved * angle.cos(), AT.y + moved * angle.sin(), AT.w, AT.h);
        let (cover, held) = guard.judge(&frame(wait, Look::None), &[], &Limits::default());
        prop_assert!(held && hides(&cover, &there), "{cover:?}");
        prop_assert!(AHEAD > 1.0);
    }
}
