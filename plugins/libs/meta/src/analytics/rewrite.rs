// SPDX-License-Identifier: MIT OR Apache-2.0
//! Takes analytics metadata away, or changes what GStreamer lets nobody change once written.
//!
//! A relation meta only grows. So it is written anew, piece by piece: every piece keeps its id
//! (others may have noted it), and one that goes leaves an empty piece in its place.

use gst::glib::Quark;
use gst_analytics::{AnalyticsRelationMeta as Meta, AnalyticsRelationMetaInitParams as Params};

use super::raw::{self, Kind};
use super::{Newcomer, relate, standard};
use crate::objects::Identity;

static REMOVED: Kind = Kind::new(c"lynx-removed");

/// What becomes of a piece of metadata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edit {
    Keep,
    Remove,
    /// Of a detection or a classification: another class.
    Relabel(Quark),
    /// Of tracking metadata: another identity.
    Identify(Identity),
}

/// Applies `edits`, one for each piece in the order of ids, to the relation meta of a buffer, and
/// gives detections their first identity: each piece that is added later costs a copy of all.
pub(super) fn rewrite(buffer: &mut gst::BufferRef, edits: &[Edit], newcomers: &[Newcomer]) {
    let mut fresh = gst::Buffer::new();
    let now = buffer.pts();
    {
        let (Some(old), Some(fresh)) = (buffer.meta::<Meta>(), fresh.get_mut()) else {
            return;
        };
        let target = fresh.as_mut_ptr();
        let pieces = edits.len() + newcomers.len();
        let mut new = Meta::add_full(fresh, &Params::new(pieces, 128 * pieces));
        let mut stays = Vec::with_capacity(edits.len());
        for (id, edit) in (0..).zip(edits) {
            let pieces = new.len();
            let added = match *edit {
                Edit::Keep => raw::copy((buffer, &old, id), &mut new, target),
                Edit::Remove => None,
                Edit::Relabel(label) => standard::relabelled(&old, id, label, &mut new),
                Edit::Identify(identity) => standard::add_identity(&mut new, identity, now),
            };
            stays.push(added.is_some());
            if new.len() == pieces {
                raw::add(&mut new, &REMOVED, &[]);
            }
        }
        let stays = |id: u32| stays.get(id as usize).is_some_and(|stays| *stays);
        for first in (0..edits.len() as u32).filter(|&id| stays(id)) {
            for (second, relation) in raw::related(&old, first).filter(|r| stays(r.0)) {
                raw::relate(&mut new, first, relation, second);
            }
        }
        for (od, identity) in newcomers {
            if let Some(tracking) = standard::add_identity(&mut new, *identity, now) {
                relate(&mut new, *od, tracking);
            }
        }
    }
    if let Some(old) = buffer.meta_mut::<Meta>() {
        let _ = old.remove();
    }
    if let Some(new) = fresh.meta::<Meta>() {
        let _ = new.transform(buffer, &gst::meta::MetaTransformCopy::new(..));
    }
}
