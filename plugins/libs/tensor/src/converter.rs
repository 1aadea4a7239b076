// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use crate::color::{Channel, channels};
use crate::component::Component;
use crate::fit::{Fit, Region};
use crate::kernels::Cpu;
use crate::pixel_format::check_size;
use crate::place::{Padding, Place, Target};
use crate::stage::Stage;
use crate::{
    Affine, ChromaSite, Colorimetry, Element, Error, Frame, PixelFormat, TensorLayout, TensorSpec,
    Transform,
};

/// The frames that a converter reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source {
    pub format: PixelFormat,
    /// Width in pixels, 1..=16384; odd widths are fine in every format.
    pub width: u32,
    /// Height in pixels, 1..=16384; odd heights are fine in every format.
    pub height: u32,
    /// Width and height of a pixel, (1, 1) for a square one. Resize modes that keep the aspect
    /// ratio keep that of the frame as it is to be shown. A 0 counts as 1.
    pub pixel_aspect: (u32, u32),
    pub colorimetry: Colorimetry,
    /// Ignored by formats whose chroma is not subsampled.
    pub chroma_site: ChromaSite,
}

impl Source {
    /// Square pixels, BT.601 in limited range (full range if RGB or grey), chroma between the
    /// pixels.
    pub fn new(format: PixelFormat, width: u32, height: u32) -> Self {
        Self {
            format,
            width,
            height,
            pixel_aspect: (1, 1),
            colorimetry: Colorimetry::of(format),
            chroma_site: ChromaSite::default(),
        }
    }

    fn whole(&self) -> Region {
        Region {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        }
    }
}

/// Turns frames of one kind into tensors of one kind. Holds the tables and all the scratch
/// memory, so that a conversion allocates nothing once it has seen its largest region (and a
/// turned crop, if there are any).
#[derive(Debug)]
pub struct Converter {
    source: Source,
    spec: TensorSpec,
    channels: [Channel; 3],
    components: Vec<Component>,
    stage: Stage,
    /// What the tables are for.
    region: Option<Region>,
    place: Place,
    transform: Transform,
    /// A row of each channel, for tensors that are not planar `f32`, and once more.
    room: Vec<f32>,
    cpu: Cpu,
}

impl Converter {
    /// Builds the tables.
    ///
    /// # Errors
    ///
    /// [`FrameError::Size`](crate::FrameError::Size) and [`Error::TensorSize`] for a side outside
    /// 1..=16384, [`Error::Normalization`] for a mean or std that makes a channel not finite.
    pub fn new(source: Source, spec: &TensorSpec) -> Result<Self, Error> {
        Self::with_cpu(source, spec, Cpu::detect())
    }

    pub(crate) fn with_cpu(source: Source, spec: &TensorSpec, cpu: Cpu) -> Result<Self, Error> {
        check_size(source.width, source.height)?;
        if check_size(spec.width, spec.height).is_err() {
            return Err(Error::TensorSize {
                width: spec.width,
                height: spec.height,
            });
        }
        let channels = channels(spec)?;
        let (components, stage) = Stage::new(&source, spec, &channels);
        let fit = Fit::new(source.whole(), source.pixel_aspect, spec);
        let direct = spec.element == Element::F32 && spec.layout == TensorLayout::Nchw;
        let room = if direct {
            0
        } else {
            2 * spec.channels() * spec.width as usize
        };
        let mut converter = Self {
            source,
            spec: spec.clone(),
            channels,
            components,
            stage,
            region: None,
            place: Place::new(&fit),
            transform: fit.transform(),
            room: vec![0.0; room],
            cpu,
        };
        converter.plan(source.whole());
        Ok(converter)
    }

    /// Makes the tables for a region, unless they are.
    fn plan(&mut self, region: Region) {
        if self.region == Some(region) {
            return;
        }
        let fit = Fit::new(region, self.source.pixel_aspect, &self.spec);
        for component in &mut self.components {
            component.plan(&fit, &self.source, self.spec.filter);
        }
        self.place = Place::new(&fit);
        self.transform = fit.transform();
        self.region = Some(region);
    }

    /// The frames that are read.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The tensor that is written.
    pub fn spec(&self) -> &TensorSpec {
        &self.spec
    }

    /// Where the frame lies in the tensor that was made last, or of a whole frame if none was.
    pub fn transform(&self) -> Transform {
        self.transform
    }

    /// What surrounds the image of a whole frame.
    pub fn padding(&self) -> Padding {
        let fit = Fit::new(self.source.whole(), self.source.pixel_aspect, &self.spec);
        Padding {
            spec: self.spec.clone(),
            place: Place::new(&fit),
            values: self.channels.map(|c| c.pad),
        }
    }

    /// Writes a whole tensor, padding and image, of elements in native byte order:
    /// `[1, C, H, W]` or `[1, H, W, C]` as [`TensorSpec::layout`] has it. Every element is
    /// written, so `out` may hold anything.
    ///
    /// # Errors
    ///
    /// [`Error::TensorLen`] unless `out` has [`TensorSpec::bytes`] bytes, [`Error::Alignment`]
    /// unless it is aligned as its elements;
    /// [`Error::Frame`] for a frame that is not as the [`Source`] says. Nothing is written then.
    pub fn convert(&mut self, frame: &Frame<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.convert_image(frame, out)?;
        self.pad(out)
    }

    /// Writes the image alone, for a tensor that comes back with the padding it once got from
    /// [`Self::padding`].
    ///
    /// # Errors
    ///
    /// As [`Self::convert`].
    pub fn convert_image(&mut self, frame: &Frame<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.image(self.source.whole(), frame, out)
    }

    /// Writes a whole tensor of a region, in pixels of the frame: the part of it that lies in the
    /// frame, its edges rounded to whole pixels (at least one). Returns where the frame lies in
    /// the tensor.
    ///
    /// # Errors
    ///
    /// [`Error::Region`] for a region of which nothing lies in the frame, or that is not finite;
    /// else as [`Self::convert`].
    pub fn convert_region(
        &mut self,
        frame: &Frame<'_>,
        region: &Rect,
        out: &mut [u8],
    ) -> Result<Transform, Error> {
        let region = Region::new(region, self.source.width, self.source.height)?;
        self.image(region, frame, out)?;
        self.pad(out)?;
        Ok(self.transform)
    }

    /// Writes what surrounds the image that was made last.
    fn pad(&self, out: &mut [u8]) -> Result<(), Error> {
        let pads = self.channels.map(|c| c.pad);
        Target::new(&self.spec, self.place, out)?.fill_padding(pads);
        Ok(())
    }

    /// Writes a whole tensor of a turned crop; beside the frame its edge goes on. Resize mode and
    /// filter are of no effect: each element is made of the four pixels nearest to where `affine`
    /// says.
    ///
    /// # Errors
    ///
    /// [`Error::Affine`] for numbers that are not finite; else as [`Self::convert`].
    pub fn convert_turned(
        &mut self,
        frame: &Frame<'_>,
        affine: &Affine,
        out: &mut [u8],
    ) -> Result<(), Error> {
        if !affine.is_finite() {
            return Err(Error::Affine);
        }
        self.check(frame)?;
        self.write(Place::all(&self.spec), frame, Some(affine), out)
    }

    fn image(&mut self, region: Region, frame: &Frame<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.check(frame)?;
        Target::new(&self.spec, self.place, out)?;
        self.plan(region);
        for component in &mut self.components {
            component.restart();
        }
        self.write(self.place, frame, None, out)
    }

    fn check(&self, frame: &Frame<'_>) -> Result<(), Error> {
        let planes = frame.planes.iter().map(|p| (p.stride, p.data.len()));
        let Source {
            width,
            height,
            format,
            ..
        } = self.source;
        Ok(format.check(width, height, planes)?)
    }

    /// Writes the image of a frame that has been checked.
    fn write(
        &mut self,
        place: Place,
        frame: &Frame<'_>,
        affine: Option<&Affine>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let (cpu, width, channels) = (self.cpu, place.width, self.spec.channels());
        let mut target = Target::new(&self.spec, place, out)?;
        for y in 0..place.height {
            let mut components = self.components.iter_mut();
            let rows = std::array::from_fn(|_| {
                components.next().map(|component| match affine {
                    Some(affine) => component.turned(&self.source, frame, affine, y, width),
                    None => component.at(cpu, frame, y),
                })
            });
            if self.room.is_empty() {
                self.stage.run(cpu, rows, target.row(y).map(floats));
                continue;
            }
            let (room, pixels) = self.room.split_at_mut(channels * width);
            let mut parts = room.chunks_exact_mut(width);
            let made = std::array::from_fn(|_| parts.next().unwrap_or_default());
            self.stage.run(cpu, rows, made);
            let mut parts = room.chunks_exact(width);
            let made: [&[f32]; 3] = std::array::from_fn(|_| parts.next().unwrap_or_default());
            target.pack(cpu, y, &made[..channels], &mut pixels[..channels * width]);
        }
        Ok(())
    }
}

/// A row's elements; none of a channel that is not there.
fn floats(bytes: &mut [u8]) -> &mut [f32] {
    match bytes {
        [] => &mut [],
        bytes => bytemuck::cast_slice_mut(bytes),
    }
}
