// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_tensor::{Frame, Plane};

use crate::Case;

/// A frame's memory: ramps, and texture in the first plane; rows without padding.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Bytes and stride of each plane.
    planes: Vec<(Vec<u8>, usize)>,
}

impl Picture {
    pub fn new(case: &Case) -> Self {
        let (format, width, height) = (case.format, case.width as usize, case.height as usize);
        let plane = |plane: usize| {
            let stride = format.row_bytes(plane, width);
            let rows = format.rows(plane, height);
            let byte = |i: usize| {
                let (x, y) = (i % stride, i / stride);
                let texture = if plane == 0 { (x * 7 + y * 3) % 17 } else { 0 };
                (40 + x * 90 / stride + y * 80 / rows + texture) as u8
            };
            ((0..stride * rows).map(byte).collect(), stride)
        };
        Self {
            planes: (0..format.n_planes()).map(plane).collect(),
        }
    }

    /// Bytes and stride of each plane.
    pub fn planes(&self) -> &[(Vec<u8>, usize)] {
        &self.planes
    }

    /// The same, to be written.
    pub(crate) fn planes_mut(&mut self) -> &mut [(Vec<u8>, usize)] {
        &mut self.planes
    }

    /// Calls `work` with the frame; allocates nothing.
    pub fn with_frame<T>(&self, work: impl FnOnce(&Frame<'_>) -> T) -> T {
        let empty = Plane {
            data: &[],
            stride: 0,
        };
        let mut planes = [empty; 3];
        for (plane, (data, stride)) in planes.iter_mut().zip(&self.planes) {
            *plane = Plane {
                data,
                stride: *stride,
            };
        }
        work(&Frame {
            planes: &planes[..self.planes.len()],
        })
    }
}
