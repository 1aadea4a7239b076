// SPDX-License-Identifier: MIT OR Apache-2.0

use std::hint::black_box;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use lynx_geometry::Rect;
use lynx_tensor::{AlignedBytes, PixelFormat};
use yuv::{YuvBiPlanarImage, YuvConversionMode, YuvPlanarImage, YuvRange, YuvStandardMatrix};

use crate::own_convert::{OwnConvert, Place};
use crate::{Case, Picture, Variant};

/// Crate `yuv` to RGBx, `fast_image_resize` of that, then our own loop for mean, std and layout.
/// Every pixel of the frame, or of the region, is converted.
pub struct YuvFirst<'a> {
    case: &'a Case,
    picture: &'a Picture,
    rgbx: Vec<u8>,
    resizer: Resizer,
    resized: Image<'static>,
    convert: OwnConvert,
    tensor: AlignedBytes,
    next: usize,
}

impl<'a> YuvFirst<'a> {
    /// Nothing for a case whose frames are RGB already.
    pub fn new(case: &'a Case, picture: &'a Picture) -> Option<Self> {
        if !case.format.is_yuv() {
            return None;
        }
        let place = Place::new(case);
        Some(Self {
            case,
            picture,
            rgbx: vec![0; 4 * case.width as usize * case.height as usize],
            resizer: Resizer::new(),
            resized: Image::new(place.width as u32, place.height as u32, PixelType::U8x4),
            convert: OwnConvert::new(case, PixelFormat::Rgbx, place),
            tensor: AlignedBytes::new(case.spec.bytes()),
            next: 0,
        })
    }
}

/// Converts the part of the frame that a region of whole pixels touches, from an even column and
/// row on; returns where it begins and its size.
fn convert(case: &Case, picture: &Picture, region: &Rect, rgbx: &mut [u8]) -> [u32; 4] {
    let (left, top) = (region.x as u32 & !1, region.y as u32 & !1);
    let width = (region.right() as u32).next_multiple_of(2).min(case.width) - left;
    let height = (region.bottom() as u32)
        .next_multiple_of(2)
        .min(case.height)
        - top;
    let plane = |index: usize, x: u32, y: u32| {
        let (data, stride) = &picture.planes()[index];
        (&data[y as usize * stride + x as usize..], *stride as u32)
    };
    let out = &mut rgbx[..4 * width as usize * height as usize];
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt601);
    let mode = YuvConversionMode::Balanced;
    let (y_plane, y_stride) = plane(0, left, top);
    let made = match case.format {
        PixelFormat::Nv12 => {
            let (uv_plane, uv_stride) = plane(1, left, top / 2);
            let image = YuvBiPlanarImage {
                y_plane,
                y_stride,
                uv_plane,
                uv_stride,
                width,
                height,
            };
            yuv::yuv_nv12_to_rgba(&image, out, 4 * width, range, matrix, mode)
        }
        PixelFormat::I420 => {
            let (u_plane, u_stride) = plane(1, left / 2, top / 2);
            let (v_plane, v_stride) = plane(2, left / 2, top / 2);
            let image = YuvPlanarImage {
                y_plane,
                y_stride,
                u_plane,
                u_stride,
                v_plane,
                v_stride,
                width,
                height,
            };
            yuv::yuv420_to_rgba(&image, out, 4 * width, range, matrix)
        }
        other => unimplemented!("no case has {other:?}"),
    };
    made.expect("a frame that fits");
    [left, top, width, height]
}

impl Variant for YuvFirst<'_> {
    fn run(&mut self) {
        let case = self.case;
        let whole = Rect::new(0.0, 0.0, case.width as f32, case.height as f32);
        let region = case.regions.get(self.next).unwrap_or(&whole);
        let [left, top, width, height] =
            convert(case, black_box(self.picture), region, &mut self.rgbx);
        let bytes = &self.rgbx[..4 * width as usize * height as usize];
        let source = ImageRef::new(width, height, bytes, PixelType::U8x4).expect("a picture");
        let [x, y, w, h] = [
            region.x - left as f32,
            region.y - top as f32,
            region.w,
            region.h,
        ];
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Interpolation(FilterType::Bilinear))
            .use_alpha(false)
            .crop(x.into(), y.into(), w.into(), h.into());
        let made = self.resizer.resize(&source, &mut self.resized, &options);
        made.expect("a resize of one pixel type");
        let planes = [self.resized.buffer(), &[], &[]];
        self.convert.run(planes, black_box(&mut self.tensor));
        self.next = (self.next + 1) % case.regions.len().max(1);
    }

    fn tensor(&self) -> Option<&[u8]> {
        Some(&self.tensor)
    }
}
