// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a video frame to a model's input tensor in one pass: resize, colour change,
//! normalisation and layout, with no image in between.
//!
//! ```
//! use lynx_model::convert::{Converter, Source};
//! use lynx_model::{Colorimetry, Frame, PixelFormat, Plane, TensorSpec};
//!
//! let source = Source {
//!     format: PixelFormat::Nv12,
//!     width: 64,
//!     height: 48,
//!     colorimetry: Colorimetry::default(),
//! };
//! let spec = TensorSpec::new(32, 32);
//! let mut converter = Converter::new(source, &spec)?;
//! let (luma, chroma) = ([235; 64 * 48], [128; 64 * 24]);
//! let planes = [
//!     Plane { data: &luma, stride: 64 },
//!     Plane { data: &chroma, stride: 64 },
//! ];
//! let mut tensor = vec![0.0; spec.len()];
//! converter.convert(&Frame { planes: &planes }, &mut tensor)?;
//! assert_eq!(tensor[0], 114.0 / 255.0);
//! assert_eq!(tensor[16 * 32], 1.0);
//! # Ok::<(), lynx_model::convert::Error>(())
//! ```
//!
//! The resize is bilinear with half-pixel centres and clamped edges and is not antialiased, as
//! `cv2.resize` with `INTER_LINEAR`, which the models were trained with. Each output row is made
//! of two source rows: each is resized horizontally, at the cost of the output's width and not
//! the source's, and kept while neighbouring rows need it; then one loop blends the two, applies
//! a colour matrix that has range, mean and std folded in, clamps to 0..=255 and stores. The
//! arithmetic is `f32`: within 0.01 level (of 255) of the formula, and the same to the bit on
//! every run and every processor.
//!
//! Where to look: `taps` has the tables, `columns` the horizontal half, `rows` the vertical one,
//! `color` the matrices, `store` the last loop, `place` the padding, `cpu` the choice of AVX2.
//! A kernel in intrinsics takes the place of one method of `columns` or one function of `store`.

mod color;
mod columns;
mod cpu;
mod error;
mod place;
mod plane;
mod rgb;
mod rows;
mod store;
mod taps;
#[cfg(test)]
mod tests;
mod yuv;

pub use error::Error;

use self::color::{Channel, channels};
use self::cpu::Cpu;
use self::place::{Place, Target};
use self::rgb::Rgb;
use self::yuv::Yuv;
use crate::pixel_format::check_size;
use crate::{Colorimetry, Frame, PixelFormat, TensorSpec, Transform};

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

    fn with_cpu(source: Source, spec: &TensorSpec, cpu: Cpu) -> Result<Self, Error> {
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
