// SPDX-License-Identifier: MIT OR Apache-2.0
//! What GStreamer's analytics library offers for metadata (Mtd) of any type and its binding does
//! not: the type's name, the bytes, and relations of any kind.
//!
//! An id here is always one of the relation meta's own: 0 to `len() - 1`.

use std::ffi::CStr;
use std::ptr;
use std::slice;

use gst_analytics::AnalyticsRelationMeta as Meta;
use gst_analytics::ffi;

fn handle(meta: &Meta, id: u32) -> ffi::GstAnalyticsMtd {
    // SAFETY: the pointer is only read from, unless the caller has the meta to itself.
    let meta = unsafe { meta.as_mut_ptr() };
    ffi::GstAnalyticsMtd { id, meta }
}

/// The address of the type's description, `None` for one that was taken away.
fn kind(meta: &Meta, id: u32) -> Option<*const ffi::GstAnalyticsMtdImpl> {
    // SAFETY: the handle is of this meta and lives as long as the call.
    let kind = unsafe { ffi::gst_analytics_mtd_get_mtd_type(&handle(meta, id)) };
    (kind != 0).then_some(kind as *const ffi::GstAnalyticsMtdImpl)
}

/// The type's name, as in [`crate::names::DETECTION_MTD`].
pub(super) fn name(meta: &Meta, id: u32) -> Option<&CStr> {
    let kind = kind(meta, id)?;
    // SAFETY: a type's description and its name live as long as the process.
    Some(unsafe { CStr::from_ptr((*kind).name) })
}

/// The bytes that make up one piece of metadata.
pub(super) fn bytes(meta: &Meta, id: u32) -> &[u8] {
    let mtd = handle(meta, id);
    // SAFETY: data and size belong together, and to the meta, which is borrowed.
    unsafe {
        let data = ffi::gst_analytics_relation_meta_get_mtd_data(mtd.meta, id);
        slice::from_raw_parts(data.cast(), ffi::gst_analytics_mtd_get_size(&mtd))
    }
}

/// As [`bytes`], to be written; for a type of our own.
pub(super) fn bytes_mut(meta: &mut Meta, id: u32) -> &mut [u8] {
    let mtd = handle(meta, id);
    // SAFETY: as in `bytes`; the meta is borrowed mutably.
    unsafe {
        let data = ffi::gst_analytics_relation_meta_get_mtd_data(mtd.meta, id);
        slice::from_raw_parts_mut(data.cast(), ffi::gst_analytics_mtd_get_size(&mtd))
    }
}

/// Adds metadata of a type of our own.
pub(super) fn add(meta: &mut Meta, kind: &'static Kind, bytes: &[u8]) -> Option<u32> {
    // SAFETY: the bytes are as many as said.
    unsafe { append(meta, &kind.0, bytes.as_ptr(), bytes.len()) }
}

/// # Safety
/// There are `size` bytes at `from`.
unsafe fn append(
    meta: &mut Meta,
    kind: *const ffi::GstAnalyticsMtdImpl,
    from: *const u8,
    size: usize,
) -> Option<u32> {
    let mut mtd = handle(meta, 0);
    // SAFETY: the library makes room for that many bytes and says where.
    unsafe {
        let room = ffi::gst_analytics_relation_meta_add_mtd(mtd.meta, kind, size, &mut mtd);
        if room.is_null() {
            return None;
        }
        ptr::copy_nonoverlapping(from, room.cast(), size);
    }
    Some(mtd.id)
}

/// Adds a copy of metadata of any type, as a copy of the whole meta would: the bytes, and what
/// its type does besides (a mask's type takes a reference to its pixels). `target` is the buffer
/// that `to` is on.
pub(super) fn copy(
    from: (&gst::BufferRef, &Meta, u32),
    to: &mut gst::MetaRefMut<'_, Meta, gst::meta::Standalone>,
    target: *mut gst::ffi::GstBuffer,
) -> Option<u32> {
    let (buffer, meta, id) = from;
    let kind = kind(meta, id)?;
    let old = handle(meta, id);
    // SAFETY: data and size belong together; the type's description lives as long as the process.
    // The bytes of a C struct may have gaps that were never written: they are copied, not read.
    let (added, transform) = unsafe {
        let data = ffi::gst_analytics_relation_meta_get_mtd_data(old.meta, id);
        let size = ffi::gst_analytics_mtd_get_size(&old);
        let added = append(to, kind, data.cast(), size)?;
        (added, (*kind).mtd_meta_transform)
    };
    let Some(transform) = transform else {
        return Some(added);
    };
    let whole = gst::ffi::GstMetaTransformCopy {
        region: gst::glib::ffi::GFALSE,
        offset: 0,
        size: usize::MAX,
    };
    let mut mtd = handle(to, added);
    // SAFETY: GStreamer's own copy of the meta makes this call with these arguments, and like this
    // one does not look at what it returns.
    unsafe {
        transform(
            target,
            &mut mtd,
            buffer.as_mut_ptr(),
            gst::glib::ffi::g_quark_from_static_string(c"gst-copy".as_ptr()),
            (&raw const whole).cast_mut().cast(),
        );
    }
    Some(added)
}

/// What is directly related to `id`, and how.
///
/// Asked piece by piece: the library's own iteration over metadata of any type writes a critical
/// warning for each step whenever any debug category logs at level 6 or above (seen in 1.26.2).
pub(crate) fn related(meta: &Meta, id: u32) -> impl Iterator<Item = (u32, Relation)> + '_ {
    let others = 0..meta.len() as u32;
    others.filter_map(move |other| Some((other, relation(meta, id, other)?)))
}

/// What is related to `id` in either direction.
pub(crate) fn neighbours(meta: &Meta, id: u32) -> impl Iterator<Item = u32> + '_ {
    let related = move |one, other| relation(meta, one, other).is_some();
    (0..meta.len() as u32).filter(move |&other| related(id, other) || related(other, id))
}

fn relation(meta: &Meta, first: u32, second: u32) -> Option<Relation> {
    // SAFETY: both ids are of this meta, which is borrowed and only read from.
    let kind =
        unsafe { ffi::gst_analytics_relation_meta_get_relation(meta.as_mut_ptr(), first, second) };
    (kind != ffi::GST_ANALYTICS_REL_TYPE_NONE).then_some(Relation(kind))
}

/// Says how `first` relates to `second`.
pub(super) fn relate(meta: &mut Meta, first: u32, relation: Relation, second: u32) {
    // SAFETY: both ids are of this meta, which is borrowed mutably.
    unsafe {
        ffi::gst_analytics_relation_meta_set_relation(meta.as_mut_ptr(), relation.0, first, second);
    }
}

/// A set of `GstAnalyticsRelTypes`, also of ones that this build does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relation(ffi::GstAnalyticsRelTypes);

impl Relation {
    pub(super) const RELATE_TO: Self = Self(ffi::GST_ANALYTICS_REL_TYPE_RELATE_TO);
    pub(super) const CONTAIN: Self = Self(ffi::GST_ANALYTICS_REL_TYPE_CONTAIN);
    pub(super) const IS_PART_OF: Self = Self(ffi::GST_ANALYTICS_REL_TYPE_IS_PART_OF);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A type of analytics metadata of our own: bytes without references to anything.
pub(super) struct Kind(ffi::GstAnalyticsMtdImpl);

// SAFETY: nothing in it ever changes.
unsafe impl Sync for Kind {}

impl Kind {
    pub(super) const fn new(name: &'static CStr) -> Self {
        Self(ffi::GstAnalyticsMtdImpl {
            name: name.as_ptr(),
            mtd_meta_transform: None,
            mtd_meta_clear: None,
            _reserved: [ptr::null_mut(); 19],
        })
    }
}
