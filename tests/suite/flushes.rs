// SPDX-License-Identifier: MIT OR Apache-2.0
//! What becomes of frames that are in the engine when the stream flushes, stops, ends or breaks.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst::prelude::*;
use lynx_tests::places::{clip, tiny};
use lynx_tests::rig::{Item, Rig};
use lynx_tests::run::{build, play_to_end};

/// So many runs at the same time. `slow` takes about 1 ms for a step of blue.
fn four() -> String {
    let model = tiny("slow");
    format!("lynxinfer model={model} nireq=4 intra-op-threads=1")
}

fn flush(rig: &Rig) {
    assert!(rig.event(gst::event::FlushStart::new()));
    assert!(rig.event(gst::event::FlushStop::new(true)));
}

#[test]
fn no_frame_from_before_a_flush_comes_after_it() {
    let rig = Rig::new(&four());
    for round in 0..50 {
        let before = rig.frames().len();
        for nth in 0..5 {
            rig.frame(100 * round + nth, [0, 0, 4 * (nth % 3) as u8])
                .unwrap();
        }
        // At different places of the frames' way.
        rig.wait_for(before + round as usize % 5);
        flush(&rig);
        assert!(rig.segment(0));
    }
    rig.end();
    let mut round = 0;
    for item in rig.items() {
        match item {
            Item::Frame(frame) => assert_eq!(frame.time / 100, round),
            Item::Event(words) if words == "flush-stop" => round += 1,
            _ => {}
        }
    }
    assert_eq!(round, 50);
    assert_eq!(rig.messages(gst::MessageType::Error).len(), 0);
}

#[test]
fn a_flush_ends_the_waiting_of_who_pushes_and_of_who_downstream_blocks() {
    let rig = Rig::new(&four());
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    rig.downstream(move |_| {
        // As a sink that waits for its clock: until the flush.
        let _ = held.lock().unwrap().recv_timeout(Duration::from_secs(60));
        Err(gst::FlowError::Flushing)
    });
    std::thread::scope(|scope| {
        let pusher = scope.spawn(|| (0..).find_map(|nth| rig.frame(nth, [0, 0, 0]).err()));
        rig.wait_for(1);
        // Its line is full soon, whether or not it is yet.
        std::thread::sleep(Duration::from_millis(20));
        rig.sink
            .add_probe(gst::PadProbeType::EVENT_FLUSH, move |_, _| {
                let _ = release.send(());
                gst::PadProbeReturn::Ok
            });
        assert!(rig.event(gst::event::FlushStart::new()));
        assert_eq!(pusher.join().unwrap(), Some(gst::FlowError::Flushing));
        assert!(rig.event(gst::event::FlushStop::new(true)));
    });
    rig.downstream(|_| Ok(gst::FlowSuccess::Ok));
    assert!(rig.segment(0));
    rig.frame(1_000_000, [0, 0, 0]).unwrap();
    rig.end();
    assert_eq!(rig.frames().last().unwrap().time, 1_000_000);
}

#[test]
fn twenty_seeks_in_a_film_each_begin_where_they_are_to() {
    let line = format!(
        "filesrc location={} ! avidemux ! avdec_msmpeg4 \
         ! lynxinfer model={} nireq=4 intra-op-threads=1 batch-size=4 batch-timeout=20 \
         ! fakesink name=out sync=false",
        clip(),
        tiny("bright-box")
    );
    let (pipeline, _) = build(&line);
    // Of each flush: the segment's start, and the time of each frame.
    let came = Arc::new(Mutex::new(vec![(None, Vec::new())]));
    let seen = Arc::clone(&came);
    let kinds = gst::PadProbeType::BUFFER
        | gst::PadProbeType::EVENT_DOWNSTREAM
        | gst::PadProbeType::EVENT_FLUSH;
    let pad = pipeline.by_name("out").unwrap().static_pad("sink").unwrap();
    pad.add_probe(kinds, move |_, info| {
        let mut seen = seen.lock().unwrap();
        if let Some(buffer) = info.buffer() {
            seen.last_mut().unwrap().1.push(buffer.pts().unwrap());
        } else if let Some(event) = info.event() {
            match event.view() {
                gst::EventView::FlushStop(_) => seen.push((None, Vec::new())),
                gst::EventView::Segment(segment) => {
                    let segment = segment.segment().downcast_ref::<gst::ClockTime>();
                    seen.last_mut().unwrap().0 = segment.unwrap().start();
                }
                _ => {}
            }
        }
        gst::PadProbeReturn::Ok
    });
    pipeline.set_state(gst::State::Playing).unwrap();
    pipeline.state(gst::ClockTime::from_seconds(60)).0.unwrap();
    let mut place = 7;
    for round in 0..20 {
        // Anywhere in the film's 79 seconds.
        place = (place * 31 + 17) % 79;
        if round % 3 > 0 {
            // Else into the seek before.
            pipeline.state(gst::ClockTime::from_seconds(60)).0.unwrap();
        }
        let to = gst::ClockTime::from_seconds(place);
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
        pipeline.seek_simple(flags, to).unwrap();
    }
    let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
    pipeline
        .seek_simple(flags, gst::ClockTime::from_seconds(70))
        .unwrap();
    play_to_end(&pipeline);
    pipeline.set_state(gst::State::Null).unwrap();
    let came = came.lock().unwrap();
    assert_eq!(came.len(), 22, "a flush a seek");
    for (start, times) in came.iter() {
        assert!(times.is_sorted(), "{times:?}");
        // A decoder gives frames from the key frame on; that of the seek before may be far away.
        if let (Some(start), Some(first)) = (start, times.first()) {
            assert!(
                first.absdiff(*start) < gst::ClockTime::from_seconds(13),
                "{first} {start}"
            );
        }
    }
    assert!(came[21].1.last() > Some(&gst::ClockTime::from_seconds(78)));
}

#[test]
fn fifty_starts_and_stops_while_frames_are_in_the_engine() {
    let rig = Rig::stopped(&four(), (false, 0, None));
    for round in 0..50 {
        rig.element.set_state(gst::State::Playing).unwrap();
        rig.src.set_active(true).unwrap();
        rig.begin();
        let before = rig.frames().len();
        std::thread::scope(|scope| {
            let pusher =
                scope.spawn(|| (0..).find_map(|nth| rig.frame(nth, [0, 0, (nth % 4) as u8]).err()));
            rig.wait_for(before + round % 4);
            rig.element.set_state(gst::State::Null).unwrap();
            assert_eq!(pusher.join().unwrap(), Some(gst::FlowError::Flushing));
        });
        rig.src.set_active(false).unwrap();
    }
    assert_eq!(rig.messages(gst::MessageType::Error).len(), 0);
}
