// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::samples::Depth;
use crate::taps::UNIT;
use crate::{ColorFormat, Colorimetry, Error, TensorSpec};

/// `(v - mean) / std` of one channel as `v * scale + bias`, with the values of black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Channel {
    scale: f64,
    bias: f64,
    /// Least and greatest value of the channel; `std` may be negative.
    min: f32,
    max: f32,
    /// Value of a padded element.
    pub(crate) pad: f32,
}

/// The three channels of a tensor, or why they have none. One of grey is the first.
pub(crate) fn channels(spec: &TensorSpec) -> Result<[Channel; 3], Error> {
    let mut channels = [Channel {
        scale: 0.0,
        bias: 0.0,
        min: 0.0,
        max: 0.0,
        pad: 0.0,
    }; 3];
    let used = spec.mean.into_iter().zip(spec.std).take(spec.channels());
    for (channel, (mean, std)) in used.enumerate() {
        let value = |v: f32| (v - mean) / std;
        let (black, white) = (value(0.0), value(255.0));
        if !(std.is_finite() && black.is_finite() && white.is_finite()) {
            return Err(Error::Normalization { channel, mean, std });
        }
        channels[channel] = Channel {
            scale: 1.0 / f64::from(std),
            bias: -f64::from(mean) / f64::from(std),
            min: black.min(white),
            max: black.max(white),
            pad: value(f32::from(spec.pad_value)),
        };
    }
    Ok(channels)
}

/// How the units of a resized row become levels, 0 black and 255 white: `units * gain - black`.
#[derive(Debug, Clone, Copy)]
struct Levels {
    /// Of Y, R, G and B.
    gain: f64,
    black: f64,
    /// Of Cb and Cr, whose zero is 128.
    chroma: f64,
    /// Units in a code.
    unit: f64,
}

impl Levels {
    fn new(colorimetry: Colorimetry, depth: Depth) -> Self {
        let (black, steps, chroma) = colorimetry.range.codes(depth.bits());
        Self {
            gain: 255.0 / steps,
            black: black * 255.0 / steps,
            chroma: 255.0 / chroma,
            unit: f64::from(UNIT) * depth.level(),
        }
    }
}

/// One channel's share of a sample of its own: `v * scale + bias`, then clamped.
///
/// In full range the clamp only undoes rounding, but then black and white come out exact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RgbTerm {
    pub(crate) scale: f32,
    pub(crate) bias: f32,
    pub(crate) min: f32,
    pub(crate) max: f32,
}

/// The three terms in the tensor's channel order.
pub(crate) fn rgb_terms(
    colorimetry: Colorimetry,
    depth: Depth,
    channels: &[Channel; 3],
) -> [RgbTerm; 3] {
    let levels = Levels::new(colorimetry, depth);
    channels.map(|c| RgbTerm {
        scale: (c.scale * levels.gain / levels.unit) as f32,
        bias: (c.bias - c.scale * levels.black) as f32,
        min: c.min,
        max: c.max,
    })
}

/// Grey of red, green and blue: `weights · (r, g, b) + bias`, then clamped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrayTerm {
    pub(crate) weights: [f32; 3],
    pub(crate) bias: f32,
    pub(crate) min: f32,
    pub(crate) max: f32,
}

pub(crate) fn gray_term(colorimetry: Colorimetry, depth: Depth, channel: &Channel) -> GrayTerm {
    let levels = Levels::new(colorimetry, depth);
    let gain = channel.scale * levels.gain / levels.unit;
    GrayTerm {
        weights: [0.299, 0.587, 0.114].map(|share| (share * gain) as f32),
        bias: (channel.bias - channel.scale * levels.black) as f32,
        min: channel.min,
        max: channel.max,
    }
}

/// One channel's share of a Y'CbCr sample: `y * luma + chroma · (c0, c1) + bias`, then clamped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct YuvTerm {
    pub(crate) luma: f32,
    pub(crate) chroma: [f32; 2],
    pub(crate) bias: f32,
    pub(crate) min: f32,
    pub(crate) max: f32,
}

/// Matrix, range, mean and std folded together, in the tensor's channel order.
///
/// `c0` is the colour difference of the tensor's first channel and `c1` of its third: Cr and Cb
/// for RGB, Cb and Cr for BGR. So the first term has no `c1` and the third no `c0` in either
/// order, and kernels need not know which it is.
pub(crate) fn yuv_terms(
    colorimetry: Colorimetry,
    depth: Depth,
    color: ColorFormat,
    channels: &[Channel; 3],
) -> [YuvTerm; 3] {
    let (kr, kb) = colorimetry.matrix.luma_weights();
    let levels = Levels::new(colorimetry, depth);
    // R = Y + red * Cr and B = Y + blue * Cb; green is what Y leaves of them.
    let (red, blue) = (2.0 * (1.0 - kr), 2.0 * (1.0 - kb));
    let kg = 1.0 - kr - kb;
    let (c0, k0, c1, k1) = match color {
        ColorFormat::Bgr => (blue, kb, red, kr),
        ColorFormat::Rgb | ColorFormat::Gray => (red, kr, blue, kb),
    };
    let chroma = [[c0, 0.0], [-c0 * k0 / kg, -c1 * k1 / kg], [0.0, c1]];
    std::array::from_fn(|i| {
        let channel = &channels[i];
        let chroma = chroma[i].map(|c| c * levels.chroma * channel.scale);
        let zero = (chroma[0] + chroma[1]) * 128.0;
        YuvTerm {
            luma: (levels.gain * channel.scale / levels.unit) as f32,
            chroma: chroma.map(|c| (c / levels.unit) as f32),
            bias: (channel.bias - channel.scale * levels.black - zero) as f32,
            min: channel.min,
            max: channel.max,
        }
    })
}
