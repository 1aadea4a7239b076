// SPDX-License-Identifier: MIT OR Apache-2.0
use crate::color::{Channel, channels};
use crate::cpu::Cpu;
use crate::pixel_format::check_size;
use crate::place::{Place, Target};
use crate::rgb::Rgb;
use crate::yuv::Yuv;
use crate::{Colorimetry, Error, Frame, PixelFormat, TensorSpec, Transform};

/// The frames that a converter reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source {
    pub format: PixelFormat,
    /// Width in pixels, 1..=16384; odd widths are fine in every format.
    pub width: u32,
    /// Height in pixels, 1..=16384; odd heights are fine in every format.
    pub height: u32,
    /// Ignored by the RGB formats.
    pub colorimetry: Colorimetry,
}

/// Turns frames of one kind into tensors of one kind. Holds the tables and all the scratch
/// memory, so that a conversion allocates nothing.
#[derive(Debug)]
pub struct Converter {
    source: Source,
    spec: TensorSpec,
    transform: Transform,
    place: Place,
    channels: [Channel; 3],
    kind: Kind,
    cpu: Cpu,
}

#[derive(Debug)]
enum Kind {
    Yuv(Box<Yuv>),
    Rgb(Box<Rgb>),
}

impl Converter {
    /// Builds the tables.
    ///
    /// # Errors
    ///
    /// [`FrameError::Size`](crate::FrameError::Size) and [`Error::TensorSize`] for a side outside 1..=16384,
    /// [`Error::Normalization`] for a mean or std that makes a channel not finite.
    pub fn new(source: Source, spec: &TensorSpec) -> Result<Self, Error> {
        Self::with_cpu(source, spec, Cpu::detect())
    }

    pub(crate) fn with_cpu(source: Source, spec: &TensorSpec, cpu: Cpu) -> Result<Self, Error> {
        let Source { width, height, .. } = source;
        check_size(width, height)?;
        if check_size(spec.width, spec.height).is_err() {
            return Err(Error::TensorSize {
                width: spec.width,
                height: spec.height,
            });
        }
        let channels = channels(spec)?;
        let (transform, size) = Transform::fit(width, height, spec);
        let place = Place::new(&transform, size, spec);
        let kind = match source.format {
            PixelFormat::Nv12 | PixelFormat::I420 => {
                Kind::Yuv(Box::new(Yuv::new(&source, spec, &place, &channels)))
            }
            PixelFormat::Rgb | PixelFormat::Bgr | PixelFormat::Rgbx | PixelFormat::Bgrx => {
                Kind::Rgb(Box::new(Rgb::new(&source, spec, &place, &channels)))
            }
        };
        Ok(Self {
            source,
            spec: spec.clone(),
            transform,
            place,
            channels,
            kind,
            cpu,
        })
    }

    /// Where the frame lies in the tensor.
    pub fn transform(&self) -> Transform {
        self.transform
    }

    /// The tensor that is written.
    pub fn spec(&self) -> &TensorSpec {
        &self.spec
    }

    /// Writes the elements of a tensor that are not image, and no other. Does nothing where the
    /// image fills the tensor.
    ///
    /// # Errors
    ///
    /// [`Error::TensorLen`] unless `out` has [`TensorSpec::len`] elements.
    pub fn fill_padding(&self, out: &mut [f32]) -> Result<(), Error> {
        let mut target = Target::new(&self.spec, self.place, out)?;
        target.fill_padding(self.channels.map(|c| c.pad));
        Ok(())
    }

    /// Writes a whole tensor, padding and image: `[1, 3, H, W]` or `[1, H, W, 3]` as
    /// [`TensorSpec::layout`] has it. Every element is written, so `out` may hold anything.
    ///
    /// # Errors
    ///
    /// As [`Self::convert_image`].
    pub fn convert(&mut self, frame: &Frame<'_>, out: &mut [f32]) -> Result<(), Error> {
        self.convert_image(frame, out)?;
        self.fill_padding(out)
    }

    /// Writes the image alone, for a tensor that comes back with the padding it once got from
    /// [`Self::fill_padding`].
    ///
    /// # Errors
    ///
    /// [`Error::TensorLen`] unless `out` has [`TensorSpec::len`] elements;
    /// [`Error::Frame`] for a frame that is not as the [`Source`] says. Nothing is written then.
    pub fn convert_image(&mut self, frame: &Frame<'_>, out: &mut [f32]) -> Result<(), Error> {
        let mut target = Target::new(&self.spec, self.place, out)?;
        let (cpu, source, height) = (self.cpu, &self.source, self.place.height);
        match &mut self.kind {
            Kind::Yuv(yuv) => yuv.convert(cpu, source, frame, &mut target, height),
            Kind::Rgb(rgb) => rgb.convert(cpu, source, frame, &mut target, height),
        }
    }
}
