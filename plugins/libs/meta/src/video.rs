// SPDX-License-Identifier: MIT OR Apache-2.0
//! What caps and decoders say of a picture, in the words of `lynx-tensor`.

use gst_video::{
    VideoChromaSite, VideoColorMatrix, VideoColorRange, VideoCropMeta, VideoFormat, VideoInfo,
    VideoInterlaceMode, VideoMeta,
};
use lynx_geometry::Rect;
use lynx_tensor::{ChromaSite, Colorimetry, Matrix, PixelFormat, Range, Source};

/// The formats that the kernels read, those that cost least first.
pub const FORMATS: [VideoFormat; 26] = [
    VideoFormat::Nv12,
    VideoFormat::I420,
    VideoFormat::Rgb,
    VideoFormat::Bgr,
    VideoFormat::Rgbx,
    VideoFormat::Bgrx,
    VideoFormat::Rgba,
    VideoFormat::Bgra,
    VideoFormat::Nv21,
    VideoFormat::Yv12,
    VideoFormat::Yuy2,
    VideoFormat::Uyvy,
    VideoFormat::Nv16,
    VideoFormat::Y42b,
    VideoFormat::Y444,
    VideoFormat::P01010le,
    VideoFormat::I42010le,
    VideoFormat::Xrgb,
    VideoFormat::Xbgr,
    VideoFormat::Argb,
    VideoFormat::Abgr,
    VideoFormat::Rgbp,
    VideoFormat::Gbr,
    VideoFormat::Gray8,
    VideoFormat::Gray16Le,
    VideoFormat::Gray16Be,
];

/// The kernels' name for a GStreamer format; `None` for one that they do not read.
pub fn pixel_format(format: VideoFormat) -> Option<PixelFormat> {
    Some(match format {
        VideoFormat::Nv12 => PixelFormat::Nv12,
        VideoFormat::Nv21 => PixelFormat::Nv21,
        VideoFormat::Nv16 => PixelFormat::Nv16,
        VideoFormat::I420 => PixelFormat::I420,
        VideoFormat::Yv12 => PixelFormat::Yv12,
        VideoFormat::Y42b => PixelFormat::Y42b,
        VideoFormat::Y444 => PixelFormat::Y444,
        VideoFormat::Yuy2 => PixelFormat::Yuy2,
        VideoFormat::Uyvy => PixelFormat::Uyvy,
        VideoFormat::P01010le => PixelFormat::P010Le,
        VideoFormat::I42010le => PixelFormat::I420P10Le,
        VideoFormat::Rgb => PixelFormat::Rgb,
        VideoFormat::Bgr => PixelFormat::Bgr,
        VideoFormat::Rgbx | VideoFormat::Rgba => PixelFormat::Rgbx,
        VideoFormat::Bgrx | VideoFormat::Bgra => PixelFormat::Bgrx,
        VideoFormat::Xrgb | VideoFormat::Argb => PixelFormat::Xrgb,
        VideoFormat::Xbgr | VideoFormat::Abgr => PixelFormat::Xbgr,
        VideoFormat::Rgbp => PixelFormat::Rgbp,
        VideoFormat::Gbr => PixelFormat::Gbr,
        VideoFormat::Gray8 => PixelFormat::Gray8,
        VideoFormat::Gray16Le => PixelFormat::Gray16Le,
        VideoFormat::Gray16Be => PixelFormat::Gray16Be,
        _ => return None,
    })
}

/// Matrix and range of the caps' colorimetry. A matrix that Lynx does not know is read as
/// BT.709 from 720 lines on and as BT.601 below, as GStreamer's own default is; a range that
/// nobody says is limited for Y'CbCr and full for RGB and grey.
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
        VideoColorRange::Range16_235 => Range::Limited,
        _ if info.is_yuv() => Range::Limited,
        _ => Range::Full,
    };
    Colorimetry { matrix, range }
}

/// Where chroma sits. Caps without a `chroma-site` leave it between the pixels, as in JPEG.
fn chroma_site(info: &VideoInfo) -> ChromaSite {
    let site = info.chroma_site();
    ChromaSite {
        left: site.contains(VideoChromaSite::H_COSITED),
        top: site.contains(VideoChromaSite::V_COSITED),
    }
}

/// What a converter must know of the caps.
pub fn source(info: &VideoInfo) -> Option<Source> {
    let aspect = info.par();
    let side = |side: i32| u32::try_from(side).unwrap_or(1);
    Some(Source {
        format: pixel_format(info.format())?,
        width: info.width(),
        height: info.height(),
        pixel_aspect: (side(aspect.numer()), side(aspect.denom())),
        colorimetry: colorimetry(info),
        chroma_site: chroma_site(info),
    })
}

/// What is to be said of interlaced caps: frames of two woven fields are read as they are,
/// which the message says, and others are not read, which the error says.
pub fn interlacing(info: &VideoInfo) -> Result<Option<&'static str>, &'static str> {
    match info.interlace_mode() {
        VideoInterlaceMode::Progressive => Ok(None),
        VideoInterlaceMode::Interleaved | VideoInterlaceMode::Mixed => Ok(Some(
            "the video is interlaced: each frame is read as one picture, in which what moves is \
             combed; put deinterlace before this element",
        )),
        _ => Err(
            "the video comes in fields, of which no picture can be read; put deinterlace before \
             this element",
        ),
    }
}

/// The size of a buffer's picture in memory, and which part of it is the picture that the caps
/// describe: the decoder's crop (`GstVideoCropMeta`); `None` for all of it.
pub fn crop(buffer: &gst::BufferRef, info: &VideoInfo) -> ((u32, u32), Option<Rect>) {
    let size = match buffer.meta::<VideoMeta>() {
        Some(meta) => (meta.width(), meta.height()),
        None => (info.width(), info.height()),
    };
    let rect = buffer.meta::<VideoCropMeta>().map(|meta| {
        let (x, y, width, height) = meta.rect();
        Rect::new(x as f32, y as f32, width as f32, height as f32)
    });
    (size, rect)
}
