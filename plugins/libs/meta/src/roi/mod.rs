// SPDX-License-Identifier: MIT OR Apache-2.0
//! Objects as `GstVideoRegionOfInterestMeta` with `detection` and `object_id` params, the form
//! that DL Streamer's elements read and write (its "metadata" guide).

mod classes;
mod edit;

use gst::glib::translate::{FromGlib, IntoGlib};
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;

pub(crate) use classes::{classifications, classify};
use edit::{Edit, edit, keep, kept, params, restore, set_param};

use crate::custom;
use crate::exact::{Corners, whole};
use crate::names::{REGIONS_META, roi as names};
use crate::objects::{Fate, Identity, NewObject, Object};

/// What DL Streamer writes for a region that is no other's part.
const NO_PARENT: i32 = -1;

/// A region as [`Detection::is_mirrored_by`](crate::objects::Detection) tells it: id, name, place.
fn key(meta: &RoiMeta) -> (i32, &'static str, Rect) {
    (meta.id(), label(meta), rect(meta))
}

pub(crate) fn any(buffer: &gst::BufferRef) -> bool {
    buffer.meta::<RoiMeta>().is_some()
}

/// The regions that `wanted` lets through.
pub(crate) fn iter(
    buffer: &gst::BufferRef,
    size: (u32, u32),
    wanted: impl Fn(i32, &str, Rect) -> bool + 'static,
) -> impl Iterator<Item = Object> + '_ {
    buffer.iter_meta::<RoiMeta>().filter_map(move |meta| {
        let (id, label, rect) = key(&meta);
        wanted(id, label, rect).then(|| read(buffer, &meta, size))
    })
}

fn read(buffer: &gst::BufferRef, meta: &RoiMeta, size: (u32, u32)) -> Object {
    let kept = kept(custom::read(buffer, REGIONS_META), meta);
    let param = |name| {
        let kept = || kept?.get::<&gst::StructureRef>(name).ok();
        meta.param(name).or_else(kept)
    };
    let detection = param(names::DETECTION);
    let identity = param(names::OBJECT_ID).and_then(|s| {
        let id = s.get::<i32>(names::ID).ok()?;
        Some(Identity {
            id: u64::try_from(id).ok()?,
            coasted: s.get(names::COASTED).unwrap_or(false),
            seen: None,
        })
    });
    let number = |name: &str| detection.and_then(|s| s.get::<f64>(name).ok());
    let corners = [names::X_MIN, names::Y_MIN, names::X_MAX, names::Y_MAX].map(number);
    let rect = match corners {
        [Some(x0), Some(y0), Some(x1), Some(y1)] => {
            Corners([x0, y0, x1, y1]).refine(rect(meta), size)
        }
        _ => rect(meta),
    };
    let class = detection.and_then(|s| s.get::<i32>(names::LABEL_ID).ok());
    Object {
        id: u32::try_from(meta.id()).unwrap_or(0),
        parent: u32::try_from(meta.parent_id()).ok().filter(|p| *p > 0),
        rect,
        rotation: number(names::ROTATION).unwrap_or(0.0) as f32,
        label: label(meta),
        class: class.and_then(|c| u32::try_from(c).ok()),
        score: number(names::CONFIDENCE).unwrap_or(1.0) as f32,
        identity,
    }
}

fn rect(meta: &RoiMeta) -> Rect {
    let (x, y, w, h) = meta.rect();
    Rect::new(x as f32, y as f32, w as f32, h as f32)
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

/// Adds a region, as the mirror of the detection `mirrored` where there is one. Returns its id.
pub(crate) fn add(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    object: &NewObject<'_>,
    mirrored: Option<u32>,
) -> u32 {
    let Corners([x0, y0, x1, y1]) = Corners::of(object.rect, size);
    let detection = gst::Structure::builder(names::DETECTION)
        .field(names::CONFIDENCE, f64::from(object.score))
        .field_if_some(names::LABEL_ID, object.class.map(label_id))
        .field(names::X_MIN, x0)
        .field(names::X_MAX, x1)
        .field(names::Y_MIN, y0)
        .field(names::Y_MAX, y1)
        .field_if(
            names::ROTATION,
            f64::from(object.rotation),
            object.rotation != 0.0,
        )
        .build();
    let id = mirrored.unwrap_or_else(|| next_id(buffer));
    // A turned box may reach beyond the frame; the region is cut off, its corners are not.
    let inside = object.rect.clipped(size.0 as f32, size.1 as f32);
    let place = whole(inside.unwrap_or(object.rect), size);
    let mut meta = RoiMeta::add(buffer, object.label, place);
    let id = i32::try_from(id).unwrap_or(i32::MAX);
    meta.set_id(id);
    let parent = object.parent.and_then(|p| i32::try_from(p).ok());
    meta.set_parent_id(parent.unwrap_or(NO_PARENT));
    meta.add_param(detection);
    if let Some(identity) = object.identity {
        meta.add_param(object_id(identity));
    }
    if mirrored.is_none() {
        let params = params(&meta);
        keep(buffer, &[(id, params)]);
    }
    id.unsigned_abs()
}

/// An id that no region of the frame has.
fn next_id(buffer: &gst::BufferRef) -> u32 {
    let ids = buffer.iter_meta::<RoiMeta>().map(|meta| meta.id());
    ids.max().and_then(|id| u32::try_from(id).ok()).unwrap_or(0) + 1
}

fn object_id(identity: Identity) -> gst::Structure {
    gst::Structure::builder(names::OBJECT_ID)
        .field(names::ID, (identity.id & 0x7fff_ffff) as i32)
        .field(names::COASTED, identity.coasted)
        .build()
}

/// Decides, region by region, who it is or whether it stays. `alone` says that regions are all
/// that carries objects on this frame.
pub(crate) fn assign(
    buffer: &mut gst::BufferRef,
    alone: bool,
    mut decide: impl FnMut(i32, &str, Rect) -> Fate,
) {
    edit(buffer, alone, |roi, lost| {
        let (id, name, place) = key(roi);
        match decide(id, name, place) {
            Fate::Keep => Edit::None,
            Fate::Remove => Edit::Remove,
            Fate::Identify {
                identity,
                class,
                label,
            } => {
                restore(roi, lost);
                set_param(roi, object_id(identity));
                if name != label {
                    relabel(roi, class, label);
                }
                Edit::Change
            }
        }
    });
}

/// Changes the class and its name, which GStreamer has no function for.
fn relabel(roi: &mut RoiMeta, class: Option<u32>, label: &str) {
    let meta: *mut RoiMeta = roi;
    // SAFETY: `RoiMeta` is a transparent wrapper of the C struct, borrowed mutably here; the
    // field is a plain quark.
    unsafe {
        let meta = meta.cast::<gst_video::ffi::GstVideoRegionOfInterestMeta>();
        (*meta).roi_type = gst::glib::Quark::from_str(label).into_glib();
    }
    if let Some(class) = class {
        let class = gst::Structure::builder(names::DETECTION)
            .field(names::LABEL_ID, label_id(class))
            .build();
        set_param(roi, class);
    }
}

fn label_id(class: u32) -> i32 {
    i32::try_from(class).unwrap_or(i32::MAX)
}
