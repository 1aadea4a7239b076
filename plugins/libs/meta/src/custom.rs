// SPDX-License-Identifier: MIT OR Apache-2.0
//! A structure of Lynx's own on a buffer: a custom meta by name, one of each name.

use std::sync::Mutex;

use gst::meta::CustomMeta;

use crate::element::lock;

/// The structure of that name; `None` where the buffer has none.
pub(crate) fn read<'a>(
    buffer: &'a gst::BufferRef,
    name: &'static str,
) -> Option<&'a gst::StructureRef> {
    register(name);
    let meta = CustomMeta::from_buffer(buffer, name).ok()?;
    let structure: *const gst::StructureRef = meta.structure();
    // SAFETY: the structure lives in the meta, and a meta goes or changes only through a mutable
    // borrow of the buffer, which the returned one excludes; only the wrapper is dropped here.
    Some(unsafe { &*structure })
}

/// Changes the structure of that name, which is added where the buffer has none.
pub(crate) fn write(
    buffer: &mut gst::BufferRef,
    name: &'static str,
    change: impl FnOnce(&mut gst::StructureRef),
) {
    register(name);
    if let Ok(mut meta) = CustomMeta::from_mut_buffer(buffer, name) {
        return change(meta.mut_structure());
    }
    if let Ok(mut meta) = CustomMeta::add(buffer, name) {
        change(meta.mut_structure());
    }
}

/// Registers the meta unless another copy of Lynx in this process has. Elements that make a new
/// frame of an old one copy it: it says nothing of places in the picture.
fn register(name: &'static str) {
    // GStreamer says that a meta is registered before it is.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = lock(&ONE_AT_A_TIME);
    if !CustomMeta::is_registered(name) {
        CustomMeta::register_simple(name);
    }
}
