// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::fit::Fit;
use crate::kernels::{Cpu, pack};
use crate::{Error, TensorLayout, TensorSpec};

/// Where the image lies in the tensor, in whole elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    x: usize,
    y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Place {
    /// All of the tensor.
    pub(crate) fn all(spec: &TensorSpec) -> Self {
        Self {
            x: 0,
            y: 0,
            width: spec.width as usize,
            height: spec.height as usize,
        }
    }

    pub(crate) fn new(fit: &Fit) -> Self {
        Self {
            x: fit.x.place as usize,
            y: fit.y.place as usize,
            width: fit.x.len as usize,
            height: fit.y.len as usize,
        }
    }
}

/// What surrounds the image in a tensor: for memory that gets its padding once, and images many
/// times.
#[derive(Debug, Clone)]
pub struct Padding {
    pub(crate) spec: TensorSpec,
    pub(crate) place: Place,
    pub(crate) values: [f32; 3],
}

impl Padding {
    /// Writes the elements that are not image, and no other. Does nothing where the image fills
    /// the tensor.
    ///
    /// # Errors
    ///
    /// [`Error::TensorLen`] unless `out` has [`TensorSpec::bytes`] bytes, [`Error::Alignment`]
    /// unless it is aligned as its elements.
    pub fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        Target::new(&self.spec, self.place, out)?.fill_padding(self.values);
        Ok(())
    }
}

/// A tensor to be written.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    spec: &'a TensorSpec,
    place: Place,
    bytes: &'a mut [u8],
}

impl<'a> Target<'a> {
    /// Checks length and alignment.
    pub(crate) fn new(
        spec: &'a TensorSpec,
        place: Place,
        bytes: &'a mut [u8],
    ) -> Result<Self, Error> {
        if bytes.len() != spec.bytes() {
            return Err(Error::TensorLen {
                expected: spec.bytes(),
                found: bytes.len(),
            });
        }
        if bytes.as_ptr().align_offset(spec.element.size()) != 0 {
            return Err(Error::Alignment {
                needed: spec.element.size(),
            });
        }
        Ok(Self { spec, place, bytes })
    }

    /// Channels that lie side by side.
    fn side_by_side(&self) -> usize {
        match self.spec.layout {
            TensorLayout::Nchw => 1,
            TensorLayout::Nhwc => self.spec.channels(),
        }
    }

    /// The bytes of row `y` of the image in each plane of a planar tensor, padding excluded; of
    /// the only plane in the first otherwise.
    pub(crate) fn row(&mut self, y: usize) -> [&mut [u8]; 3] {
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let side_by_side = self.side_by_side();
        let pixel = side_by_side * self.spec.element.size();
        let place = self.place;
        let start = ((place.y + y) * width + place.x) * pixel;
        let mut planes = self.bytes.chunks_exact_mut(width * height * pixel);
        std::array::from_fn(|_| match planes.next() {
            Some(plane) => &mut plane[start..][..place.width * pixel],
            None => &mut [],
        })
    }

    /// Writes row `y` of the image: a row a channel. `room` holds all their elements.
    pub(crate) fn pack(&mut self, cpu: Cpu, y: usize, rows: &[&[f32]], room: &mut [f32]) {
        let (element, layout) = (self.spec.element, self.spec.layout);
        let outs = self.row(y);
        match (layout, rows, outs) {
            (TensorLayout::Nhwc, [a, b, c], [out, ..]) => {
                pack::interleaved(cpu, element, [a, b, c], room, out);
            }
            (_, rows, outs) => {
                for (row, out) in rows.iter().zip(outs) {
                    pack::row(cpu, element, row, out);
                }
            }
        }
    }

    /// Writes every element that is not image.
    pub(crate) fn fill_padding(&mut self, pads: [f32; 3]) {
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let side_by_side = self.side_by_side();
        let pixel = side_by_side * self.spec.element.size();
        let (element, place) = (self.spec.element, self.place);
        let planes = self.bytes.chunks_exact_mut(width * height * pixel);
        for (plane, pads) in planes.zip(pads.chunks_exact(side_by_side)) {
            let (above, rest) = plane.split_at_mut(place.y * width * pixel);
            let (beside, below) = rest.split_at_mut(place.height * width * pixel);
            pack::fill(element, pads, above);
            pack::fill(element, pads, below);
            if place.width < width {
                for row in beside.chunks_exact_mut(width * pixel) {
                    pack::fill(element, pads, &mut row[..place.x * pixel]);
                    pack::fill(element, pads, &mut row[(place.x + place.width) * pixel..]);
                }
            }
        }
    }
}
