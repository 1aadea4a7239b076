// SPDX-License-Identifier: MIT OR Apache-2.0
//! Objects as `GstAnalyticsRelationMeta` (GStreamer 1.24 and newer).
//!
//! A detection is an OD Mtd. Related to it, both ways (`RELATE_TO`): a Cls Mtd with its class, a
//! Tracking Mtd once it has an identity, and a [`detail::Detail`]. A parent contains its parts
//! (`CONTAIN`, and back `IS_PART_OF`).

mod classes;
mod detail;
pub(crate) mod raw;
mod rewrite;
mod standard;

use gst::glib::Quark;
use gst_analytics::prelude::*;
use gst_analytics::{
    AnalyticsClassificationMtd as Cls, AnalyticsODMtd as Od, AnalyticsRelationMeta as Meta,
    AnalyticsRelationMetaInitParams as Params, AnalyticsTrackingMtd as Tracking,
};

use crate::exact::Corners;
use crate::objects::{Detection, Fate, Identity, NewObject, Object};
pub(crate) use classes::{classifications, classify};
use detail::Detail;
use raw::Relation;
use rewrite::{Edit, rewrite};

pub(crate) const AVAILABLE: bool = true;

type MetaRef<'a> = gst::MetaRef<'a, Meta>;

pub(crate) fn detections(buffer: &gst::BufferRef) -> Vec<Detection> {
    let Some(meta) = buffer.meta::<Meta>() else {
        return Vec::new();
    };
    let ods = meta.iter::<Od>().filter_map(|od| {
        Some(Detection {
            id: od.id(),
            label: label(&meta, od.id(), od.obj_type()),
            rect: standard::place(&od)?.0,
        })
    });
    ods.collect()
}

pub(crate) fn objects(buffer: &gst::BufferRef, size: (u32, u32)) -> Vec<Object> {
    let Some(meta) = buffer.meta::<Meta>() else {
        return Vec::new();
    };
    let ods = meta.iter::<Od>().filter_map(|od| {
        let (whole, rotation, score) = standard::place(&od)?;
        let around = Around::of(&meta, od.id());
        let detail = around.detail.map(|(_, detail)| detail);
        let coasted = detail.is_some_and(|d| d.coasted);
        let tracking = around.tracking.and_then(|id| meta.mtd::<Tracking>(id));
        Some(Object {
            id: od.id(),
            parent: around.parent,
            rect: detail.map_or(whole, |d| d.corners.refine(whole, size)),
            rotation,
            label: label(&meta, od.id(), od.obj_type()),
            class: detail.and_then(|d| d.class),
            score,
            identity: tracking.map(|t| {
                let identity = standard::identity(&t);
                Identity {
                    coasted: identity.coasted || coasted,
                    ..identity
                }
            }),
        })
    });
    ods.collect()
}

/// A detection's class: its type or, where it has none, the best of its classification.
fn label(meta: &MetaRef<'_>, id: u32, kind: Option<Quark>) -> &'static str {
    let classified = || {
        let class = Around::of(meta, id).class?;
        classes::best(meta, class).map(|(label, _)| label)
    };
    let kind: Option<&'static str> = kind.map(|kind| kind.as_str().as_str());
    let kind = kind.filter(|kind| !kind.is_empty());
    kind.or_else(classified).unwrap_or_default()
}

/// What is related to a detection.
#[derive(Debug, Default)]
struct Around {
    class: Option<u32>,
    tracking: Option<u32>,
    detail: Option<(u32, Detail)>,
    parent: Option<u32>,
}

impl Around {
    fn of(meta: &MetaRef<'_>, id: u32) -> Self {
        let mut around = Self::default();
        for (other, relation) in raw::related(meta, id) {
            if meta.mtd::<Cls>(other).is_some() {
                around.class.get_or_insert(other);
            } else if meta.mtd::<Tracking>(other).is_some() {
                around.tracking.get_or_insert(other);
            } else if meta.mtd::<Od>(other).is_some() {
                if relation.has(Relation::IS_PART_OF) {
                    around.parent.get_or_insert(other);
                }
            } else if let Some(detail) = Detail::read(meta, other) {
                around.detail.get_or_insert((other, detail));
            }
        }
        around
    }
}

pub(crate) fn add(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    object: &NewObject<'_>,
) -> Option<u32> {
    let now = buffer.pts();
    // Room for some thirty objects, tracked; with more it grows.
    let mut meta = Meta::add_full(buffer, &Params::new(128, 8192));
    let od = standard::add_detection(&mut meta, size, object)?;
    let label = Quark::from_str(object.label);
    let class = meta
        .add_one_cls_mtd(object.score, label)
        .ok()
        .map(|c| c.id());
    let detail = Detail {
        corners: Corners::of(object.rect, size),
        class: object.class,
        coasted: object.identity.is_some_and(|i| i.coasted),
    };
    let detail = detail.add(&mut meta);
    let identity = object.identity;
    let tracking = identity.and_then(|i| standard::add_identity(&mut meta, i, now));
    for other in [class, detail, tracking].into_iter().flatten() {
        relate(&mut meta, od, other);
    }
    if let Some(parent) = object
        .parent
        .filter(|&p| meta.as_ref().mtd::<Od>(p).is_some())
    {
        raw::relate(&mut meta, parent, Relation::CONTAIN, od);
        raw::relate(&mut meta, od, Relation::IS_PART_OF, parent);
    }
    Some(od)
}

fn relate(meta: &mut Meta, one: u32, other: u32) {
    raw::relate(meta, one, Relation::RELATE_TO, other);
    raw::relate(meta, other, Relation::RELATE_TO, one);
}

/// Gives [`detections`] their fates, one each, in their order.
pub(crate) fn assign(buffer: &mut gst::BufferRef, fates: &[Fate]) {
    let Some((edits, newcomers)) = edits(buffer, fates) else {
        return;
    };
    if edits.iter().any(|edit| *edit != Edit::Keep) {
        rewrite(buffer, &edits, &newcomers);
    }
    let now = buffer.pts();
    let ids: Vec<_> = match buffer.meta::<Meta>() {
        // A removed detection is none any more, and the others kept their ids.
        Some(meta) => meta.iter::<Od>().map(|od| od.id()).collect(),
        None => return,
    };
    let stay = fates.iter().filter(|fate| **fate != Fate::Remove);
    for (id, fate) in ids.into_iter().zip(stay) {
        if let Fate::Identify {
            identity, class, ..
        } = *fate
        {
            identify(buffer, id, identity, class, now);
        }
    }
}

/// Adds what a rewrite does not: the identity of a detection that had none, and the detail.
fn identify(
    buffer: &mut gst::BufferRef,
    od: u32,
    identity: Identity,
    class: Option<u32>,
    now: Option<gst::ClockTime>,
) {
    let Some(around) = buffer.meta::<Meta>().map(|meta| Around::of(&meta, od)) else {
        return;
    };
    let mut meta = Meta::add(buffer);
    if let Some((id, detail)) = around.detail {
        let coasted = identity.coasted;
        let detail = Detail {
            class,
            coasted,
            ..detail
        };
        detail.overwrite(&mut meta, id);
    }
    if around.tracking.is_none()
        && let Some(tracking) = standard::add_identity(&mut meta, identity, now)
    {
        relate(&mut meta, od, tracking);
    }
}

/// A detection and its first identity.
type Newcomer = (u32, Identity);

/// What must be written anew, and which detections get their first identity; `None` without a
/// relation meta.
fn edits(buffer: &gst::BufferRef, fates: &[Fate]) -> Option<(Vec<Edit>, Vec<Newcomer>)> {
    let meta = buffer.meta::<Meta>()?;
    let mut edits = vec![Edit::Keep; meta.len()];
    let mut newcomers = Vec::new();
    for (od, fate) in meta.iter::<Od>().zip(fates) {
        let around = Around::of(&meta, od.id());
        match *fate {
            Fate::Keep => {}
            Fate::Remove => edits[od.id() as usize] = Edit::Remove,
            Fate::Identify {
                identity, label, ..
            } => {
                let old = self::label(&meta, od.id(), od.obj_type());
                if old != label {
                    let label = Quark::from_str(label);
                    let class = around
                        .class
                        .filter(|c| is_class_of(&meta, *c, od.id(), old));
                    for id in [Some(od.id()), class].into_iter().flatten() {
                        edits[id as usize] = Edit::Relabel(label);
                    }
                }
                match around.tracking {
                    Some(id) => edits[id as usize] = Edit::Identify(identity),
                    None => newcomers.push((od.id(), identity)),
                }
            }
        }
    }
    if fates.contains(&Fate::Remove) {
        remove_orphans(&meta, &mut edits);
    }
    Some((edits, newcomers))
}

/// What hangs on removed detections alone (class, identity, mask) goes with them.
fn remove_orphans(meta: &MetaRef<'_>, edits: &mut [Edit]) {
    // How many detections a piece belongs to, and how many of them go.
    let mut owners = vec![(0, 0); edits.len()];
    for od in meta.iter::<Od>() {
        let goes = usize::from(edits[od.id() as usize] == Edit::Remove);
        for other in raw::neighbours(meta, od.id()) {
            let (all, gone) = &mut owners[other as usize];
            *all += 1;
            *gone += goes;
        }
    }
    for (id, (all, gone)) in (0..).zip(owners) {
        if all > 0 && all == gone && meta.mtd::<Od>(id).is_none() {
            edits[id as usize] = Edit::Remove;
        }
    }
}

/// The detections that a piece is related to, in either direction.
fn owners<'a>(meta: &'a MetaRef<'_>, id: u32) -> impl Iterator<Item = u32> + 'a {
    raw::neighbours(meta, id).filter(|other| meta.mtd::<Od>(*other).is_some())
}

/// Whether a classification says what that detection is, and nothing more: not one that several
/// detections share, nor one with another meaning (a car's colour).
fn is_class_of(meta: &MetaRef<'_>, class: u32, od: u32, label: &str) -> bool {
    let says = |cls: gst_analytics::AnalyticsMtdRef<'_, Cls>| {
        cls.len() == 1 && cls.quark(0).as_str() == label
    };
    meta.mtd::<Cls>(class).is_some_and(says) && owners(meta, class).all(|owner| owner == od)
}
