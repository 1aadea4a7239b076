// SPDX-License-Identifier: MIT OR Apache-2.0

use super::{Error, Source};
use crate::{Frame, Plane};

/// The rows of one plane, proven to lie within its data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    plane: Plane<'a>,
    row_bytes: usize,
}

impl<'a> Rows<'a> {
    /// Checks plane `index` of a frame. The last row needs its bytes but no padding after them:
    /// buffers that end there are common.
    fn new(source: &Source, index: usize, plane: Plane<'a>) -> Result<Self, Error> {
        let row_bytes = source.format.row_bytes(index, source.width as usize);
        let rows = source.format.rows(index, source.height as usize);
        if plane.stride < row_bytes {
            return Err(Error::Stride {
                plane: index,
                needed: row_bytes,
                found: plane.stride,
            });
        }
        let needed = (plane.stride.saturating_mul(rows - 1)).saturating_add(row_bytes);
        if plane.data.len() < needed {
            return Err(Error::PlaneData {
                plane: index,
                needed,
                found: plane.data.len(),
            });
        }
        Ok(Self { plane, row_bytes })
    }

    /// The bytes of row `y`, padding excluded.
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        &self.plane.data[y * self.plane.stride..][..self.row_bytes]
    }
}

/// Checks that `frame` has exactly `N` planes, each long enough.
pub(super) fn planes<'a, const N: usize>(
    source: &Source,
    frame: &Frame<'a>,
) -> Result<[Rows<'a>; N], Error> {
    let planes: &[Plane<'a>; N] = frame.planes.try_into().map_err(|_| Error::PlaneCount {
        format: source.format,
        expected: N,
        found: frame.planes.len(),
    })?;
    let mut rows = planes.map(|plane| Rows {
        plane,
        row_bytes: 0,
    });
    for (index, (rows, plane)) in rows.iter_mut().zip(planes).enumerate() {
        *rows = Rows::new(source, index, *plane)?;
    }
    Ok(rows)
}
