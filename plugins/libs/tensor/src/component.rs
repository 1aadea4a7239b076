// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::fit::Fit;
use crate::kernels::wide::Wide;
use crate::kernels::{self, Cpu};
use crate::rows::{Between, RowPair};
use crate::samples::{Depth, Samples};
use crate::taps::{Taps, UNIT, padded};
use crate::{Affine, Filter, Frame, PixelFormat, Source};

/// How the channels of a component are read from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// One of one byte.
    One,
    /// Two of one byte, one after the other.
    Two,
    /// Three bytes of a pixel of three or four.
    Three([u8; 3]),
    /// One of two bytes.
    Words,
}

/// Channels of a frame that lie in the same rows, and are resized together. A resized row has
/// them one after the other, each padded to whole blocks.
#[derive(Debug)]
pub(crate) struct Component {
    channels: Vec<Samples>,
    read: Read,
    depth: Depth,
    /// For antialiasing.
    wide: Option<Wide>,
    /// Bytes of a row of the plane.
    row_bytes: usize,
    taps: Taps,
    rows: RowPair,
    /// A row of a turned crop.
    turned: Vec<f32>,
}

impl Component {
    /// `channels` are samples of one plane at the same places, up to three; what cannot be read
    /// in one go is a component each.
    pub(crate) fn new(source: &Source, filter: Filter, channels: &[Samples]) -> Self {
        let depth = source.format.depth();
        let read = match (depth, channels) {
            (Depth::Word { .. }, _) => Read::Words,
            (_, [_, _]) => Read::Two,
            (_, [a, b, c]) => Read::Three([a, b, c].map(|samples| samples.offset as u8)),
            _ => Read::One,
        };
        let plane = channels.first().map_or(0, |samples| samples.plane);
        Self {
            channels: channels.to_vec(),
            read,
            depth,
            wide: (filter == Filter::Antialias).then(Wide::default),
            row_bytes: source.format.row_bytes(plane, source.width as usize),
            taps: Taps::default(),
            rows: RowPair::default(),
            turned: Vec::new(),
        }
    }

    /// Whether two channels of a format can be one component.
    pub(crate) fn are_two(format: PixelFormat, a: &Samples, b: &Samples) -> bool {
        let adjacent = a.plane == b.plane && a.step == 2 && a.offset + 1 == b.offset;
        adjacent && format.depth() == Depth::Byte
    }

    /// Makes the tables.
    pub(crate) fn plan(&mut self, fit: &Fit, source: &Source, filter: Filter) {
        let Some(samples) = self.channels.first() else {
            return;
        };
        let site = source.chroma_site;
        let columns = fit.x.line(samples.half_width, site.left);
        let rows = fit.y.line(samples.half_height, site.top);
        if let Some(wide) = &mut self.wide {
            return wide.plan(&columns, &rows, self.row_bytes, self.channels.len());
        }
        let nearest = filter == Filter::Nearest;
        let (samples, bytes) = match self.read {
            // The tables are for the first of a pixel's bytes.
            Read::Three(_) => (
                Samples {
                    offset: 0,
                    ..*samples
                },
                1,
            ),
            Read::Two => (*samples, 2),
            Read::One => (*samples, 1),
            Read::Words => (*samples, 2),
        };
        self.taps
            .plan(&columns, &samples, nearest, bytes, self.row_bytes);
        let elements = padded(columns.len) * self.channels.len();
        self.rows.plan(&rows, nearest, elements);
    }

    /// Forgets the frame before.
    pub(crate) fn restart(&mut self) {
        self.rows.restart();
    }

    /// Output row `y` of a frame that has been checked, all channels one after the other.
    pub(crate) fn at(&mut self, cpu: Cpu, frame: &Frame<'_>, y: usize) -> Between<'_> {
        let Self {
            channels,
            read,
            depth,
            row_bytes,
            taps,
            rows,
            wide,
            ..
        } = self;
        let plane = frame.planes[channels[0].plane];
        let row = |n: usize| &plane.data[n * plane.stride..][..*row_bytes];
        if let Some(wide) = wide {
            return Between::one(wide.at(cpu, y, channels, *depth, row));
        }
        rows.at(y, |n, out| {
            let row = (row(n), &*taps);
            let len = out.len() / channels.len();
            match *read {
                Read::One => kernels::one(cpu, row, out),
                Read::Words => kernels::words(cpu, row, *depth, out),
                Read::Two => {
                    let (first, second) = out.split_at_mut(len);
                    kernels::two(cpu, row, first, second);
                }
                Read::Three(order) => {
                    let (first, rest) = out.split_at_mut(len);
                    let (second, third) = rest.split_at_mut(len);
                    kernels::three(cpu, row, order, [first, second, third]);
                }
            }
        })
    }

    /// Row `y` of a turned crop, `len` elements of each channel. What lies beside the frame is its
    /// edge.
    pub(crate) fn turned(
        &mut self,
        source: &Source,
        frame: &Frame<'_>,
        affine: &Affine,
        y: usize,
        len: usize,
    ) -> Between<'_> {
        let (width, height) = (source.width as usize, source.height as usize);
        self.turned.resize(padded(len) * self.channels.len(), 0.0);
        let parts = self.turned.chunks_exact_mut(padded(len));
        for (samples, out) in self.channels.iter().zip(parts) {
            let plane = frame.planes[samples.plane];
            let axis = |half: bool, cosited: bool| match (half, cosited) {
                (true, true) => (0.5, -0.25),
                (true, false) => (0.5, -0.5),
                (false, _) => (1.0, -0.5),
            };
            let (scale_x, shift_x) = axis(samples.half_width, source.chroma_site.left);
            let (scale_y, shift_y) = axis(samples.half_height, source.chroma_site.top);
            let last_x = samples.columns(width) - 1;
            let last_y = samples.rows(height) - 1;
            let sample = |x: usize, y: usize| {
                let at = y * plane.stride + samples.offset + x * samples.step;
                self.depth.sample(&plane.data[at..])
            };
            for (i, out) in out.iter_mut().enumerate().take(len) {
                let (x, y) = affine.to_frame(i as f32 + 0.5, y as f32 + 0.5);
                let x = (x * scale_x + shift_x).clamp(0.0, last_x as f32);
                let y = (y * scale_y + shift_y).clamp(0.0, last_y as f32);
                let (left, top) = (x as usize, y as usize);
                let (right, bottom) = ((left + 1).min(last_x), (top + 1).min(last_y));
                let (wx, wy) = (x - left as f32, y - top as f32);
                let blend = |y: usize| {
                    let (a, b) = (sample(left, y), sample(right, y));
                    a + (b - a) * wx
                };
                let (above, below) = (blend(top), blend(bottom));
                *out = (above + (below - above) * wy) * UNIT;
            }
        }
        Between::one(&self.turned)
    }
}
