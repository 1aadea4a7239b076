// SPDX-License-Identifier: MIT OR Apache-2.0
//! A mapped GStreamer video frame as the kernels of `lynx-tensor` read it.

use gst_video::prelude::*;
use gst_video::{VideoColorMatrix, VideoColorRange, VideoFormat, VideoInfo};
use lynx_tensor::Source;
use lynx_tensor::{Colorimetry, Frame, Matrix, PixelFormat, Plane, Range};

/// The kernels' name for a GStreamer format; `None` for one that they do not read.
pub fn pixel_format(format: VideoFormat) -> Option<PixelFormat> {
    Some(match format {
        VideoFormat::Nv12 => PixelFormat::Nv12,
        VideoFormat::I420 => PixelFormat::I420,
        VideoFormat::Rgb => PixelFormat::Rgb,
        VideoFormat::Bgr => PixelFormat::Bgr,
        VideoFormat::Rgbx | VideoFormat::Rgba => PixelFormat::Rgbx,
        VideoFormat::Bgrx | VideoFormat::Bgra => PixelFormat::Bgrx,
        _ => return None,
    })
}

/// Matrix and range of the caps' colorimetry. A matrix that Lynx does not know is read as
/// BT.709 from 720 lines on and as BT.601 below, as GStreamer's own default is.
pub fn colorimetry(info: &VideoInfo) -> Colorimetry {
    let theirs = info.colorimetry();
    let matrix = match theirs.matrix() {
        VideoColorMatrix::Bt601 => Matrix::Bt601,
        VideoColorMatrix::Bt709 => Matrix::Bt709,
        VideoColorMatrix::Bt2020 => Matrix::Bt2020,
        _ if info.height() >= 720 => Matrix::Bt709,
        _ => Matrix::Bt601,
    };
    let range = match theirs.range() {
        VideoColorRange::Range0_255 => Range::Full,
        _ => Range::Limited,
    };
    Colorimetry { matrix, range }
}

/// What a converter must know of the caps.
pub fn source(info: &VideoInfo) -> Option<Source> {
    Some(Source {
        format: pixel_format(info.format())?,
        width: info.width(),
        height: info.height(),
        colorimetry: colorimetry(info),
    })
}

/// Maps a buffer for reading and hands its planes to `read`. Strides and offsets are those of
/// the buffer's `GstVideoMeta` where it has one.
pub fn with_frame<T>(
    buffer: &gst::BufferRef,
    info: &VideoInfo,
    read: impl FnOnce(&Frame<'_>) -> T,
) -> Result<T, gst::glib::BoolError> {
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, info)?;
    let mut planes = [Plane {
        data: &[],
        stride: 0,
    }; 4];
    let n = frame.n_planes().min(4) as usize;
    for (index, plane) in planes.iter_mut().take(n).enumerate() {
        plane.data = frame.plane_data(index as u32)?;
        plane.stride = usize::try_from(frame.plane_stride()[index])
            .map_err(|_| gst::glib::bool_error!("plane {index} has a negative stride"))?;
    }
    Ok(read(&Frame {
        planes: &planes[..n],
    }))
}
