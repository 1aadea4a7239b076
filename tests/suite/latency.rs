// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `lynxinfer` says of the time that frames spend in it.

use gst::prelude::*;
use lynx_tests::places::tiny;
use lynx_tests::rig::Rig;
use lynx_tests::run::build;

/// Whether live, and the least and most latency in ms, as the element answers.
fn latency(rig: &Rig) -> (bool, u64, Option<u64>) {
    let mut query = gst::query::Latency::new();
    assert!(rig.sink.peer_query(&mut query));
    let (live, min, max) = query.result();
    (live, min.mseconds(), max.map(gst::ClockTime::mseconds))
}

fn infer(properties: &str) -> String {
    format!("lynxinfer model={} {properties}", tiny("counts-batches"))
}

#[test]
fn it_is_the_time_for_a_batch_on_top_of_what_is_upstream() {
    for (live, most) in [(false, None), (true, None), (true, Some(100))] {
        let launch = infer("batch-size=2 batch-timeout=40");
        let rig = Rig::after(&launch, (live, 20, most));
        let before = latency(&rig);
        assert_eq!(before.0, live);
        assert!(before.1 >= 20 + 40, "{before:?}");
        assert_eq!(before.2.is_some(), most.is_some());
        if let (Some(answered), Some(most)) = (before.2, most) {
            assert!(answered >= most + 40, "{before:?}");
            assert!(answered >= before.1, "{before:?}");
        }
    }
}

/// `slow` takes about 1 ms for a step of blue, on no machine less than a twentieth of that.
#[test]
fn the_run_is_part_of_it_once_it_is_known() {
    let rig = Rig::new(&format!(
        "lynxinfer model={} batch-timeout=40",
        tiny("slow")
    ));
    let before = latency(&rig).1;
    for nth in 0..4 {
        rig.frame(nth, [0, 0, 255]).unwrap();
    }
    rig.wait_for(4);
    let run = rig.counted("run-p50") / 1_000_000;
    let after = latency(&rig).1;
    assert!(run > 10, "{run} ms");
    assert!(after >= 40 + run, "{before} {after} {run}");
}

#[test]
fn a_change_is_said_on_the_bus() {
    let rig = Rig::after(&infer(""), (true, 20, None));
    let push = |from| {
        for nth in from..from + 32 {
            rig.frame(nth, [0; 3]).unwrap();
        }
        rig.wait_for(from as usize + 32);
        rig.messages(gst::MessageType::Latency).len()
    };
    assert_eq!(push(0), 0, "who has not asked is not told");
    assert!(latency(&rig).1 < 420);
    rig.element.set_property("batch-timeout", 400_u32);
    assert_eq!(push(32), 1);
    assert!(latency(&rig).1 >= 420);
}

#[test]
fn a_live_pipeline_waits_as_long_as_a_batch_may() {
    let line = format!(
        "videotestsrc is-live=true ! video/x-raw,format=RGB,width=32,height=32,framerate=100/1 \
         ! {} ! fakesink name=out sync=true",
        infer("batch-size=4 batch-timeout=200")
    );
    let (pipeline, seen) = build(&line);
    pipeline.set_state(gst::State::Playing).unwrap();
    let bus = pipeline.bus().unwrap();
    // The first is prerolled, so that all was asked.
    let playing = [gst::MessageType::AsyncDone, gst::MessageType::Error];
    let message = bus.timed_pop_filtered(gst::ClockTime::from_seconds(60), &playing);
    assert_eq!(message.unwrap().type_(), gst::MessageType::AsyncDone);
    let mut query = gst::query::Latency::new();
    assert!(pipeline.query(&mut query));
    let (live, min, _) = query.result();
    assert!(live && min >= gst::ClockTime::from_mseconds(200), "{min}");
    assert!(pipeline.latency().is_none_or(|set| set >= min));
    pipeline.set_state(gst::State::Null).unwrap();
    assert!(!seen.lock().unwrap().is_empty());
}
