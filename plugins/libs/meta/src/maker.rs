// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a buffer's picture to a tensor.

use gst_video::VideoInfo;
use lynx_geometry::Rect;
use lynx_tensor::{Affine, Converter, Padding, Source, TensorSpec, Transform};

use crate::{mapped, video};

/// Makes a stream's tensors: follows the caps, and what decoders say of single buffers (strides,
/// padding and crop).
#[derive(Debug)]
pub struct TensorMaker {
    info: VideoInfo,
    source: Source,
    converter: Converter,
    warning: Option<&'static str>,
    /// A picture was a part of its memory. Memory of tensors may have another padding since then.
    cropped: bool,
}

impl TensorMaker {
    /// Builds the tables. The error says what cannot be read or made.
    pub fn new(info: &VideoInfo, spec: &TensorSpec) -> Result<Self, String> {
        let source = video::source(info)
            .ok_or_else(|| format!("video format {} is not supported", info.format()))?;
        Ok(Self {
            info: info.clone(),
            source,
            warning: video::interlacing(info)?,
            converter: Converter::new(source, spec).map_err(|error| error.to_string())?,
            cropped: false,
        })
    }

    /// What is to be said, once, of the pictures that are read.
    pub fn warning(&mut self) -> Option<&'static str> {
        self.warning.take()
    }

    /// The tensor that is made.
    pub fn spec(&self) -> &TensorSpec {
        self.converter.spec()
    }

    /// Whether whole pictures may have left another padding than [`padding`](Self::padding).
    pub fn is_cropped(&self) -> bool {
        self.cropped
    }

    /// What surrounds the image of a whole picture.
    pub fn padding(&self) -> Padding {
        self.converter.padding()
    }

    /// Writes the tensor of a whole picture, whose padding `out` may have already. Returns where
    /// the picture lies in it.
    pub fn picture(
        &mut self,
        buffer: &gst::BufferRef,
        out: &mut [u8],
        padded: bool,
    ) -> Result<Transform, String> {
        let whole = (self.source.width as f32, self.source.height as f32);
        if let Some(crop) = self.follow(buffer)? {
            self.cropped = true;
            return self.region_of(buffer, crop, &Rect::new(0.0, 0.0, whole.0, whole.1), out);
        }
        let padded = padded && !self.cropped;
        let converter = &mut self.converter;
        mapped::with_frame(buffer, &self.info, |frame| match padded {
            true => converter.convert_image(frame, out),
            false => converter.convert(frame, out),
        })
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
        Ok(self.converter.transform())
    }

    /// Writes the tensor of a region of the picture, in pixels of it; see
    /// [`Converter::convert_region`]. Returns where the picture lies in the tensor.
    pub fn region(
        &mut self,
        buffer: &gst::BufferRef,
        region: &Rect,
        out: &mut [u8],
    ) -> Result<Transform, String> {
        let all = Rect::new(
            0.0,
            0.0,
            self.source.width as f32,
            self.source.height as f32,
        );
        let crop = self.follow(buffer)?.unwrap_or(all);
        self.region_of(buffer, crop, region, out)
    }

    /// Writes the tensor of a part of the picture that is turned by `angle` radians, clockwise, about
    /// its centre, upright.
    pub fn turned(
        &mut self,
        buffer: &gst::BufferRef,
        rect: &Rect,
        angle: f32,
        out: &mut [u8],
    ) -> Result<(), String> {
        let crop = self.follow(buffer)?.unwrap_or_default();
        let rect = Rect::new(rect.x + crop.x, rect.y + crop.y, rect.w, rect.h);
        let affine = Affine::from_turned(&rect, angle, self.spec());
        let converter = &mut self.converter;
        mapped::with_frame(buffer, &self.info, |frame| {
            converter.convert_turned(frame, &affine, out)
        })
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
    }

    /// Makes the converter fit the buffer's memory; returns the part of it that is the picture.
    fn follow(&mut self, buffer: &gst::BufferRef) -> Result<Option<Rect>, String> {
        let (size, crop) = video::crop(buffer, &self.info);
        let source = self.converter.source();
        if (source.width, source.height) != size {
            let source = Source {
                width: size.0,
                height: size.1,
                ..self.source
            };
            let converter = Converter::new(source, self.converter.spec());
            self.converter = converter.map_err(|error| error.to_string())?;
        }
        // Memory that is larger than the picture, and nobody says which part is: the first.
        let first = Rect::new(
            0.0,
            0.0,
            self.source.width as f32,
            self.source.height as f32,
        );
        let whole = size == (self.source.width, self.source.height);
        Ok(crop.or(if whole { None } else { Some(first) }))
    }

    fn region_of(
        &mut self,
        buffer: &gst::BufferRef,
        crop: Rect,
        region: &Rect,
        out: &mut [u8],
    ) -> Result<Transform, String> {
        let inside = region.clipped(crop.w, crop.h).unwrap_or(*region);
        let in_memory = Rect::new(inside.x + crop.x, inside.y + crop.y, inside.w, inside.h);
        let converter = &mut self.converter;
        let result = mapped::with_frame(buffer, &self.info, |frame| {
            converter.convert_region(frame, &in_memory, out)
        });
        let t = result
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        Ok(Transform {
            offset_x: t.offset_x + crop.x * t.scale_x,
            offset_y: t.offset_y + crop.y * t.scale_y,
            ..t
        })
    }
}
