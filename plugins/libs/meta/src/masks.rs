// SPDX-License-Identifier: MIT OR Apache-2.0
//! Segmentation masks of objects: `GstAnalyticsSegmentationMtd` of type *instance* (GStreamer 1.26
//! and newer, with the cargo feature `v1_26`), related to the object's detection.

use lynx_geometry::Rect;

/// Which pixels of a rectangle of the frame are the object's.
#[derive(Debug, Clone)]
pub struct Mask {
    /// The object, by its [`crate::Object::id`].
    pub object: u32,
    /// Where the mask lies, in pixels of the frame; it is stretched over that.
    pub rect: Rect,
    /// In elements of the mask.
    pub width: u32,
    pub height: u32,
    /// A byte an element, 0 for what is not the object's; at least `width * height` bytes, the
    /// rows without padding between them.
    pub data: gst::Buffer,
}

/// In a build without such masks there are none.
#[cfg(not(feature = "v1_26"))]
pub fn iter(_: &gst::BufferRef) -> impl Iterator<Item = Mask> + '_ {
    std::iter::empty()
}

#[cfg(feature = "v1_26")]
pub use with_masks::{add, iter};

#[cfg(feature = "v1_26")]
mod with_masks {
    use std::mem::MaybeUninit;

    use gst::glib::translate::IntoGlibPtr;
    use gst_analytics::prelude::*;
    use gst_analytics::{AnalyticsODMtd as Od, AnalyticsRelationMeta as Meta, RelTypes, ffi};
    use gst_video::{VideoFormat, VideoFrameFlags, VideoMeta};
    use lynx_geometry::Rect;

    use super::Mask;
    use crate::analytics::raw;

    /// The masks of the frame's objects.
    pub fn iter(buffer: &gst::BufferRef) -> impl Iterator<Item = Mask> + '_ {
        let metas = buffer.meta::<Meta>().into_iter();
        metas.flat_map(|meta| {
            let masks = (0..meta.len() as u32).filter_map(|id| read(&meta, id));
            masks.collect::<Vec<_>>()
        })
    }

    /// The mask `id`; `None` where that is something else, nobody's, or no mask of bytes.
    fn read(meta: &gst::MetaRef<'_, Meta>, id: u32) -> Option<Mask> {
        let mut mtd = MaybeUninit::uninit();
        let (mut x, mut y, mut w, mut h) = (0, 0, 0, 0);
        // SAFETY: the meta is borrowed and only read from; the handle is used if it was written.
        let data = unsafe {
            let meta = meta.as_mut_ptr();
            let found =
                ffi::gst_analytics_relation_meta_get_segmentation_mtd(meta, id, mtd.as_mut_ptr());
            if found == 0 {
                return None;
            }
            let mask = ffi::gst_analytics_segmentation_mtd_get_mask(
                mtd.as_ptr(),
                &mut x,
                &mut y,
                &mut w,
                &mut h,
            );
            if mask.is_null() {
                return None;
            }
            gst::Buffer::from_glib_full(mask)
        };
        let mut owners = raw::neighbours(meta, id);
        let object = owners.find(|other| meta.mtd::<Od>(*other).is_some())?;
        let info = data.meta::<VideoMeta>()?;
        // Upstream's decoder packs the rows and leaves the stride of its pool's larger frames in
        // the video meta; upstream's overlay reads them packed (1.28). So the stride says nothing.
        let (width, height) = (info.width(), info.height());
        let whole =
            info.format() == VideoFormat::Gray8 && data.size() >= width as usize * height as usize;
        whole.then(|| Mask {
            object,
            rect: Rect::new(x as f32, y as f32, w as f32, h as f32),
            width,
            height,
            data: data.clone(),
        })
    }

    /// Adds a mask of `width * height` bytes to an object of the frame.
    ///
    /// # Errors
    /// When the frame has no such object, or `pixels` not that many bytes.
    pub fn add(
        buffer: &mut gst::BufferRef,
        object: u32,
        rect: Rect,
        (width, height): (u32, u32),
        pixels: &[u8],
    ) -> Result<(), gst::glib::BoolError> {
        let fits = width as usize * height as usize == pixels.len() && !pixels.is_empty();
        let known = buffer
            .meta::<Meta>()
            .is_some_and(|meta| meta.mtd::<Od>(object).is_some());
        if !fits || !known {
            return Err(gst::glib::bool_error!(
                "a mask of {width}x{height} and {} bytes for the object {object}",
                pixels.len()
            ));
        }
        let mut data = gst::Buffer::from_slice(pixels.to_owned());
        let no_flags = VideoFrameFlags::empty();
        let data_ref = data
            .get_mut()
            .ok_or_else(|| gst::glib::bool_error!("a new buffer is shared"))?;
        // Rows without padding; GStreamer's own choice would be a multiple of 4 bytes.
        let stride = i32::try_from(width).map_err(|_| gst::glib::bool_error!("{width} wide"))?;
        let gray = VideoFormat::Gray8;
        VideoMeta::add_full(data_ref, no_flags, gray, width, height, &[0], &[stride])?;
        let mut meta = Meta::add(buffer);
        let [x, y] = [rect.x, rect.y].map(|v| v.round() as i32);
        let [w, h] = [rect.w, rect.h].map(|v| v.round().max(1.0) as u32);
        // The value 0 is the background's, 1 the object's.
        let mut regions = [0, 1];
        let mut mtd = MaybeUninit::<ffi::GstAnalyticsSegmentationMtd>::uninit();
        // SAFETY: the meta is borrowed mutably, and takes the mask over.
        let added = unsafe {
            ffi::gst_analytics_relation_meta_add_segmentation_mtd(
                meta.as_mut_ptr(),
                data.into_glib_ptr(),
                ffi::GST_SEGMENTATION_TYPE_INSTANCE,
                regions.len(),
                regions.as_mut_ptr(),
                x,
                y,
                w,
                h,
                mtd.as_mut_ptr(),
            )
        };
        if added == 0 {
            return Err(gst::glib::bool_error!("no room for a mask"));
        }
        // SAFETY: it was added, so the handle was written.
        let mask = unsafe { mtd.assume_init() }.id;
        meta.set_relation(RelTypes::RELATE_TO, object, mask)?;
        meta.set_relation(RelTypes::RELATE_TO, mask, object)
    }
}
