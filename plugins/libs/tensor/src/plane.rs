// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::{Error, Source};
use crate::{Frame, Plane};

/// The rows of one plane, proven to lie within its data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    plane: Plane<'a>,
    row_bytes: usize,
}

impl<'a> Rows<'a> {
    /// The bytes of row `y`, padding excluded.
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        &self.plane.data[y * self.plane.stride..][..self.row_bytes]
    }
}

/// The planes of `frame`, checked; `N` is how many its format has.
pub(crate) fn planes<'a, const N: usize>(
    source: &Source,
    frame: &Frame<'a>,
) -> Result<[Rows<'a>; N], Error> {
    let Source { width, height, .. } = *source;
    let sizes = frame.planes.iter().map(|p| (p.stride, p.data.len()));
    source.format.check(width, height, sizes)?;
    Ok(std::array::from_fn(|index| Rows {
        plane: frame.planes[index],
        row_bytes: source.format.row_bytes(index, width as usize),
    }))
}
