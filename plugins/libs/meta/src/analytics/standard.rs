// SPDX-License-Identifier: MIT OR Apache-2.0
//! GStreamer's own analytics metadata: detections (OD), classes (Cls), identities (Tracking).

use gst::glib::Quark;
use gst::glib::translate::IntoGlib;
use gst_analytics::prelude::*;
use gst_analytics::{
    AnalyticsClassificationMtd as Cls, AnalyticsMtdRef, AnalyticsODMtd as Od,
    AnalyticsRelationMeta as Meta, AnalyticsTrackingMtd as Tracking, ffi,
};
use lynx_geometry::Rect;

use crate::exact::whole;
use crate::objects::{Identity, NewObject};

type MetaMut<'a> = gst::MetaRefMut<'a, Meta, gst::meta::Standalone>;

/// Where a detection is, by how much it is turned, and its confidence.
pub(super) fn place(od: &AnalyticsMtdRef<'_, Od>) -> Option<(Rect, f32, f32)> {
    let rect = |x: i32, y: i32, w: i32, h: i32| Rect::new(x as f32, y as f32, w as f32, h as f32);
    #[cfg(feature = "v1_26")]
    {
        let l = od.oriented_location().ok()?;
        Some((rect(l.x, l.y, l.w, l.h), l.r, l.loc_conf_lvl))
    }
    #[cfg(not(feature = "v1_26"))]
    {
        let l = od.location().ok()?;
        Some((rect(l.x, l.y, l.w, l.h), 0.0, l.loc_conf_lvl))
    }
}

/// Adds a detection. Before 1.26 there are no turned boxes: the upright box around one is added.
pub(super) fn add_detection(
    meta: &mut MetaMut<'_>,
    size: (u32, u32),
    object: &NewObject<'_>,
) -> Option<u32> {
    let label = Quark::from_str(object.label);
    if object.rotation != 0.0 {
        return add_turned(meta, label, object.rect, object.rotation, object.score);
    }
    let (x, y, w, h) = whole(object.rect, size);
    let added = meta.add_od_mtd(label, x as i32, y as i32, w as i32, h as i32, object.score);
    added.ok().map(|od| od.id())
}

#[cfg(feature = "v1_26")]
fn add_turned(
    meta: &mut MetaMut<'_>,
    label: Quark,
    rect: Rect,
    rotation: f32,
    score: f32,
) -> Option<u32> {
    let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|v| v.round() as i32);
    let added = meta.add_oriented_od_mtd(label, x, y, w, h, rotation, score);
    added.ok().map(|od| od.id())
}

#[cfg(not(feature = "v1_26"))]
fn add_turned(
    meta: &mut MetaMut<'_>,
    label: Quark,
    rect: Rect,
    rotation: f32,
    score: f32,
) -> Option<u32> {
    let around = rect.turned_bounds(rotation);
    let [x, y, w, h] = [around.x, around.y, around.w, around.h].map(|v| v.round() as i32);
    let added = meta.add_od_mtd(label, x, y, w, h, score);
    added.ok().map(|od| od.id())
}

/// Adds an identity; one that does not say when it was seen was seen `now`.
pub(super) fn add_identity(
    meta: &mut MetaMut<'_>,
    identity: Identity,
    now: Option<gst::ClockTime>,
) -> Option<u32> {
    let now = now.unwrap_or(gst::ClockTime::ZERO);
    let (first, last) = identity.seen.unwrap_or((now, now));
    let id = meta.add_tracking_mtd(identity.id, first).ok()?.id();
    // SAFETY: the handle is of the metadata just added; only its time changes. (The binding's
    // handle for writing would borrow the meta for good.)
    unsafe {
        let mut handle = ffi::GstAnalyticsTrackingMtd {
            id,
            meta: meta.as_mut_ptr(),
        };
        ffi::gst_analytics_tracking_mtd_update_last_seen(&mut handle, last.into_glib());
    }
    Some(id)
}

/// An identity as tracking metadata holds it. Lost means: not found on this frame.
pub(super) fn identity(tracking: &AnalyticsMtdRef<'_, Tracking>) -> Identity {
    let (id, first, last, lost) = tracking.info();
    Identity {
        id,
        coasted: lost,
        seen: Some((first, last)),
    }
}

/// Adds a copy of the detection or classification `id` of `old` with another class.
pub(super) fn relabelled(
    old: &gst::MetaRef<'_, Meta>,
    id: u32,
    label: Quark,
    new: &mut MetaMut<'_>,
) -> Option<u32> {
    if let Some(cls) = old.mtd::<Cls>(id) {
        let level = if cls.is_empty() { 1.0 } else { cls.level(0) };
        return new.add_one_cls_mtd(level, label).ok().map(|c| c.id());
    }
    let (rect, rotation, score) = place(&old.mtd::<Od>(id)?)?;
    if rotation != 0.0 {
        return add_turned(new, label, rect, rotation, score);
    }
    let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|v| v as i32);
    new.add_od_mtd(label, x, y, w, h, score)
        .ok()
        .map(|od| od.id())
}
