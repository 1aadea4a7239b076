// SPDX-License-Identifier: MIT OR Apache-2.0

use std::hint::black_box;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use lynx_tensor::{AlignedBytes, PixelFormat};

use crate::own_convert::{OwnConvert, Place};
use crate::{Case, Picture, Variant};

/// `fast_image_resize` of each plane to the image's size in the tensor, then one loop of our own
/// for colours, mean, std and layout.
///
/// Bilinear of two samples an axis, as Lynx, not the crate's antialiased default.
pub struct FastImageResize<'a> {
    case: &'a Case,
    picture: &'a Picture,
    resizer: Resizer,
    resized: Vec<Image<'static>>,
    convert: OwnConvert,
    tensor: AlignedBytes,
    next: usize,
}

fn pixel_types(format: PixelFormat) -> &'static [PixelType] {
    match format {
        PixelFormat::Nv12 => &[PixelType::U8, PixelType::U8x2],
        PixelFormat::I420 => &[PixelType::U8, PixelType::U8, PixelType::U8],
        PixelFormat::Rgb => &[PixelType::U8x3],
        PixelFormat::Rgbx => &[PixelType::U8x4],
        other => unimplemented!("no case has {other:?}"),
    }
}

impl<'a> FastImageResize<'a> {
    pub fn new(case: &'a Case, picture: &'a Picture) -> Self {
        let place = Place::new(case);
        let image = |kind: &PixelType| Image::new(place.width as u32, place.height as u32, *kind);
        Self {
            case,
            picture,
            resizer: Resizer::new(),
            resized: pixel_types(case.format).iter().map(image).collect(),
            convert: OwnConvert::new(case, case.format, place),
            tensor: AlignedBytes::new(case.spec.bytes()),
            next: 0,
        }
    }
}

impl Variant for FastImageResize<'_> {
    fn run(&mut self) {
        let region = self.case.regions.get(self.next);
        let (width, height) = (self.case.width, self.case.height);
        let types = pixel_types(self.case.format).iter();
        let planes = self.picture.planes().iter().zip(types);
        for (((data, stride), kind), resized) in planes.zip(&mut self.resized) {
            let columns = (stride / kind.size()) as u32;
            let rows = (data.len() / stride) as u32;
            let source = ImageRef::new(columns, rows, black_box(data), *kind).expect("a plane");
            let mut options = ResizeOptions::new()
                .resize_alg(ResizeAlg::Interpolation(FilterType::Bilinear))
                .use_alpha(false);
            if let Some(r) = region {
                let x = f64::from(columns) / f64::from(width);
                let y = f64::from(rows) / f64::from(height);
                let [left, top, w, h] = [r.x, r.y, r.w, r.h].map(f64::from);
                options = options.crop(left * x, top * y, w * x, h * y);
            }
            let made = self.resizer.resize(&source, resized, &options);
            made.expect("a resize of one pixel type");
        }
        let planes: [&[u8]; 3] =
            std::array::from_fn(|i| self.resized.get(i).map_or(&[][..], |image| image.buffer()));
        self.convert.run(planes, black_box(&mut self.tensor));
        self.next = (self.next + 1) % self.case.regions.len().max(1);
    }

    fn tensor(&self) -> Option<&[u8]> {
        Some(&self.tensor)
    }
}
