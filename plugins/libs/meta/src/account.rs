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
        structure.set(names::WIDTH, size.0);
        structure.set(names::HEIGHT, size.1);
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
        // Of what was noted before it cannot be told where it is.
        add(Rect::new(f32::NAN, 0.0, 0.0, 0.0), "");
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

/// Hands on the objects that were taken off a frame that by now has `size` pixels, as
/// [`add_taken_off`]; false when it cannot be told where they are.
pub fn each_taken_off(
    buffer: &gst::BufferRef,
    size: (u32, u32),
    mut each: impl FnMut(Rect, &str),
) -> bool {
    let structure = custom::read(buffer, FRAME_META);
    let Some(structure) = structure.filter(|s| s.has_field(names::TAKEN_OFF)) else {
        return true;
    };
    let array = |field| structure.get::<gst::ArrayRef<'_>>(field);
    let scaled = scaled(
        structure,
        [names::TAKEN_OFF_WIDTH, names::TAKEN_OFF_HEIGHT],
        size,
    );
    let arrays = (array(names::TAKEN_OFF), array(names::TAKEN_OFF_PLACES));
    let (Ok(labels), Ok(places), Some((x, y))) = (arrays.0, arrays.1, scaled) else {
        return false;
    };
    let (places, rest) = places.as_slice().as_chunks::<4>();
    if places.len() != labels.as_slice().len() || !rest.is_empty() {
        return false;
    }
    let mut all = true;
    for (label, place) in labels.as_slice().iter().zip(places) {
        let [left, top, w, h] = place.each_ref().map(|v| v.get::<f32>().unwrap_or(f32::NAN));
        let rect = Rect::new(left * x, top * y, w * x, h * y);
        all &= rect.is_valid();
        if rect.is_valid() {
            each(rect, label.get::<&str>().unwrap_or_default());
        }
    }
    all
}

/// Whether all objects are still there that were on the frame when it left its detectors and
/// trackers, in a picture of the same shape, and all of those have run. True also where nobody says
/// so.
pub fn is_complete(buffer: &gst::BufferRef, size: (u32, u32)) -> bool {
    let Some(structure) = custom::read(buffer, FRAME_META) else {
        return true;
    };
    let noted = structure.get::<u32>(names::OBJECTS);
    let all = |noted| {
        objects::iter(buffer, size).count() >= noted as usize
            && scaled(structure, [names::WIDTH, names::HEIGHT], size).is_some()
    };
    !structure.has_field(names::SECOND) && noted.map_or(true, all)
}

/// How many pixels of a frame that by now has `size` one is across and down of the frame that was
/// detected on; 1 and 1 where nobody says how large that was.
pub fn scale(buffer: &gst::BufferRef, size: (u32, u32)) -> (f32, f32) {
    let structure = custom::read(buffer, FRAME_META);
    let scaled = structure.and_then(|s| scaled(s, [names::WIDTH, names::HEIGHT], size));
    scaled.unwrap_or((1.0, 1.0))
}

/// How many pixels of a frame that by now has `size` one is across and down of the size in those
/// fields; `None` when that had another shape, and has perhaps been cut or got borders.
fn scaled(
    structure: &gst::StructureRef,
    fields: [&str; 2],
    size: (u32, u32),
) -> Option<(f32, f32)> {
    let [width, height] = fields.map(|field| structure.get::<u32>(field).unwrap_or_default());
    let (a, b) = (
        u64::from(width) * u64::from(size.1),
        u64::from(height) * u64::from(size.0),
    );
    // Scaled sides are rounded to whole pixels.
    let slack = u64::from(width.max(height).max(size.0).max(size.1));
    let fits = width > 0 && height > 0 && a.abs_diff(b) <= slack;
    fits.then(|| (size.0 as f32 / width as f32, size.1 as f32 / height as f32))
}
