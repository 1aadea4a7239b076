// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a second model says of a detection: a further classification (Cls) related to it.

use gst::glib::Quark;
use gst_analytics::prelude::*;
use gst_analytics::{
    AnalyticsClassificationMtd as Cls, AnalyticsODMtd as Od, AnalyticsRelationMeta as Meta,
};

use super::{MetaRef, label, raw, relate};
use crate::classes::Classification;

/// Adds a classification to the detection `od`.
pub(crate) fn classify(buffer: &mut gst::BufferRef, od: u32, said: &Classification<'_>) {
    let mut meta = Meta::add(buffer);
    let class = meta.add_one_cls_mtd(said.score, Quark::from_str(said.label));
    if let Some(class) = class.ok().map(|class| class.id()) {
        relate(&mut meta, od, class);
    }
}

/// Shows the classifications of each detection, counted from 0, without the one that says what
/// was detected.
pub(crate) fn classifications(
    buffer: &gst::BufferRef,
    visit: &mut impl FnMut(usize, Classification<'_>),
) {
    let Some(meta) = buffer.meta::<Meta>() else {
        return;
    };
    for (index, od) in meta.iter::<Od>().enumerate() {
        let name = label(&meta, od.id(), od.obj_type());
        let mut named = false;
        for (id, _) in raw::related(&meta, od.id()) {
            let Some((label, score)) = best(&meta, id) else {
                continue;
            };
            if !named && label == name {
                named = true;
                continue;
            }
            let said = Classification {
                label,
                class: None,
                score,
                model: None,
            };
            visit(index, said);
        }
    }
}

/// The best class of a classification; `None` where `id` is something else.
pub(super) fn best(meta: &MetaRef<'_>, id: u32) -> Option<(&'static str, f32)> {
    let cls = meta.mtd::<Cls>(id)?;
    let best = (0..cls.len()).max_by(|&a, &b| cls.level(a).total_cmp(&cls.level(b)))?;
    Some((cls.quark(best).as_str(), cls.level(best)))
}
