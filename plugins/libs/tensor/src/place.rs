// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::Error;
use crate::{TensorLayout, TensorSpec, Transform};

/// Where the image lies in the tensor, in whole elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    tensor_width: usize,
    tensor_height: usize,
}

impl Place {
    pub(crate) fn new(transform: &Transform, size: (u32, u32), spec: &TensorSpec) -> Self {
        Self {
            x: transform.offset_x as usize,
            y: transform.offset_y as usize,
            width: size.0 as usize,
            height: size.1 as usize,
            tensor_width: spec.width as usize,
            tensor_height: spec.height as usize,
        }
    }

    /// Fills what is not image in a tensor plane of `T`.
    fn fill_around<T: Copy>(&self, plane: &mut [T], value: T) {
        let (above, rest) = plane.split_at_mut(self.y * self.tensor_width);
        let (beside, below) = rest.split_at_mut(self.height * self.tensor_width);
        above.fill(value);
        below.fill(value);
        if self.width < self.tensor_width {
            for row in beside.chunks_exact_mut(self.tensor_width) {
                row[..self.x].fill(value);
                row[self.x + self.width..].fill(value);
            }
        }
    }
}

/// A tensor's elements of type `T`, one a pixel.
#[derive(Debug)]
pub(crate) struct Pixels<'a, T> {
    all: &'a mut [T],
    place: Place,
}

impl<T> Pixels<'_, T> {
    /// Row `y` of the image, padding excluded.
    pub(crate) fn row(&mut self, y: usize) -> &mut [T] {
        let Place { x, width, .. } = self.place;
        let start = (self.place.y + y) * self.place.tensor_width + x;
        &mut self.all[start..][..width]
    }
}

/// The three planes of a planar tensor.
#[derive(Debug)]
pub(crate) struct Planes<'a>([Pixels<'a, f32>; 3]);

impl Planes<'_> {
    /// Row `y` of the image in each plane, padding excluded.
    pub(crate) fn row(&mut self, y: usize) -> [&mut [f32]; 3] {
        self.0.each_mut().map(|plane| plane.row(y))
    }
}

/// A tensor as its layout has it.
#[derive(Debug)]
pub(crate) enum Target<'a> {
    Planar(Planes<'a>),
    Interleaved(Pixels<'a, [f32; 3]>),
}

impl<'a> Target<'a> {
    /// Checks the length of `out` and divides it.
    pub(crate) fn new(spec: &TensorSpec, place: Place, out: &'a mut [f32]) -> Result<Self, Error> {
        if out.len() != spec.len() {
            return Err(Error::TensorLen {
                expected: spec.len(),
                found: out.len(),
            });
        }
        Ok(match spec.layout {
            TensorLayout::Nchw => {
                let area = place.tensor_width * place.tensor_height;
                let (first, rest) = out.split_at_mut(area);
                let (second, third) = rest.split_at_mut(area);
                Self::Planar(Planes(
                    [first, second, third].map(|all| Pixels { all, place }),
                ))
            }
            TensorLayout::Nhwc => Self::Interleaved(Pixels {
                all: out.as_chunks_mut().0,
                place,
            }),
        })
    }

    /// Writes every element that is not image.
    pub(crate) fn fill_padding(&mut self, pads: [f32; 3]) {
        match self {
            Self::Planar(Planes(planes)) => {
                for (plane, pad) in planes.iter_mut().zip(pads) {
                    plane.place.fill_around(plane.all, pad);
                }
            }
            Self::Interleaved(pixels) => pixels.place.fill_around(pixels.all, pads),
        }
    }
}
