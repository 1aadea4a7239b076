// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changing regions and their params, also of those that GStreamer has lost on the way.

use std::ops::ControlFlow;

use gst::buffer::BufferMetaForeachAction::{Keep, Remove};
use gst_video::VideoRegionOfInterestMeta as RoiMeta;

use super::next_id;
use crate::custom;
use crate::names::{REGIONS_META, roi as names};

/// What became of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    None,
    Change,
    Remove,
}

/// Changes the regions one by one; `change` also gets the params of those that have lost theirs.
pub(super) fn edit(
    buffer: &mut gst::BufferRef,
    alone: bool,
    mut change: impl FnMut(&mut RoiMeta, Option<&gst::StructureRef>) -> Edit,
) {
    // Copied only where a region has lost its params: seldom.
    let lost = |buffer: &gst::BufferRef| {
        let mut regions = buffer.iter_meta::<RoiMeta>();
        regions.any(|region| region.params().next().is_none())
    };
    let all = match lost(buffer) {
        true => custom::read(buffer, REGIONS_META).map(|all| all.to_owned()),
        false => None,
    };
    let mut next_id = next_id(buffer) as i32;
    let mut changed = Vec::new();
    buffer.foreach_meta_mut(|mut meta| {
        let Some(roi) = meta.downcast_mut::<RoiMeta>() else {
            return ControlFlow::Continue(Keep);
        };
        let edit = change(roi, all.as_deref());
        if edit == Edit::Change && alone {
            // Of others all may have the id 0.
            if roi.id() <= 0 {
                roi.set_id(next_id);
                next_id += 1;
            }
            changed.push((roi.id(), params(roi)));
        }
        ControlFlow::Continue(if edit == Edit::Remove { Remove } else { Keep })
    });
    if !changed.is_empty() {
        keep(buffer, &changed);
    }
}

/// The params that [`keep`] noted, for a region that has lost its own.
pub(super) fn kept<'a>(
    all: Option<&'a gst::StructureRef>,
    meta: &RoiMeta,
) -> Option<&'a gst::StructureRef> {
    if meta.params().next().is_some() {
        return None;
    }
    all?.get(meta.id().to_string()).ok()
}

/// Notes the params of regions, by id, in a custom meta: `videoconvert` and `videoscale` copy a
/// region without its params (seen in 1.22 to 1.26), so without its score and identity, but leave
/// custom metas alone.
pub(super) fn keep(buffer: &mut gst::BufferRef, regions: &[(i32, gst::Structure)]) {
    custom::write(buffer, REGIONS_META, |all| {
        for (id, params) in regions {
            all.set(id.to_string(), params);
        }
    });
}

pub(super) fn params(of: &RoiMeta) -> gst::Structure {
    let mut params = gst::Structure::new_empty(names::PARAMS);
    for param in of.params() {
        params.set(param.name(), param.to_owned());
    }
    params
}

/// Gives a region back the params that it has lost.
pub(super) fn restore(roi: &mut RoiMeta, all: Option<&gst::StructureRef>) {
    let params = kept(all, roi).into_iter().flat_map(|kept| kept.iter());
    for (_, param) in params {
        if let Ok(param) = param.get::<gst::Structure>() {
            roi.add_param(param);
        }
    }
}

/// Sets a param; of one that is there already (a tracker upstream) the fields are overwritten.
pub(super) fn set_param(roi: &mut RoiMeta, fresh: gst::Structure) {
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
