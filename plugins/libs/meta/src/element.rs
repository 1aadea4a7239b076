// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the glue of every Lynx element has in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gst::prelude::*;
use gst_video::VideoFormat;

/// Locks, also after a panic elsewhere: GStreamer's bindings make an element error of that, and
/// what the elements guard is whole between any two statements.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An always sink pad and an always source pad for raw video in system memory, in any of
/// `formats`.
pub fn pad_templates(formats: &[VideoFormat]) -> Vec<gst::PadTemplate> {
    pad_templates_with(formats, &gst::Caps::new_empty())
}

/// The same, with further caps.
pub fn pad_templates_with(formats: &[VideoFormat], more: &gst::Caps) -> Vec<gst::PadTemplate> {
    let formats = formats.iter().copied();
    let mut caps = gst_video::VideoCapsBuilder::new()
        .format_list(formats)
        .build();
    caps.merge(more.clone());
    [
        ("sink", gst::PadDirection::Sink),
        ("src", gst::PadDirection::Src),
    ]
    .into_iter()
    .filter_map(|(name, direction)| {
        gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &caps).ok()
    })
    .collect()
}

/// Answers an allocation query as downstream does. An element that works in place takes whatever
/// its neighbours agree on; to offer more (`GstVideoMeta`, say) would send frames with padded rows
/// to a sink that cannot read them.
pub fn forward_allocation(src: &gst::Pad, query: &mut gst::query::Allocation) {
    src.peer_query(query);
}
