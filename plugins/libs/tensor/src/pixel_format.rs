// SPDX-License-Identifier: MIT OR Apache-2.0

/// Greatest width and height of a frame or a tensor.
pub(crate) const MAX_SIDE: u32 = 16384;

/// Memory layouts of 8-bit video frames, named as in GStreamer.
///
/// An alpha channel is read as padding: RGBA is `Rgbx`, BGRA is `Bgrx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Plane 0: Y. Plane 1: U and V interleaved, one pair for 2×2 pixels.
    Nv12,
    /// Plane 0: Y. Planes 1 and 2: U and V, one sample for 2×2 pixels.
    I420,
    /// One plane of 3 bytes a pixel.
    Rgb,
    /// One plane of 3 bytes a pixel.
    Bgr,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Rgbx,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Bgrx,
}

impl PixelFormat {
    /// Number of planes.
    pub const fn n_planes(self) -> usize {
        match self {
            Self::Nv12 => 2,
            Self::I420 => 3,
            _ => 1,
        }
    }

    /// Bytes that a row of plane `plane` uses in a frame `width` pixels wide, padding excluded.
    pub const fn row_bytes(self, plane: usize, width: usize) -> usize {
        match (self, plane) {
            (Self::Nv12 | Self::I420, 0) => width,
            (Self::Nv12, _) => width.div_ceil(2) * 2,
            (Self::I420, _) => width.div_ceil(2),
            (Self::Rgb | Self::Bgr, _) => width * 3,
            (Self::Rgbx | Self::Bgrx, _) => width * 4,
        }
    }

    /// Rows that plane `plane` has in a frame `height` pixels high.
    pub const fn rows(self, plane: usize, height: usize) -> usize {
        match (self, plane) {
            (Self::Nv12 | Self::I420, 1..) => height.div_ceil(2),
            _ => height,
        }
    }

    /// Checks that a frame of `width` × `height` pixels lies within its planes, each given as its
    /// stride and its length in bytes. The last row needs its bytes but no padding after them:
    /// buffers that end there are common.
    ///
    /// # Errors
    ///
    /// [`FrameError`] says which size, plane count, stride or plane length does not fit.
    pub fn check(
        self,
        width: u32,
        height: u32,
        planes: impl ExactSizeIterator<Item = (usize, usize)>,
    ) -> Result<(), FrameError> {
        check_size(width, height)?;
        if planes.len() != self.n_planes() {
            return Err(FrameError::PlaneCount {
                format: self,
                expected: self.n_planes(),
                found: planes.len(),
            });
        }
        for (plane, (stride, found)) in planes.enumerate() {
            let row_bytes = self.row_bytes(plane, width as usize);
            if stride < row_bytes {
                return Err(FrameError::Stride {
                    plane,
                    needed: row_bytes,
                    found: stride,
                });
            }
            let before = stride.saturating_mul(self.rows(plane, height as usize) - 1);
            let needed = before.saturating_add(row_bytes);
            if found < needed {
                return Err(FrameError::PlaneData {
                    plane,
                    needed,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// Checks that each side of a frame is 1..=16384 pixels.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), FrameError> {
    let works = |side| (1..=MAX_SIDE).contains(&side);
    if works(width) && works(height) {
        Ok(())
    } else {
        Err(FrameError::Size { width, height })
    }
}

/// Why a frame is not as its caps say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A frame side is 0 or more than 16384.
    #[error("a frame of {width}x{height} pixels cannot be taken: each side must be 1..=16384")]
    Size { width: u32, height: u32 },
    /// The frame has another number of planes than its format.
    #[error("a {format:?} frame has {expected} planes, but {found} were given")]
    PlaneCount {
        format: PixelFormat,
        expected: usize,
        found: usize,
    },
    /// Rows of a plane would overlap.
    #[error("plane {plane} has a stride of {found} bytes, but its rows are {needed} bytes long")]
    Stride {
        plane: usize,
        needed: usize,
        found: usize,
    },
    /// A plane ends before its last row does.
    #[error("plane {plane} has {found} bytes, but its rows need {needed}: the buffer is truncated")]
    PlaneData {
        plane: usize,
        needed: usize,
        found: usize,
    },
}
