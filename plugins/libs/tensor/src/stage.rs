// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which components a tensor needs of a format, and what makes its channels of them.

use crate::color::{Channel, GrayTerm, RgbTerm, YuvTerm, gray_term, rgb_terms, yuv_terms};
use crate::component::Component;
use crate::kernels::{Cpu, store};
use crate::rows::Between;
use crate::samples::{Model, Samples};
use crate::taps::padded;
use crate::{ColorFormat, Source, TensorSpec};

/// A channel among the components: which component, and which of its channels.
type At = (usize, usize);

/// How the channels of a tensor are made of the resized channels of a frame.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Of Y and the two colour differences, in the order that `yuv_terms` has them.
    Matrix([At; 3], [YuvTerm; 3]),
    /// Each of one.
    Linear([At; 3], [RgbTerm; 3]),
    /// Grey of red, green and blue.
    Weighted([At; 3], GrayTerm),
}

impl Stage {
    /// The components, and what is to be done with them.
    pub(crate) fn new(
        source: &Source,
        spec: &TensorSpec,
        channels: &[Channel; 3],
    ) -> (Vec<Component>, Self) {
        let (format, colorimetry) = (source.format, source.colorimetry);
        let depth = format.depth();
        let component = |samples: &[Samples]| Component::new(source, spec.filter, samples);
        let swapped = spec.color == ColorFormat::Bgr;
        let ordered = |[r, g, b]: [At; 3]| if swapped { [b, g, r] } else { [r, g, b] };
        let linear = |at| Self::Linear(at, rgb_terms(colorimetry, depth, channels));
        match (format.model(), spec.color) {
            (Model::Gray([y]) | Model::Yuv([y, ..]), ColorFormat::Gray) | (Model::Gray([y]), _) => {
                (vec![component(&[y])], linear([(0, 0); 3]))
            }
            (Model::Yuv([y, cb, cr]), _) => {
                let (components, cb, cr) = if Component::are_two(format, &cb, &cr) {
                    (vec![component(&[y]), component(&[cb, cr])], (1, 0), (1, 1))
                } else if Component::are_two(format, &cr, &cb) {
                    (vec![component(&[y]), component(&[cr, cb])], (1, 1), (1, 0))
                } else if cb.step == 4 && cb.plane == y.plane {
                    // Packed: as the pixels of an RGB format, of which one channel is of no use.
                    (
                        vec![component(&[y]), component(&[cb, cr, cr])],
                        (1, 0),
                        (1, 1),
                    )
                } else {
                    let all = [y, cb, cr].map(|samples| component(&[samples]));
                    (all.into(), (1, 0), (2, 0))
                };
                let at = if swapped {
                    [(0, 0), cb, cr]
                } else {
                    [(0, 0), cr, cb]
                };
                let terms = yuv_terms(colorimetry, depth, spec.color, channels);
                (components, Self::Matrix(at, terms))
            }
            (Model::Rgb(rgb), color) => {
                let packed = rgb[0].plane == rgb[1].plane;
                let (components, at) = if packed {
                    (vec![component(&rgb)], [(0, 0), (0, 1), (0, 2)])
                } else {
                    let all = rgb.map(|samples| component(&[samples]));
                    (all.into(), [(0, 0), (1, 0), (2, 0)])
                };
                let stage = match color {
                    ColorFormat::Gray => {
                        Self::Weighted(at, gray_term(colorimetry, depth, &channels[0]))
                    }
                    ColorFormat::Rgb | ColorFormat::Bgr => linear(ordered(at)),
                };
                (components, stage)
            }
        }
    }

    /// Makes a row of each of the tensor's channels; all of `out` are equally long, or empty
    /// where the tensor has fewer.
    pub(crate) fn run(&self, cpu: Cpu, rows: [Option<Between<'_>>; 3], out: [&mut [f32]; 3]) {
        let len = padded(out[0].len());
        let none = Between::one(&[]);
        let channel = |(component, part): At| match &rows[component] {
            Some(row) => row.part(part, len),
            None => none,
        };
        match self {
            Self::Matrix(at, terms) => {
                let [a, b, c] = out;
                store::matrix(cpu, at.map(channel), terms, a, b, c);
            }
            Self::Linear(at, terms) => {
                for ((at, term), out) in at.iter().zip(terms).zip(out) {
                    store::linear(cpu, channel(*at), term, out);
                }
            }
            Self::Weighted(at, term) => {
                let [out, ..] = out;
                store::weighted(cpu, at.map(channel), term, out);
            }
        }
    }
}
