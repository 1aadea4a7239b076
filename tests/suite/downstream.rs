// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `lynxinfer` does when downstream takes no more: as `queue` does, since both have a thread
//! between the two pads.

use gst::prelude::*;
use lynx_tests::places::tiny;
use lynx_tests::rig::{Item, Rig};
use lynx_tests::run::run;

fn elements() -> [String; 2] {
    let model = tiny("slow");
    [
        format!("lynxinfer model={model} nireq=4 intra-op-threads=1"),
        "queue".into(),
    ]
}

/// Pushes until the answer is no longer yes.
fn refused(rig: &Rig) -> gst::FlowError {
    let mut frames = 0..100_000;
    let flow = frames.find_map(|nth| rig.frame(nth, [0; 3]).err());
    flow.expect("it refuses some frame")
}

#[test]
fn who_pushes_is_told_what_downstream_said_and_the_bus_at_the_end() {
    use gst::FlowError::{Eos, Error, NotLinked, NotNegotiated};
    for launch in elements() {
        for (flow, errors) in [(Eos, 0), (Error, 1), (NotLinked, 1), (NotNegotiated, 1)] {
            let rig = Rig::new(&launch);
            rig.downstream(move |_| Err(flow));
            assert_eq!(refused(&rig), flow, "{launch}");
            let before = rig.messages(gst::MessageType::Error).len();
            assert_eq!(before, 0, "{launch}: who pushes reports {flow:?}");
            rig.event(gst::event::Eos::new());
            let eos = Item::Event("eos".into());
            rig.wait("the end", |items| items.contains(&eos) || errors > 0);
            let after = rig.messages(gst::MessageType::Error).len();
            assert_eq!(after, errors, "{launch}: {flow:?}");
        }
    }
}

#[test]
fn after_a_link_that_was_missing_frames_flow_again() {
    for launch in elements() {
        let rig = Rig::new(&launch);
        let src = rig.element.static_pad("src").unwrap();
        rig.frame(0, [0; 3]).unwrap();
        rig.wait_for(1);
        src.unlink(&rig.sink).unwrap();
        assert_eq!(refused(&rig), gst::FlowError::NotLinked, "{launch}");
        src.link(&rig.sink).unwrap();
        rig.frame(1_000_000, [0; 3]).unwrap();
        // After those that still waited in a queue.
        let is_last = |item: &Item| matches!(item, Item::Frame(out) if out.time == 1_000_000);
        rig.wait("the last frame", |items| items.last().is_some_and(is_last));
    }
}

#[test]
fn an_end_that_downstream_wants_ends_the_pipeline() {
    for launch in elements() {
        let outcome = run(&format!(
            "videotestsrc ! video/x-raw,format=RGB,width=32,height=32 ! {launch} \
             ! fakesink name=out num-buffers=10"
        ));
        assert_eq!(outcome.errors, [""; 0], "{launch}");
        assert!(outcome.frames.len() >= 10, "{launch}");
    }
}

#[test]
fn an_error_downstream_is_reported_once_by_the_source() {
    for launch in elements() {
        let outcome = run(&format!(
            "videotestsrc ! video/x-raw,format=RGB,width=32,height=32 ! {launch} \
             ! identity error-after=5 ! fakesink name=out"
        ));
        assert!(!outcome.errors.is_empty(), "{launch}");
        assert!(outcome.frames.len() < 5, "{launch}");
    }
}
