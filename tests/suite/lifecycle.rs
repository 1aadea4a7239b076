// SPDX-License-Identifier: MIT OR Apache-2.0
//! States, seeks, flushes, sizes and caps that change: nothing panics, leaks or hangs.

use gst::prelude::*;
use lynx_tests::places::{clip, tiny};
use lynx_tests::run::{build, play_to_end, run};

fn chain(model: &str) -> String {
    format!(
        "lynxmotiongate ! lynxpreprocess ! lynxinfer model={} threshold=0.1 ! lynxtrack ! lynxoverlay ! lynxpublish location=/dev/null",
        tiny(model)
    )
}

#[test]
fn a_hundred_starts_and_stops() {
    let line = format!(
        "videotestsrc ! video/x-raw,format=NV12,width=64,height=48 ! {} ! fakesink name=out",
        chain("yolov8-fixed")
    );
    let (pipeline, _) = build(&line);
    for round in 0..100 {
        pipeline.set_state(gst::State::Playing).unwrap();
        // Every fourth round waits for the first frame, the others stop while starting.
        if round % 4 == 0 {
            let (result, ..) = pipeline.state(gst::ClockTime::from_seconds(30));
            result.unwrap();
        }
        pipeline.set_state(gst::State::Null).unwrap();
    }
    let bus = pipeline.bus().unwrap();
    assert!(bus.pop_filtered(&[gst::MessageType::Error]).is_none());
}

#[test]
fn tiny_and_odd_sizes_in_every_format() {
    for format in ["NV12", "I420", "RGB", "BGR", "RGBx", "BGRx", "RGBA", "BGRA"] {
        for (width, height) in [(1, 1), (3, 5), (33, 31), (1, 300), (641, 3)] {
            let line = format!(
                "videotestsrc num-buffers=2 ! video/x-raw,format={format},width={width},height={height} \
                 ! {} ! fakesink name=out",
                chain("yolov8-fixed")
            );
            let outcome = run(&line);
            assert_eq!(outcome.errors, [""; 0], "{format} {width}x{height}");
            assert_eq!(outcome.frames.len(), 2, "{format} {width}x{height}");
        }
    }
}

#[test]
fn caps_and_size_may_change_in_mid_stream() {
    // `videotestsrc` renegotiates when the filter behind it changes.
    let line = format!(
        "videotestsrc num-buffers=200 is-live=false ! capsfilter name=filter \
         caps=video/x-raw,format=I420,width=64,height=48 ! {} ! fakesink name=out",
        chain("yolov8-fixed")
    );
    let (pipeline, seen) = build(&line);
    let filter = pipeline.by_name("filter").unwrap();
    let pad = filter.static_pad("src").unwrap();
    let changes = [
        "RGB,width=33,height=77",
        "NV12,width=320,height=200",
        "BGRx,width=64,height=48",
    ];
    let count = std::sync::atomic::AtomicUsize::new(0);
    let weak = filter.downgrade();
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if let (0, Some(change), Some(filter)) = (n % 50, changes.get(n / 50), weak.upgrade()) {
            let caps: gst::Caps = format!("video/x-raw,format={change}").parse().unwrap();
            filter.set_property("caps", caps);
        }
        gst::PadProbeReturn::Ok
    });
    play_to_end(&pipeline);
    pipeline.set_state(gst::State::Null).unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 200);
    let mut sizes: Vec<_> = seen.iter().map(|s| s.size).collect();
    sizes.dedup();
    assert!(
        sizes.contains(&(33, 77)) && sizes.contains(&(320, 200)),
        "{sizes:?}"
    );
    assert!(seen.iter().all(|s| s.inference.is_some()));
}

#[test]
fn flushing_seeks_in_paused_and_playing_begin_anew() {
    let line = format!(
        "filesrc location={} ! avidemux ! avdec_msmpeg4 ! {} ! fakesink name=out sync=false",
        clip(),
        chain("yolov8-fixed")
    );
    let (pipeline, seen) = build(&line);
    pipeline.set_state(gst::State::Paused).unwrap();
    pipeline.state(gst::ClockTime::from_seconds(30)).0.unwrap();
    for seconds in [5, 20, 0, 60] {
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
        pipeline
            .seek_simple(flags, gst::ClockTime::from_seconds(seconds))
            .unwrap();
        pipeline.state(gst::ClockTime::from_seconds(30)).0.unwrap();
    }
    pipeline.set_state(gst::State::Playing).unwrap();
    let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
    pipeline
        .seek_simple(flags, gst::ClockTime::from_seconds(70))
        .unwrap();
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let bus = pipeline.bus().unwrap();
    let message = bus
        .timed_pop_filtered(gst::ClockTime::from_seconds(60), &ends)
        .unwrap();
    assert_eq!(message.type_(), gst::MessageType::Eos, "{message:?}");
    pipeline.set_state(gst::State::Null).unwrap();
    let last = seen.lock().unwrap().last().cloned().unwrap();
    assert!(
        last.pts > gst::ClockTime::from_seconds(75).into(),
        "{last:?}"
    );
}

/// In READY an application sends EOS; in PAUSED and PLAYING it comes from a source without frames,
/// because sending it there waits for the source's thread, which the sink holds while it prerolls.
#[test]
fn eos_before_the_first_frame_is_no_error() {
    for state in [gst::State::Ready, gst::State::Paused, gst::State::Playing] {
        let line = format!(
            "videotestsrc num-buffers=0 ! video/x-raw,format=NV12 ! {} ! fakesink name=out",
            chain("yolov8-fixed")
        );
        let (pipeline, _) = build(&line);
        let bus = pipeline.bus().unwrap();
        pipeline.set_state(state).unwrap();
        match state {
            gst::State::Ready => assert!(pipeline.send_event(gst::event::Eos::new())),
            gst::State::Paused => {
                let (result, ..) = pipeline.state(gst::ClockTime::from_seconds(30));
                assert!(result.is_ok());
            }
            _ => drop(play_to_end(&pipeline)),
        }
        assert!(bus.pop_filtered(&[gst::MessageType::Error]).is_none());
        pipeline.set_state(gst::State::Null).unwrap();
    }
}

#[test]
fn a_truncated_video_goes_as_far_as_it_can() {
    let whole = std::fs::read(clip()).unwrap();
    let path = std::env::temp_dir().join(format!("lynx-truncated-{}.avi", std::process::id()));
    std::fs::write(&path, &whole[..whole.len() / 8]).unwrap();
    let line = format!(
        "filesrc location={} ! decodebin ! videoconvert ! {} ! fakesink name=out",
        path.display(),
        chain("yolov8-fixed")
    );
    let outcome = run(&line);
    std::fs::remove_file(&path).unwrap();
    assert!(
        outcome.frames.len() > 50,
        "{} frames, {:?}",
        outcome.frames.len(),
        outcome.errors
    );
    assert!(outcome.frames.len() < 795);
}
