// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a region of a frame is laid into a tensor, in whole pixels and elements.

use lynx_geometry::Rect;

use crate::{Error, ResizeMode, TensorSpec, Transform};

/// One axis: `length` pixels from `start` on become `total` elements, of which `len` from `skip`
/// on lie in the tensor from `place` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) start: u32,
    pub(crate) length: u32,
    pub(crate) total: u32,
    pub(crate) skip: u32,
    pub(crate) place: u32,
    pub(crate) len: u32,
}

impl Axis {
    fn new(start: u32, length: u32, total: u32, side: u32, centred: bool) -> Self {
        // Of an odd remainder a letterbox has the greater half behind the image, as Ultralytics;
        // a crop rounds to even, as torchvision's `CenterCrop`.
        let (over, under) = (total.saturating_sub(side), side.saturating_sub(total));
        let skip = div_round_ties_even(u64::from(over), 2) as u32;
        Self {
            start,
            length,
            total,
            skip: if centred { skip } else { 0 },
            place: if centred { under / 2 } else { 0 },
            len: total.min(side),
        }
    }

    /// The same axis in the samples of a component.
    pub(crate) fn line(&self, half: bool, cosited: bool) -> Line {
        let (length, start) = (f64::from(self.length), f64::from(self.start));
        let (length, start) = if half {
            // The centre of two pixels is half a sample, that of the first is a quarter.
            (length / 2.0, start / 2.0 + if cosited { 0.25 } else { 0.0 })
        } else {
            (length, start)
        };
        let last = self.start + self.length - 1;
        Line {
            start: start - 0.5,
            length,
            total: f64::from(self.total),
            skip: self.skip,
            len: self.len as usize,
            first: self.start >> u32::from(half),
            last: last >> u32::from(half),
        }
    }

    fn scale(&self) -> f32 {
        self.total as f32 / self.length as f32
    }

    fn offset(&self) -> f32 {
        let start = f64::from(self.start) * f64::from(self.total) / f64::from(self.length);
        (f64::from(self.place) - f64::from(self.skip) - start) as f32
    }
}

/// Where the elements of an axis lie among the samples of one component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    start: f64,
    length: f64,
    total: f64,
    skip: u32,
    /// Number of elements.
    pub(crate) len: usize,
    /// The samples that may be read.
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Line {
    /// The sample that element `i` is centred on. The samples' centres are whole numbers.
    pub(crate) fn position(&self, i: usize) -> f64 {
        // Multiplied before divided: a position that is a whole number comes out exact, and its
        // weight exactly 0, which spares the second row.
        let element = i as f64 + f64::from(self.skip) + 0.5;
        element * self.length / self.total + self.start
    }

    /// Samples per element.
    pub(crate) fn ratio(&self) -> f64 {
        self.length / self.total
    }
}

/// Both axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Region {
    /// The part of `rect` that lies in a frame of that size, its edges rounded to whole pixels;
    /// at least one pixel.
    pub(crate) fn new(rect: &Rect, width: u32, height: u32) -> Result<Self, Error> {
        let none = || Error::Region {
            region: *rect,
            width,
            height,
        };
        let part = |from: f32, length: f32, side: u32| {
            if !(from.is_finite() && length.is_finite()) {
                return Err(none());
            }
            let (from, to) = (from.max(0.0), (from + length).min(side as f32));
            if from >= to {
                return Err(none());
            }
            let start = (from.round() as u32).min(side - 1);
            Ok((start, (to.round() as u32).max(start + 1) - start))
        };
        let (x, width) = part(rect.x, rect.w, width)?;
        let (y, height) = part(rect.y, rect.h, height)?;
        Ok(Self {
            x,
            y,
            width,
            height,
        })
    }
}

impl Fit {
    /// Lays `region`, none of whose sides is 0, into a tensor of `spec`; `aspect` is the width
    /// and the height of a pixel.
    ///
    /// As the reference implementations do, a letterbox scales by the smaller ratio and makes
    /// the image whole elements: Ultralytics rounds (Python's `round`, halves to even), YOLOX
    /// truncates. torchvision's `Resize`, of the shorter side, truncates too.
    pub(crate) fn new(region: Region, aspect: (u32, u32), spec: &TensorSpec) -> Self {
        // As the frame is to be shown. `u64`, because a product of two sides and an aspect
        // does not fit in 32 bits.
        let shown = (
            u64::from(region.width) * u64::from(aspect.0.max(1)),
            u64::from(region.height) * u64::from(aspect.1.max(1)),
        );
        let (width, height) = match spec.resize {
            ResizeMode::Stretch => (spec.width, spec.height),
            ResizeMode::Letterbox => scaled(shown, spec, false, div_round_ties_even),
            ResizeMode::LetterboxTopLeft => scaled(shown, spec, false, |n, d| n / d),
            ResizeMode::Crop => (region.width, region.height),
            ResizeMode::CropResize => scaled(shown, spec, true, |n, d| n / d),
        };
        let centred = spec.resize != ResizeMode::LetterboxTopLeft;
        Self {
            x: Axis::new(region.x, region.width, width, spec.width, centred),
            y: Axis::new(region.y, region.height, height, spec.height, centred),
        }
    }

    pub(crate) fn transform(&self) -> Transform {
        Transform {
            scale_x: self.x.scale(),
            scale_y: self.y.scale(),
            offset_x: self.x.offset(),
            offset_y: self.y.offset(),
        }
    }
}

/// The size of aspect ratio `shown` that the tensor just holds, or that just covers it. In whole
/// numbers, because a ratio in floating point makes an exact product such as 416 come out as
/// 415.99997.
fn scaled(
    (sw, sh): (u64, u64),
    spec: &TensorSpec,
    cover: bool,
    div: impl Fn(u64, u64) -> u64,
) -> (u32, u32) {
    let (tw, th) = (u64::from(spec.width), u64::from(spec.height));
    let wide = u128::from(tw) * u128::from(sh) <= u128::from(th) * u128::from(sw);
    let (w, h) = if wide != cover {
        (tw, div(sh.saturating_mul(tw), sw))
    } else {
        (div(sw.saturating_mul(th), sh), th)
    };
    let most = |side: u64| if cover { u64::from(u32::MAX / 4) } else { side };
    let least = |side: u64| if cover { side } else { 1 };
    (
        w.clamp(least(tw), most(tw)) as u32,
        h.clamp(least(th), most(th)) as u32,
    )
}

fn div_round_ties_even(n: u64, d: u64) -> u64 {
    let (whole, twice) = (n / d, n % d * 2);
    whole + u64::from(twice > d || (twice == d && whole % 2 == 1))
}
