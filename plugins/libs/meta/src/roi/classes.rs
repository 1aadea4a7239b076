// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a second model says of a region, as DL Streamer's `gvaclassify` has it: a param with a
//! label.

use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;

use super::edit::{Edit, edit, kept, restore, set_param};
use super::{key, label_id};
use crate::classes::Classification;
use crate::custom;
use crate::names::{REGIONS_META, roi as names};

/// Adds to each region what `says` has of it.
pub(crate) fn classify<'a>(
    buffer: &mut gst::BufferRef,
    alone: bool,
    mut says: impl FnMut(i32, &str, Rect) -> Option<Classification<'a>>,
) {
    edit(buffer, alone, |roi, lost| {
        let (id, name, place) = key(roi);
        let Some(said) = says(id, name, place) else {
            return Edit::None;
        };
        restore(roi, lost);
        set_param(roi, classification(&said));
        Edit::Change
    });
}

fn classification(said: &Classification<'_>) -> gst::Structure {
    let model = said.model.unwrap_or_default();
    // A param a model, as a region may have several.
    let mut name = names::CLASSIFICATION.to_owned();
    if !model.is_empty() {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/-_.:+".contains(c);
        name.push(':');
        name.extend(model.chars().map(|c| if allowed(c) { c } else { '_' }));
    }
    gst::Structure::builder(name)
        .field(names::LABEL, said.label)
        .field_if_some(names::LABEL_ID, said.class.map(label_id))
        .field(names::CONFIDENCE, f64::from(said.score))
        .field_if(names::MODEL_NAME, model, !model.is_empty())
        .field_if(names::ATTRIBUTE_NAME, model, !model.is_empty())
        .build()
}

/// Shows the classifications of the regions that `wanted` lets through, counted from 0. As in DL
/// Streamer, any param with a label is one that is not the detection's own.
pub(crate) fn classifications(
    buffer: &gst::BufferRef,
    wanted: impl Fn(i32, &str, Rect) -> bool,
    mut visit: impl FnMut(usize, Classification<'_>),
) {
    let all = custom::read(buffer, REGIONS_META);
    let regions = buffer.iter_meta::<RoiMeta>().filter(|meta| {
        let (id, label, rect) = key(meta);
        wanted(id, label, rect)
    });
    for (index, meta) in regions.enumerate() {
        let kept = kept(all, &meta).into_iter().flat_map(|kept| kept.iter());
        let kept = kept.filter_map(|(_, param)| param.get::<&gst::StructureRef>().ok());
        for param in meta.params().chain(kept) {
            let own = [names::DETECTION, names::OBJECT_ID].contains(&param.name().as_str());
            let Ok(label) = param.get::<&str>(names::LABEL) else {
                continue;
            };
            if own {
                continue;
            }
            let class = param.get::<i32>(names::LABEL_ID).ok();
            let said = Classification {
                label,
                class: class.and_then(|c| u32::try_from(c).ok()),
                score: param.get::<f64>(names::CONFIDENCE).unwrap_or(1.0) as f32,
                model: param.get::<&str>(names::MODEL_NAME).ok(),
            };
            visit(index, said);
        }
    }
}
