// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a frame says of motion and of whether inference is due.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use lynx_geometry::Rect;
use lynx_meta::{FrameClock, Motion, Schedule, Scheduler, frame};

const SIZE: (u32, u32) = (640, 480);

fn buffer() -> gst::Buffer {
    gst::init().unwrap();
    gst::Buffer::new()
}

#[test]
fn nobody_looked_and_nobody_decided() {
    let mut buffer = buffer();
    assert_eq!(frame::motion(&buffer, SIZE), None);
    assert_eq!(frame::due(&buffer), None);
    assert!(!frame::is_still(&buffer));
    frame::clear_due(buffer.make_mut());
    assert_eq!(buffer.iter_meta::<gst::Meta>().count(), 0, "none is added");
}

#[test]
fn motion_and_its_region_are_read_as_they_were_written() {
    let mut buffer = buffer();
    let buffer = buffer.make_mut();
    let mut motion = Motion {
        moving: true,
        region: Some(Rect::new(10.4, -3.0, 30.2, 500.0)),
    };
    frame::set_motion(buffer, SIZE, &motion);
    motion.region = Some(Rect::new(10.0, 0.0, 31.0, 480.0));
    assert_eq!(frame::motion(buffer, SIZE), Some(motion));
    assert!(!frame::is_still(buffer));
    frame::set_motion(buffer, SIZE, &Motion::default());
    assert_eq!(frame::motion(buffer, SIZE), Some(Motion::default()));
    assert!(frame::is_still(buffer));
}

#[test]
fn a_region_that_is_none_is_the_whole_frame() {
    for rect in [
        Rect::new(f32::NAN, 0.0, 10.0, 10.0),
        Rect::new(0.0, 0.0, 0.0, 10.0),
        Rect::new(640.0, 0.0, 10.0, 10.0),
        Rect::new(0.0, 0.0, f32::INFINITY, 10.0),
    ] {
        let mut buffer = buffer();
        let buffer = buffer.make_mut();
        let motion = Motion {
            moving: true,
            region: Some(rect),
        };
        frame::set_motion(buffer, SIZE, &motion);
        let whole = Motion {
            region: None,
            ..motion
        };
        assert_eq!(frame::motion(buffer, SIZE), Some(whole), "{rect:?}");
    }
}

#[test]
fn the_region_of_a_picture_of_another_size_is_left_out() {
    let mut buffer = buffer();
    let buffer = buffer.make_mut();
    let motion = Motion {
        moving: true,
        region: Some(Rect::new(10.0, 20.0, 30.0, 40.0)),
    };
    frame::set_motion(buffer, SIZE, &motion);
    let whole = Motion {
        region: None,
        ..motion
    };
    assert_eq!(frame::motion(buffer, (320, 240)), Some(whole));
}

#[test]
fn what_was_decided_upstream_holds_and_is_for_one_element() {
    let mut buffer = buffer();
    let buffer = buffer.make_mut();
    let mut scheduler = Scheduler::default();
    scheduler.set(Schedule {
        interval: 2,
        ..Schedule::default()
    });
    let mut decide =
        |buffer: &gst::BufferRef| frame::decide(buffer, &mut scheduler, Duration::ZERO);
    assert!(decide(buffer));
    assert!(!decide(buffer), "every second");
    frame::set_due(buffer, true);
    assert_eq!(frame::due(buffer), Some(true));
    assert!(decide(buffer), "decided upstream");
    frame::set_due(buffer, false);
    assert!(!decide(buffer));
    frame::clear_due(buffer);
    assert_eq!(frame::due(buffer), None);
    assert!(decide(buffer), "the second that it was asked about");
    frame::set_motion(buffer, SIZE, &Motion::default());
    assert!(!decide(buffer));
    assert!(!decide(buffer), "never on a still frame");
}

#[test]
fn frames_without_a_timestamp_are_a_frames_duration_apart() {
    let mut clock = FrameClock::default();
    let mut buffer = buffer();
    let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::Nv12, 64, 64)
        .fps(gst::Fraction::new(25, 1))
        .build()
        .unwrap();
    let milliseconds = |time: Duration| time.as_millis();
    assert_eq!(milliseconds(clock.time(&buffer, Some(&info))), 40);
    assert_eq!(milliseconds(clock.time(&buffer, None)), 73);
    buffer.make_mut().set_pts(gst::ClockTime::from_seconds(5));
    assert_eq!(milliseconds(clock.time(&buffer, Some(&info))), 5000);
    buffer.make_mut().set_pts(None);
    assert_eq!(milliseconds(clock.time(&buffer, Some(&info))), 5040);
    let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::Nv12, 64, 64);
    let unknown = info.fps(gst::Fraction::new(0, 1)).build().unwrap();
    assert_eq!(milliseconds(clock.time(&buffer, Some(&unknown))), 5073);
}
