// SPDX-License-Identifier: MIT OR Apache-2.0
//! The planes of a mapped frame, each as far as its memory goes. The bindings take the length of a
//! plane from its stride and height, which a truncated buffer with a `GstVideoMeta` does not have.

use std::ops::Range;

use gst::glib;
use gst_video::prelude::*;
use gst_video::video_frame::IsVideoFrame;
use gst_video::{VideoFrameRef, VideoInfo};
use lynx_tensor::{Frame, Plane, PlaneMut};

use crate::video::pixel_format;

/// Maps a buffer for reading and hands its planes to `read`. Sizes, strides and offsets are those
/// of the buffer's `GstVideoMeta` where it has one; a plane is no longer than its rows need, and
/// shorter where the buffer ends.
pub fn with_frame<T>(
    buffer: &gst::BufferRef,
    info: &VideoInfo,
    read: impl FnOnce(&Frame<'_>) -> T,
) -> Result<T, glib::BoolError> {
    let frame = VideoFrameRef::from_buffer_ref_readable(buffer, info)?;
    let (places, n) = places(&frame)?;
    let planes = places.map(|place| Plane {
        // SAFETY: mapped for reading until `frame` goes, which outlives the slice.
        data: unsafe { std::slice::from_raw_parts(place.start, place.len) },
        stride: place.stride,
    });
    Ok(read(&Frame {
        planes: &planes[..n],
    }))
}

/// Maps a buffer for writing and hands its planes to `write`, as [`with_frame`].
pub fn with_frame_mut<T>(
    buffer: &mut gst::BufferRef,
    info: &VideoInfo,
    write: impl FnOnce(&mut [PlaneMut<'_>]) -> T,
) -> Result<T, glib::BoolError> {
    let frame = VideoFrameRef::from_buffer_ref_writable(buffer, info)?;
    let (places, n) = places(&frame)?;
    for (index, place) in places[..n].iter().enumerate() {
        if places[..index].iter().any(|other| place.overlaps(other)) {
            return Err(glib::bool_error!("plane {index} overlaps another"));
        }
    }
    let mut planes = places.map(|place| PlaneMut {
        // SAFETY: mapped for writing until `frame` goes, which outlives the slice; no two overlap.
        data: unsafe { std::slice::from_raw_parts_mut(place.start, place.len) },
        stride: place.stride,
    });
    Ok(write(&mut planes[..n]))
}

/// Where a plane lies in mapped memory.
#[derive(Clone, Copy)]
struct Place {
    start: *mut u8,
    len: usize,
    stride: usize,
}

impl Place {
    fn range(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (self.range(), other.range());
        a.start < b.end && b.start < a.end
    }
}

/// The planes of a mapped frame, and how many.
fn places<T>(frame: &VideoFrameRef<T>) -> Result<([Place; 4], usize), glib::BoolError>
where
    VideoFrameRef<T>: IsVideoFrame,
{
    let format = pixel_format(frame.format())
        .ok_or_else(|| glib::bool_error!("format {} is not supported", frame.format()))?;
    let mut places = [Place {
        start: std::ptr::NonNull::dangling().as_ptr(),
        len: 0,
        stride: 0,
    }; 4];
    let n = (frame.n_planes() as usize).min(format.n_planes());
    for (index, place) in places.iter_mut().take(n).enumerate() {
        let stride = usize::try_from(frame.plane_stride()[index])
            .map_err(|_| glib::bool_error!("plane {index} has a negative stride"))?;
        let raw = frame.as_raw();
        // Without a meta the whole buffer is mapped at once.
        let map = if raw.meta.is_null() {
            &raw.map[0]
        } else {
            &raw.map[index]
        };
        let start = raw.data[index].cast::<u8>();
        let before = (start as usize).checked_sub(map.data as usize);
        let there = before.and_then(|before| map.size.checked_sub(before));
        let there = there.filter(|_| !start.is_null());
        let there = there.ok_or_else(|| glib::bool_error!("plane {index} is not mapped"))?;
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let rows = format.rows(index, height);
        let before_last = stride.saturating_mul(rows.saturating_sub(1));
        let needed = before_last.saturating_add(format.row_bytes(index, width));
        *place = Place {
            start,
            len: needed.min(there),
            stride,
        };
    }
    Ok((places, n))
}
