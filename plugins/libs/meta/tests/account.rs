// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a frame says of objects that are not on it.
#![allow(clippy::unwrap_used)]

use lynx_geometry::Rect;
use lynx_meta::{Fate, Forms, Inference, NewObject, account, objects};

const SIZE: (u32, u32) = (640, 480);
const AT: Rect = Rect::new(10.5, 20.0, 30.0, 60.0);

fn buffer(count: usize) -> gst::Buffer {
    gst::init().unwrap();
    let mut buffer = gst::Buffer::new();
    for _ in 0..count {
        let object = NewObject::new(AT, "person", 0, 0.9);
        objects::add(buffer.make_mut(), SIZE, &object, Forms::new(false));
    }
    buffer
}

fn taken_off(buffer: &gst::BufferRef, size: (u32, u32)) -> Option<Vec<(Rect, String)>> {
    let mut all = Vec::new();
    account::each_taken_off(buffer, size, |rect, label| {
        all.push((rect, label.to_owned()))
    })
    .then_some(all)
}

#[test]
fn a_frame_of_which_nobody_says_anything_lacks_nothing() {
    let buffer = buffer(0);
    assert_eq!(taken_off(&buffer, SIZE), Some(vec![]));
    assert!(account::is_complete(&buffer, SIZE));
}

#[test]
fn objects_that_are_lost_on_the_way_are_missed() {
    let mut buffer = buffer(2);
    let buffer = buffer.make_mut();
    account::close(buffer, SIZE);
    assert!(account::is_complete(buffer, SIZE));
    let object = NewObject::new(Rect::new(200.0, 9.0, 9.0, 9.0), "car", 1, 0.9);
    objects::add(buffer, SIZE, &object, Forms::new(false));
    assert!(
        account::is_complete(buffer, SIZE),
        "more are none the worse"
    );
    account::close(buffer, SIZE);
    objects::assign(buffer, |index| [Fate::Keep, Fate::Remove][index % 2]);
    assert!(!account::is_complete(buffer, SIZE));
    account::close(buffer, SIZE);
    assert!(account::is_complete(buffer, SIZE));
}

#[test]
fn a_second_detector_that_did_not_run_is_missed() {
    let mut buffer = buffer(0);
    account::set_second(buffer.make_mut(), Inference::Ran);
    assert!(account::is_complete(&buffer, SIZE));
    account::set_second(buffer.make_mut(), Inference::Late);
    account::set_second(buffer.make_mut(), Inference::Ran);
    assert!(!account::is_complete(&buffer, SIZE));
}

#[test]
fn what_is_taken_off_is_told_with_its_place() {
    let mut buffer = buffer(0);
    let buffer = buffer.make_mut();
    account::add_taken_off(buffer, SIZE, std::iter::empty());
    assert_eq!(buffer.iter_meta::<gst::Meta>().count(), 0, "none is added");
    let far = Rect::new(-9.0, 300.0, 20.0, 20.0);
    account::add_taken_off(buffer, SIZE, [(AT, "person")].into_iter());
    account::add_taken_off(buffer, SIZE, [(far, "café"), (AT, "")].into_iter());
    let expected = [(AT, "person"), (far, "café"), (AT, "")];
    let expected = expected.map(|(rect, label)| (rect, label.to_owned()));
    assert_eq!(taken_off(buffer, SIZE), Some(expected.to_vec()));
}

#[test]
fn in_a_smaller_picture_it_is_smaller() {
    let mut buffer = buffer(0);
    account::add_taken_off(buffer.make_mut(), SIZE, [(AT, "person")].into_iter());
    let half = Rect::new(5.25, 10.0, 15.0, 30.0);
    let expected = vec![(half, "person".to_owned())];
    assert_eq!(taken_off(&buffer, (320, 240)), Some(expected));
}

#[test]
fn in_a_picture_of_another_shape_nothing_can_be_told() {
    let mut buffer = buffer(1);
    let buffer = buffer.make_mut();
    account::add_taken_off(buffer, SIZE, [(AT, "person")].into_iter());
    account::close(buffer, SIZE);
    for (size, fits) in [
        ((320, 240), true),
        ((427, 320), true),
        ((640, 360), false),
        ((480, 640), false),
    ] {
        assert_eq!(taken_off(buffer, size).is_some(), fits, "{size:?}");
        assert_eq!(account::is_complete(buffer, size), fits, "{size:?}");
    }
    // Nor can what is added then, of which the first part is unknown.
    account::add_taken_off(buffer, (640, 360), [(AT, "person")].into_iter());
    assert_eq!(taken_off(buffer, (640, 360)), None);
}
