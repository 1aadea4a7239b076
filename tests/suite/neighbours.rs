// SPDX-License-Identifier: MIT OR Apache-2.0
//! A camera in trouble and a steady one beside it on the same engine: the steady one has each of
//! its frames looked at, although it would pass some over rather than wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use gst::prelude::*;
use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::rig::Rig;
use lynx_tests::run::build;

const ORDERS: [&str; 2] = ["latency", "throughput"];

fn infer(policy: &str, order: &str) -> String {
    format!(
        "lynxinfer model={} nireq=2 intra-op-threads=1 batch-size=4 batch-timeout=10 \
         overload-policy={policy} scheduling-policy={order}",
        tiny("bright-box")
    )
}

fn live(policy: &str, order: &str) -> Rig {
    Rig::after(&infer(policy, order), (true, 0, None))
}

/// Gives frames to a camera one by one while there is a reason to.
fn steady(camera: &Rig, go_on: impl Fn(u64) -> bool) {
    let mut given = 0;
    while go_on(given) {
        camera.frame(given, [255; 3]).unwrap();
        given += 1;
        camera.wait_for(given as usize);
    }
    let frames = camera.frames();
    assert!(frames.iter().all(|f| f.inference == Some(Inference::Ran)));
    assert_eq!(camera.counted("late"), 0);
}

/// Has a camera with that policy in `trouble` again and again beside 100 frames of a steady one.
fn steady_beside(policy: &str, trouble: impl Fn(&Rig, u64) + Sync) {
    for order in ORDERS {
        let (camera, troubled) = (live("skip", order), live(policy, order));
        let (enough, done) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                for round in 0.. {
                    trouble(&troubled, round);
                    enough.store(round >= 2, Ordering::Release);
                    if done.load(Ordering::Acquire) {
                        break;
                    }
                }
            });
            steady(&camera, |given| {
                let missing = !enough.load(Ordering::Acquire) && !thread.is_finished();
                given < 100 || missing
            });
            done.store(true, Ordering::Release);
            thread.join().unwrap();
        });
        // They did have one engine.
        camera.end();
        troubled.end();
        let runs = [&camera, &troubled].map(|rig| rig.counted("engine-runs"));
        assert_eq!(runs[0], runs[1]);
    }
}

#[test]
fn one_that_stalls_does_not_hold_the_other() {
    steady_beside("skip", |camera, round| {
        camera.frame(round, [0; 3]).unwrap();
        std::thread::sleep(Duration::from_millis(30));
    });
}

#[test]
fn one_that_floods_does_not_hold_the_other() {
    for policy in ["skip", "drop", "block"] {
        steady_beside(policy, |camera, round| {
            for nth in 0..50 {
                camera.frame(50 * round + nth, [0; 3]).unwrap();
            }
        });
    }
}

#[test]
fn one_that_flushes_does_not_hold_the_other() {
    steady_beside("skip", |camera, round| {
        for nth in 0..3 {
            camera.frame(3 * round + nth, [0; 3]).unwrap();
        }
        assert!(camera.event(gst::event::FlushStart::new()));
        assert!(camera.event(gst::event::FlushStop::new(true)));
        assert!(camera.segment(0));
    });
}

#[test]
fn one_that_changes_its_size_does_not_hold_the_other() {
    steady_beside("skip", |camera, round| {
        let size = [(64, 48), (640, 360), (33, 17), (1280, 720)][round as usize % 4];
        assert!(camera.caps(size));
        for nth in 0..5 {
            camera.frame_of(size, 5 * round + nth, [9; 3]).unwrap();
        }
    });
}

#[test]
fn one_whose_downstream_blocks_does_not_hold_the_other_and_loses_nothing() {
    for order in ORDERS {
        let (camera, blocked) = (live("skip", order), live("block", order));
        let (open, gate) = mpsc::channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        blocked.downstream(move |_| {
            // Until the other end is dropped.
            let _ = gate.lock().unwrap().recv_timeout(Duration::from_secs(60));
            Ok(gst::FlowSuccess::Ok)
        });
        std::thread::scope(|scope| {
            let pusher = scope.spawn(|| {
                for nth in 0..100 {
                    blocked.frame(nth, [9; 3]).unwrap();
                }
            });
            blocked.wait_for(1);
            steady(&camera, |given| given < 100);
            assert_eq!(blocked.frames().len(), 1);
            assert!(!pusher.is_finished(), "its line is not endless");
            drop(open);
            pusher.join().unwrap();
        });
        blocked.end();
        assert_eq!(blocked.frames().len(), 100);
        assert_eq!(blocked.counted("inferred"), 100);
    }
}

#[test]
fn cameras_that_come_and_go_in_a_playing_pipeline_do_not_hold_the_other() {
    let source =
        "videotestsrc is-live=true ! video/x-raw,format=RGB,width=64,height=48,framerate=100/1";
    let (pipeline, seen) = build(&format!(
        "{source} ! {} name=infer ! fakesink name=out sync=false",
        infer("block", "latency")
    ));
    pipeline.set_state(gst::State::Playing).unwrap();
    for round in 0..20 {
        let (came, frames) = mpsc::channel();
        let branch = format!(
            "{source} ! {} ! fakesink name=end sync=false async=false",
            infer("skip", "latency")
        );
        let branch = gst::parse::bin_from_description(&branch, false).unwrap();
        let pad = branch.by_name("end").unwrap().static_pad("sink").unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            let _ = came.send(());
            gst::PadProbeReturn::Ok
        });
        pipeline.add(&branch).unwrap();
        branch.sync_state_with_parent().unwrap();
        // Some are removed before anything has come.
        for _ in 0..round % 4 {
            frames.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        // Nor does the pipeline start it again.
        branch.set_locked_state(true);
        branch.set_state(gst::State::Null).unwrap();
        pipeline.remove(&branch).unwrap();
    }
    let infer = pipeline.by_name("infer").unwrap();
    let bus = pipeline.bus().unwrap();
    pipeline.send_event(gst::event::Eos::new());
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let message = bus.timed_pop_filtered(gst::ClockTime::from_seconds(60), &ends);
    assert_eq!(message.unwrap().type_(), gst::MessageType::Eos);
    let stats = infer.property::<gst::Structure>("stats");
    pipeline.set_state(gst::State::Null).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.iter().all(|f| f.inference == Some(Inference::Ran)));
    let frames = stats.get::<u64>("frames").unwrap();
    assert!(frames > 0 && seen.len() as u64 == frames);
    assert!(stats.get::<u64>("engine-images").unwrap() > frames);
}
