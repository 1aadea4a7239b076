// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras that give more frames than the model can look at. `slow` takes about 1 ms for a step of
//! blue; how fast frames come is not a matter of time, but of how many it has looked at.

use std::time::Duration;

use gst::prelude::*;
use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::rig::{Out, Rig};

const LIVE: (bool, u64, Option<u64>) = (true, 0, None);
const FRAMES: u64 = 300;

fn one_request(properties: &str) -> String {
    let model = tiny("slow");
    format!("lynxinfer model={model} nireq=1 intra-op-threads=1 {properties}")
}

/// Pushes five frames for each that is looked at. Gives, for each, how many were in the element
/// after it.
fn five_times(rig: &Rig) -> Vec<u64> {
    let mut inside = Vec::new();
    for nth in 0..FRAMES {
        rig.frame(nth, [100, 0, 8]).unwrap();
        inside.push(nth + 1 - rig.counted("frames"));
        let runs = nth / 5 + 1;
        while nth % 5 == 4 && rig.counted("engine-runs") < runs {
            std::thread::sleep(Duration::from_micros(500));
        }
    }
    rig.end();
    inside
}

fn count(frames: &[Out], inference: Inference) -> u64 {
    let is = |frame: &&Out| frame.inference == Some(inference);
    frames.iter().filter(is).count() as u64
}

/// When frames that were passed over were to be seen, and what was counted, in each message.
fn reported(rig: &Rig) -> Vec<(u64, u64, u64)> {
    let messages = rig.messages(gst::MessageType::Qos).into_iter();
    let reported = messages.map(|message| {
        let gst::MessageView::Qos(qos) = message.view() else {
            unreachable!()
        };
        let (live, running, stream, timestamp, duration) = qos.get();
        assert!(live);
        assert_eq!(running, stream);
        assert_eq!(running, timestamp);
        assert_eq!(duration, Some(gst::ClockTime::from_mseconds(1)));
        let count = |value: gst::GenericFormattedValue| match value {
            gst::GenericFormattedValue::Buffers(Some(buffers)) => u64::from(buffers),
            other => panic!("{other:?}"),
        };
        let (processed, dropped) = qos.stats();
        let time = timestamp.unwrap().mseconds();
        (time, count(processed), count(dropped))
    });
    reported.collect()
}

#[test]
fn at_five_times_the_load_all_frames_go_on_and_the_delay_does_not_grow() {
    let rig = Rig::after(&one_request(""), LIVE);
    let inside = five_times(&rig);
    let frames = rig.frames();
    let times: Vec<_> = frames.iter().map(|frame| frame.time).collect();
    assert_eq!(times, Vec::from_iter(0..FRAMES));

    let (ran, late) = (
        count(&frames, Inference::Ran),
        count(&frames, Inference::Late),
    );
    assert_eq!(ran + late, FRAMES);
    assert_eq!((rig.counted("inferred"), rig.counted("late")), (ran, late));
    assert_eq!(rig.counted("dropped"), 0);
    // Five for each run, but for the last, and what waits in the end.
    assert!(
        ran >= FRAMES / 5 && late > FRAMES / 2,
        "{ran} ran, {late} late"
    );

    let passed_over = frames
        .iter()
        .filter(|f| f.inference == Some(Inference::Late));
    let reported = reported(&rig);
    let which: Vec<_> = reported.iter().map(|report| report.0).collect();
    assert_eq!(which, passed_over.map(|f| f.time).collect::<Vec<_>>());
    for (nth, (time, processed, dropped)) in reported.iter().enumerate() {
        assert_eq!(*dropped, nth as u64 + 1);
        assert_eq!(processed + dropped, time + 1);
    }

    // One that runs, two that wait and those that came meanwhile; a queue that is not bounded, or
    // not of the newest, has more and more.
    let (first, second) = inside.split_at(inside.len() / 2);
    let most = |half: &[u64]| half.iter().copied().max().unwrap();
    assert!(most(&inside) <= 36, "{inside:?}");
    assert!(most(second) <= 2 * most(first) + 5, "{inside:?}");
}

#[test]
fn what_is_dropped_is_counted_and_reported_and_nothing_else_is() {
    let rig = Rig::after(&one_request("overload-policy=drop"), LIVE);
    five_times(&rig);
    let frames = rig.frames();
    let dropped = rig.counted("dropped");
    assert!(frames.is_sorted_by_key(|frame| frame.time));
    assert_eq!(frames.len() as u64 + dropped, FRAMES);
    assert!(dropped > FRAMES / 2, "{dropped}");
    assert_eq!(count(&frames, Inference::Ran), frames.len() as u64);
    assert_eq!((rig.counted("late"), rig.counted("frames")), (0, FRAMES));

    let mut all: Vec<_> = reported(&rig).iter().map(|report| report.0).collect();
    assert_eq!(all.len() as u64, dropped);
    all.extend(frames.iter().map(|frame| frame.time));
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter(0..FRAMES), "each came or was reported");
}

#[test]
fn who_is_not_live_or_wants_to_wait_has_every_frame_looked_at() {
    for (properties, upstream) in [("", (false, 0, None)), ("overload-policy=block", LIVE)] {
        let rig = Rig::after(&one_request(properties), upstream);
        for nth in 0..100 {
            rig.frame(nth, [100, 0, 4]).unwrap();
        }
        rig.end();
        let frames = rig.frames();
        assert_eq!(count(&frames, Inference::Ran), 100, "{properties}");
        assert!(frames.is_sorted_by_key(|frame| frame.time));
        assert_eq!(rig.counted("late"), 0);
        assert_eq!(rig.messages(gst::MessageType::Qos).len(), 0);
    }
}

#[test]
fn the_newest_are_looked_at() {
    let rig = Rig::after(&one_request("overload-policy=block"), LIVE);
    // A third of a second, in which all others come. Two may wait: when the third is taken, the
    // first is being looked at.
    rig.frame(0, [100, 0, 255]).unwrap();
    rig.frame(1, [100, 0, 0]).unwrap();
    rig.frame(2, [100, 0, 0]).unwrap();
    rig.element.set_property_from_str("overload-policy", "skip");
    for nth in 3..=20 {
        rig.frame(nth, [100, 0, 0]).unwrap();
    }
    rig.end();
    let frames = rig.frames();
    let ran = frames
        .iter()
        .filter(|f| f.inference == Some(Inference::Ran));
    let ran: Vec<_> = ran.map(|frame| frame.time).collect();
    assert_eq!(ran, [0, 19, 20]);
}

/// The policy may change while frames flow.
#[test]
fn what_is_set_holds_from_the_next_frame_on() {
    let rig = Rig::after(&one_request("overload-policy=drop"), LIVE);
    let burst = |from| {
        for nth in from..from + 20 {
            rig.frame(nth, [100, 0, if nth == from { 255 } else { 0 }])
                .unwrap();
        }
        assert!(rig.src.peer_query(&mut gst::query::Drain::new()));
        ["dropped", "late"].map(|field| rig.counted(field))
    };
    let [dropped, late] = burst(0);
    assert!(dropped > 0 && late == 0, "{dropped} {late}");
    rig.element.set_property_from_str("overload-policy", "skip");
    let [same, late] = burst(20);
    assert!(same == dropped && late > 0, "{same} {late}");
    rig.element
        .set_property_from_str("overload-policy", "block");
    assert_eq!(burst(40), [dropped, late]);
}
