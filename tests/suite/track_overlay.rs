// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxtrack` and `lynxoverlay` alone, fed by objects that somebody else wrote.

use gst_check::Harness;
use gst_video::VideoRegionOfInterestMeta;
use lynx_geometry::Rect;
use lynx_meta::{Forms, NewObject, objects};
use lynx_tests::run::init;

const SIZE: (u32, u32) = (320, 240);

/// A frame `number` of a 25 fps stream with people at these places.
fn frame(number: u64, bytes: usize, people: &[(Rect, f32)]) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_slice(vec![16u8; bytes]);
    let writable = buffer.make_mut();
    writable.set_pts(gst::ClockTime::from_mseconds(40 * number));
    for (rect, score) in people {
        let object = NewObject::new(*rect, "person", 0, *score);
        objects::add(writable, SIZE, &object, Forms::new(false));
    }
    buffer
}

fn ids(buffer: &gst::Buffer) -> Vec<Option<u64>> {
    objects::iter(buffer, SIZE)
        .map(|o| o.identity.map(|i| i.id))
        .collect()
}

fn harness(launch: &str, format: &str) -> Harness {
    init();
    let mut harness = Harness::new_parse(launch);
    harness.set_src_caps_str(&format!(
        "video/x-raw,format={format},width={},height={},framerate=25/1",
        SIZE.0, SIZE.1
    ));
    harness
}

#[test]
fn identities_follow_moving_people() {
    let mut h = harness("lynxtrack", "RGB");
    for n in 0..50 {
        let x = n as f32 * 2.0;
        let people = [
            (Rect::new(x, 40.0, 30.0, 80.0), 0.9),
            (Rect::new(250.0 - x, 150.0, 30.0, 80.0), 0.8),
        ];
        let out = h.push_and_pull(frame(n, 320 * 240 * 3, &people)).unwrap();
        if n > 1 {
            assert_eq!(ids(&out), [Some(1), Some(2)], "frame {n}");
        }
    }
}

#[test]
fn weak_detections_start_no_track_and_are_taken_off_unless_asked_for() {
    let weak = [(Rect::new(10.0, 10.0, 30.0, 60.0), 0.3)];
    let mut h = harness("lynxtrack", "RGB");
    let out = h.push_and_pull(frame(0, 320 * 240 * 3, &weak)).unwrap();
    assert_eq!(ids(&out), []);
    let mut h = harness("lynxtrack keep-untracked=true", "RGB");
    let out = h.push_and_pull(frame(0, 320 * 240 * 3, &weak)).unwrap();
    assert_eq!(ids(&out), [None]);
}

#[test]
fn regions_of_another_vendor_are_tracked() {
    let mut h = harness("lynxtrack", "RGB");
    for n in 0..3 {
        let mut buffer = frame(n, 320 * 240 * 3, &[]);
        VideoRegionOfInterestMeta::add(buffer.make_mut(), "face", (50, 60, 70, 80));
        let out = h.push_and_pull(buffer).unwrap();
        let found: Vec<_> = objects::iter(&out, SIZE).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].label, "face");
        assert_eq!(found[0].rect, Rect::new(50.0, 60.0, 70.0, 80.0));
        assert!(found[0].identity.is_some());
    }
}

#[test]
fn the_overlay_changes_pixels_only_where_objects_are() {
    for (format, bytes) in [
        ("NV12", 320 * 240 * 3 / 2),
        ("I420", 320 * 240 * 3 / 2),
        ("RGB", 320 * 240 * 3),
        ("BGRx", 320 * 240 * 4),
    ] {
        let mut h = harness("lynxoverlay", format);
        let out = h.push_and_pull(frame(0, bytes, &[])).unwrap();
        assert!(
            out.map_readable().unwrap().iter().all(|b| *b == 16),
            "{format}: an empty frame stays"
        );
        let people = [(Rect::new(100.0, 100.0, 60.0, 60.0), 0.9)];
        let out = h.push_and_pull(frame(1, bytes, &people)).unwrap();
        let map = out.map_readable().unwrap();
        let first_row = if bytes == 320 * 240 * 3 / 2 {
            320
        } else {
            bytes / 240
        };
        let changed = map.iter().filter(|b| **b != 16).count();
        assert!(changed > 200, "{format}: {changed} bytes changed");
        assert!(
            map[..first_row * 60].iter().all(|b| *b == 16),
            "{format}: nothing above the label"
        );
    }
}

#[test]
fn a_region_without_a_type_is_no_crash() {
    for element in ["lynxtrack", "lynxoverlay", "lynxpublish location=/dev/null"] {
        let mut h = harness(element, "RGB");
        let mut buffer = frame(0, 320 * 240 * 3, &[]);
        // SAFETY: the buffer is writable and the function takes any quark, 0 too.
        unsafe {
            gst_video::ffi::gst_buffer_add_video_region_of_interest_meta_id(
                buffer.make_mut().as_mut_ptr(),
                0,
                5,
                5,
                50,
                50,
            );
        }
        let out = h.push_and_pull(buffer).unwrap();
        let labels: Vec<_> = objects::iter(&out, SIZE).map(|o| o.label).collect();
        assert_eq!(labels, [""], "{element}");
    }
}

#[test]
fn regions_of_two_detectors_keep_their_names() {
    let mut h = harness("lynxtrack", "RGB");
    for n in 0..3 {
        let mut buffer = frame(n, 320 * 240 * 3, &[]);
        VideoRegionOfInterestMeta::add(buffer.make_mut(), "face", (50, 60, 70, 80));
        VideoRegionOfInterestMeta::add(buffer.make_mut(), "plate", (200, 100, 40, 20));
        let out = h.push_and_pull(buffer).unwrap();
        let labels: Vec<_> = objects::iter(&out, SIZE).map(|o| o.label).collect();
        assert_eq!(labels, ["face", "plate"]);
    }
}

#[test]
fn a_long_memory_is_allowed() {
    let mut h = harness("lynxtrack max-age=600000", "RGB");
    let people = [(Rect::new(10.0, 10.0, 30.0, 60.0), 0.9)];
    let out = h.push_and_pull(frame(0, 320 * 240 * 3, &people)).unwrap();
    assert_eq!(ids(&out), [Some(1)]);
    // A minute later, in the same place.
    let out = h
        .push_and_pull(frame(1500, 320 * 240 * 3, &people))
        .unwrap();
    assert_eq!(ids(&out), [Some(1)]);
}

/// Objects are in pixels of the picture, which a decoder's crop puts elsewhere in memory.
#[test]
fn the_overlay_draws_in_a_decoders_crop() {
    use gst_video::{VideoCropMeta, VideoFormat, VideoFrameFlags, VideoMeta};
    let stride = 400 * 3;
    let mut h = harness("lynxoverlay draw-labels=false thickness=2", "RGB");
    let mut buffer = frame(
        0,
        stride * 300,
        &[(Rect::new(100.0, 100.0, 60.0, 60.0), 0.9)],
    );
    let writable = buffer.make_mut();
    let (format, flags) = (VideoFormat::Rgb, VideoFrameFlags::empty());
    VideoMeta::add_full(writable, flags, format, 400, 300, &[0], &[stride as i32]).unwrap();
    VideoCropMeta::add(writable, (40, 20, SIZE.0, SIZE.1));
    let out = h.push_and_pull(buffer).unwrap();
    let map = out.map_readable().unwrap();
    let drawn = |x: usize, y: usize| map[y * stride + x * 3..][..3] != [16; 3];
    assert!(drawn(140, 120) && drawn(199, 179), "the corners of the box");
    assert!(
        !drawn(138, 120) && !drawn(140, 118) && !drawn(100, 100),
        "nothing beside it"
    );
}
