// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::samples::{Model, Samples};

/// Greatest width and height of a frame or a tensor.
pub(crate) const MAX_SIDE: u32 = 16384;

/// Memory layouts of video frames, named as in GStreamer.
///
/// An alpha channel is read as padding: RGBA is `Rgbx`, ARGB is `Xrgb`, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// 4:2:0. Plane 0: Y. Plane 1: U and V in turn.
    Nv12,
    /// 4:2:0. Plane 0: Y. Plane 1: V and U in turn.
    Nv21,
    /// 4:2:2. Plane 0: Y. Plane 1: U and V in turn.
    Nv16,
    /// 4:2:0. Planes Y, U, V.
    I420,
    /// 4:2:0. Planes Y, V, U.
    Yv12,
    /// 4:2:2. Planes Y, U, V.
    Y42b,
    /// 4:4:4. Planes Y, U, V.
    Y444,
    /// 4:2:2. One plane: Y, U, Y, V.
    Yuy2,
    /// 4:2:2. One plane: U, Y, V, Y.
    Uyvy,
    /// As `Nv12`, 10 bits at the top of 16, little endian.
    P010Le,
    /// As `I420`, 10 bits at the bottom of 16, little endian.
    I420P10Le,
    /// One plane of 3 bytes a pixel.
    Rgb,
    /// One plane of 3 bytes a pixel.
    Bgr,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Rgbx,
    /// One plane of 4 bytes a pixel, the fourth ignored.
    Bgrx,
    /// One plane of 4 bytes a pixel, the first ignored.
    Xrgb,
    /// One plane of 4 bytes a pixel, the first ignored.
    Xbgr,
    /// Planes R, G, B.
    Rgbp,
    /// Planes G, B, R.
    Gbr,
    /// One plane of grey.
    Gray8,
    /// One plane of grey, 16 bits, little endian.
    Gray16Le,
    /// One plane of grey, 16 bits, big endian.
    Gray16Be,
}

impl PixelFormat {
    /// Every format.
    pub const ALL: [Self; 22] = [
        Self::Nv12,
        Self::Nv21,
        Self::Nv16,
        Self::I420,
        Self::Yv12,
        Self::Y42b,
        Self::Y444,
        Self::Yuy2,
        Self::Uyvy,
        Self::P010Le,
        Self::I420P10Le,
        Self::Rgb,
        Self::Bgr,
        Self::Rgbx,
        Self::Bgrx,
        Self::Xrgb,
        Self::Xbgr,
        Self::Rgbp,
        Self::Gbr,
        Self::Gray8,
        Self::Gray16Le,
        Self::Gray16Be,
    ];

    /// Number of planes.
    pub fn n_planes(self) -> usize {
        self.model()
            .samples()
            .iter()
            .map(|s| s.plane)
            .max()
            .unwrap_or(0)
            + 1
    }

    /// Bytes that a row of plane `plane` uses in a frame `width` pixels wide, padding excluded.
    pub fn row_bytes(self, plane: usize, width: usize) -> usize {
        let rows = |s: &Samples| s.step * s.columns(width);
        self.of_plane(plane, rows)
    }

    /// Rows that plane `plane` has in a frame `height` pixels high.
    pub fn rows(self, plane: usize, height: usize) -> usize {
        self.of_plane(plane, |s| s.rows(height))
    }

    /// Greatest value among the samples of a plane.
    fn of_plane(self, plane: usize, value: impl Fn(&Samples) -> usize) -> usize {
        let model = self.model();
        let here = model.samples().iter().filter(|s| s.plane == plane);
        here.map(value).max().unwrap_or(0)
    }

    /// Whether the samples are Y'CbCr.
    pub fn is_yuv(self) -> bool {
        matches!(self.model(), Model::Yuv(_))
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
