// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the objects of a frame are all that was detected there. Nothing else needs to know, but
//! who hides people must not take it for certain that who is not on the frame is not in it.

use lynx_geometry::Rect;
use lynx_tensor::Word;

use crate::names::{FRAME_META, frame as names};
use crate::{Inference, custom, objects};

/// Notes how many objects are on a frame of `size` (width, height) pixels as it leaves.
pub fn close(buffer: &mut gst::BufferRef, size: (u32, u32)) {
    let count = objects::iter(buffer, size).count() as u32;
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(names::OBJECTS, count);
    });
}

/// Notes what became of a detector that looks at another one's objects, where it did not run.
pub fn set_second(buffer: &mut gst::BufferRef, inference: Inference) {
    if inference != Inference::Ran {
        custom::write(buffer, FRAME_META, |structure| {
            structure.set(names::SECOND, inference.word());
        });
    }
}

/// Notes objects that were detected on a frame of `size` (width, height) pixels and are not on it
/// any more, besides those that were noted before: places, upright, in pixels and classes' names.
pub fn add_taken_off<'a>(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    objects: impl Iterator<Item = (Rect, &'a str)>,
) {
    let (mut places, mut labels) = (Vec::<f32>::new(), Vec::<String>::new());
    let mut add = |rect: Rect, label: &str| {
        places.extend([rect.x, rect.y, rect.w, rect.h]);
        labels.push(label.to_owned());
    };
    if each_taken_off(buffer, size, &mut add) {
        objects.for_each(|(rect, label)| add(rect, label));
    } else {
        // What was noted of another size cannot be told: none of it can.
        places.clear();
        labels.push(String::new());
    }
    if labels.is_empty() {
        return;
    }
    custom::write(buffer, FRAME_META, |structure| {
        structure.set(names::TAKEN_OFF, gst::Array::new(labels));
        structure.set(names::TAKEN_OFF_PLACES, gst::Array::new(places));
        structure.set(names::TAKEN_OFF_WIDTH, size.0);
        structure.set(names::TAKEN_OFF_HEIGHT, size.1);
    });
}

/// Hands on the objects that were taken off a frame of `size` pixels, as [`add_taken_off`]; false
/// when they cannot be told because it had another size then.
pub fn each_taken_off(
    buffer: &gst::BufferRef,
    size: (u32, u32),
    mut each: impl FnMut(Rect, &str),
) -> bool {
    let Some(structure) = custom::read(buffer, FRAME_META) else {
        return true;
    };
    if !structure.has_field(names::TAKEN_OFF) {
        return true;
    }
    let array = |field| structure.get::<gst::ArrayRef<'_>>(field);
    let side = |field| structure.get::<u32>(field).unwrap_or_default();
    let same = (side(names::TAKEN_OFF_WIDTH), side(names::TAKEN_OFF_HEIGHT)) == size;
    let (Ok(labels), Ok(places)) = (array(names::TAKEN_OFF), array(names::TAKEN_OFF_PLACES)) else {
        return false;
    };
    let (labels, places) = (labels.as_slice(), places.as_slice());
    if !same || places.len() != 4 * labels.len() {
        return false;
    }
    for (label, place) in labels.iter().zip(places.chunks(4)) {
        let number = |index: usize| place[index].get::<f32>().unwrap_or(f32::NAN);
        let rect = Rect::new(number(0), number(1), number(2), number(3));
        each(rect, label.get::<&str>().unwrap_or_default());
    }
    true
}

/// Whether all objects that were on the frame when it left its detectors and trackers are still
/// there, and all of these have run. True also where nobody says so.
pub fn is_complete(buffer: &gst::BufferRef, size: (u32, u32)) -> bool {
    let Some(structure) = custom::read(buffer, FRAME_META) else {
        return true;
    };
    let noted = structure.get::<u32>(names::OBJECTS).unwrap_or_default();
    !structure.has_field(names::SECOND) && objects::iter(buffer, size).count() >= noted as usize
}
