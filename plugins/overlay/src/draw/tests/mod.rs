// SPDX-License-Identifier: MIT OR Apache-2.0
//! What drawing does to whole frames.

mod golden;
mod hiding;
mod labels;
mod picture;
mod random;
mod refused;
mod scene;
mod shapes;

use super::{Colorimetry, Format, Matrix, Range};

const FORMATS: [Format; 10] = [
    Format::Nv12,
    Format::I420,
    Format::Rgb,
    Format::Bgr,
    Format::Rgbx,
    Format::Bgrx,
    Format::Xrgb,
    Format::Xbgr,
    Format::Yuy2,
    Format::Uyvy,
];

const BT709: Colorimetry = Colorimetry {
    matrix: Matrix::Bt709,
    range: Range::Limited,
};
