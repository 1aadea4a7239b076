// SPDX-License-Identifier: MIT OR Apache-2.0
//! Objects as `GstVideoRegionOfInterestMeta` with `detection` and `object_id` params, the form
//! that DL Streamer's elements read and write (its "metadata" guide).

use std::ops::ControlFlow;

use gst::buffer::BufferMetaForeachAction::{Keep, Remove};
use gst::glib::translate::{FromGlib, IntoGlib};
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;

use crate::names::roi as names;
use crate::objects::{Fate, Identity, Object};

pub(crate) fn iter(buffer: &gst::BufferRef, size: (u32, u32)) -> impl Iterator<Item = Object> + '_ {
    buffer
        .iter_meta::<RoiMeta>()
        .map(move |meta| read(&meta, size))
}

fn read(meta: &RoiMeta, size: (u32, u32)) -> Object {
    let detection = meta.param(names::DETECTION);
    let identity = meta.param(names::OBJECT_ID).and_then(|s| {
        let id = s.get::<i32>(names::ID).ok()?;
        Some(Identity {
            id: u64::try_from(id).ok()?,
            coasted: s.get(names::COASTED).unwrap_or(false),
        })
    });
    let number = |name: &str| detection.and_then(|s| s.get::<f64>(name).ok());
    let class = detection.and_then(|s| s.get::<i32>(names::LABEL_ID).ok());
    Object {
        rect: exact_rect(meta, number, size),
        label: label(meta),
        class: class.and_then(|c| u32::try_from(c).ok()).unwrap_or(0),
        score: number(names::CONFIDENCE).unwrap_or(1.0) as f32,
        identity,
    }
}

/// The class's name; empty for a region without a type, which C code may add and for which
/// `roi_type` has no answer.
fn label(meta: &RoiMeta) -> &'static str {
    let meta: *const RoiMeta = meta;
    // SAFETY: `RoiMeta` is a transparent wrapper of the C struct; the field is a plain quark.
    let quark = unsafe { (*meta.cast::<gst_video::ffi::GstVideoRegionOfInterestMeta>()).roi_type };
    if quark == 0 {
        return "";
    }
    // SAFETY: a quark that is not 0 is one that GLib gave out.
    unsafe { gst::glib::Quark::from_glib(quark) }.as_str()
}

/// The meta's rectangle is whole pixels; the `detection` param holds the same box as fractions
/// of the frame. The fractions are taken only while they still say the same: an element that
/// cropped the frame moved the one and not the other.
fn exact_rect(meta: &RoiMeta, number: impl Fn(&str) -> Option<f64>, size: (u32, u32)) -> Rect {
    let (x, y, w, h) = meta.rect();
    let whole = Rect::new(x as f32, y as f32, w as f32, h as f32);
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let corners = (
        number(names::X_MIN),
        number(names::Y_MIN),
        number(names::X_MAX),
        number(names::Y_MAX),
    );
    let (Some(x0), Some(y0), Some(x1), Some(y1)) = corners else {
        return whole;
    };
    let exact = Rect::from_corners(
        (x0 * width) as f32,
        (y0 * height) as f32,
        (x1 * width) as f32,
        (y1 * height) as f32,
    );
    let near = |a: f32, b: f32| (a - b).abs() <= 1.5;
    let same = near(exact.x, whole.x)
        && near(exact.y, whole.y)
        && near(exact.right(), whole.right())
        && near(exact.bottom(), whole.bottom());
    if same { exact } else { whole }
}

pub(crate) fn add(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    rect: Rect,
    label: &str,
    class: u32,
    score: f32,
    identity: Option<Identity>,
) {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let detection = gst::Structure::builder(names::DETECTION)
        .field(names::CONFIDENCE, f64::from(score))
        .field(names::LABEL_ID, i32::try_from(class).unwrap_or(i32::MAX))
        .field(names::X_MIN, f64::from(rect.x) / width)
        .field(names::X_MAX, f64::from(rect.right()) / width)
        .field(names::Y_MIN, f64::from(rect.y) / height)
        .field(names::Y_MAX, f64::from(rect.bottom()) / height)
        .build();
    // At least a pixel, and inside the frame: some readers crop to it.
    let x0 = (rect.x.round() as u32).min(size.0.saturating_sub(1));
    let y0 = (rect.y.round() as u32).min(size.1.saturating_sub(1));
    let x1 = (rect.right().round() as u32).max(x0 + 1);
    let y1 = (rect.bottom().round() as u32).max(y0 + 1);
    let whole = (x0, y0, x1 - x0, y1 - y0);
    let mut meta = RoiMeta::add(buffer, label, whole);
    meta.add_param(detection);
    if let Some(identity) = identity {
        meta.add_param(object_id(identity));
    }
}

fn object_id(identity: Identity) -> gst::Structure {
    gst::Structure::builder(names::OBJECT_ID)
        .field(names::ID, (identity.id & 0x7fff_ffff) as i32)
        .field(names::COASTED, identity.coasted)
        .build()
}

pub(crate) fn assign(buffer: &mut gst::BufferRef, mut decide: impl FnMut(usize) -> Fate) {
    let mut index = 0;
    buffer.foreach_meta_mut(|mut meta| {
        let Some(roi) = meta.downcast_mut::<RoiMeta>() else {
            return ControlFlow::Continue(Keep);
        };
        let fate = decide(index);
        index += 1;
        if let Fate::Identify {
            identity,
            class,
            label,
        } = fate
        {
            set_param(roi, object_id(identity));
            if self::label(roi) != label {
                relabel(roi, class, label);
            }
        }
        ControlFlow::Continue(if fate == Fate::Remove { Remove } else { Keep })
    });
}

/// Sets a param; of one that is there already (a tracker upstream) the fields are overwritten.
fn set_param(roi: &mut RoiMeta, fresh: gst::Structure) {
    let existing = roi.param(fresh.name()).map(|s| s.as_ptr().cast_mut());
    match existing {
        None => roi.add_param(fresh),
        Some(structure) => {
            // SAFETY: the structure belongs to `roi`, which is borrowed mutably, and no other
            // reference to it is alive; only its fields change.
            let structure = unsafe { gst::StructureRef::from_glib_borrow_mut(structure) };
            for (field, value) in fresh.iter() {
                structure.set_value(field, value.clone());
            }
        }
    }
}

/// Changes the class and its name, which GStreamer has no function for.
fn relabel(roi: &mut RoiMeta, class: u32, label: &str) {
    let meta: *mut RoiMeta = roi;
    // SAFETY: `RoiMeta` is a transparent wrapper of the C struct, borrowed mutably here; the
    // field is a plain quark.
    unsafe {
        let meta = meta.cast::<gst_video::ffi::GstVideoRegionOfInterestMeta>();
        (*meta).roi_type = gst::glib::Quark::from_str(label).into_glib();
    }
    let class = gst::Structure::builder(names::DETECTION)
        .field(names::LABEL_ID, i32::try_from(class).unwrap_or(i32::MAX))
        .build();
    set_param(roi, class);
}
