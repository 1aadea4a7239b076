// SPDX-License-Identifier: MIT OR Apache-2.0
//! Antialiasing: an element is a weighted sum of as many samples as it covers.

use crate::fit::Line;
use crate::kernels::{Cpu, kernel, madd};
use crate::samples::{Depth, Samples};
use crate::taps::{UNIT, padded};

/// Which samples an element is made of: `count` from `first` on.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: u32,
    count: u32,
    /// Where its weights begin.
    weights: u32,
}

/// The elements of an axis.
#[derive(Debug, Default)]
struct Spans {
    spans: Vec<Span>,
    weights: Vec<f32>,
}

impl Spans {
    /// Makes the table: a triangle whose half is as wide as an element, or a sample if that is
    /// wider, cut off at the image's edges, with a sum of 1.
    fn plan(&mut self, line: &Line) {
        self.spans.clear();
        self.weights.clear();
        let half = line.ratio().max(1.0);
        let edge = |sample: f64| (sample.max(0.0) as u32).clamp(line.first, line.last);
        for i in 0..line.len {
            let center = line.position(i);
            let (first, last) = (edge((center - half).ceil()), edge((center + half).floor()));
            let weights = self.weights.len();
            let weight = |sample: u32| (1.0 - (f64::from(sample) - center).abs() / half).max(0.0);
            let sum: f64 = (first..=last).map(weight).sum();
            let share = |sample: u32| match sum > 0.0 {
                true => weight(sample) / sum,
                // Beside the image, at its edge.
                false => f64::from(u8::from(sample == first)),
            };
            self.weights
                .extend((first..=last).map(|sample| share(sample) as f32));
            self.spans.push(Span {
                first,
                count: last - first + 1,
                weights: weights as u32,
            });
        }
    }

    /// The samples of element `i` with their weights.
    fn at(&self, i: usize) -> (usize, &[f32]) {
        let Span {
            first,
            count,
            weights,
        } = self.spans[i];
        let weights = &self.weights[weights as usize..][..count as usize];
        (first as usize, weights)
    }

    /// Each element of samples that are `STEP` numbers apart.
    fn sums<const STEP: usize>(&self, samples: &[f32], out: &mut [f32]) {
        for (i, out) in out.iter_mut().enumerate().take(self.spans.len()) {
            let (first, weights) = self.at(i);
            let samples = &samples[first * STEP..];
            *out = (weights.iter().enumerate())
                .map(|(n, weight)| samples[n * STEP] * weight)
                .sum();
        }
    }

    /// The samples that any element is made of.
    fn range(&self) -> std::ops::Range<usize> {
        let ends = |span: &Span| (span.first as usize, (span.first + span.count) as usize);
        let start = self.spans.iter().map(|span| ends(span).0).min();
        let end = self.spans.iter().map(|span| ends(span).1).max();
        start.unwrap_or(0)..end.unwrap_or(0)
    }
}

/// Channels of a plane that are resized together, rows first: a sum of rows is as wide as the
/// frame, and the sums of its columns are made once.
#[derive(Debug, Default)]
pub(crate) struct Wide {
    columns: Spans,
    rows: Spans,
    /// A sum of rows, a number for each byte, or word, of the plane's row.
    sum: Vec<f32>,
    out: Vec<f32>,
}

impl Wide {
    /// Makes the tables.
    pub(crate) fn plan(&mut self, columns: &Line, rows: &Line, row_bytes: usize, channels: usize) {
        self.columns.plan(columns);
        self.rows.plan(rows);
        self.sum.resize(row_bytes, 0.0);
        self.out.resize(padded(columns.len) * channels, 0.0);
    }

    /// Output row `y` of each channel, in [`UNIT`]s; `row` gives the bytes of a row of the plane.
    pub(crate) fn at<'a>(
        &mut self,
        cpu: Cpu,
        y: usize,
        channels: &[Samples],
        depth: Depth,
        row: impl Fn(usize) -> &'a [u8],
    ) -> &[f32] {
        let Some(step) = channels.first().map(|samples| samples.step) else {
            return &[];
        };
        let samples = self.columns.range();
        let bytes = samples.start * step..samples.end * step;
        let size = depth.bytes();
        let sum = &mut self.sum[bytes.start / size..bytes.end / size];
        sum.fill(0.0);
        let (first, weights) = self.rows.at(y);
        for (n, &weight) in (first..).zip(weights) {
            let row = &row(n);
            let row = &row[bytes.start..bytes.end.min(row.len())];
            match depth {
                Depth::Byte => add(cpu, row, weight * UNIT, sum),
                Depth::Word { .. } => {
                    for (sum, word) in sum.iter_mut().zip(row.as_chunks::<2>().0) {
                        *sum += depth.sample(word) * (weight * UNIT);
                    }
                }
            }
        }
        let len = self.out.len() / channels.len();
        for (channel, out) in channels.iter().zip(self.out.chunks_exact_mut(len)) {
            let (step, offset) = (step / size, channel.offset / size);
            let sum = &self.sum[offset..];
            match step {
                1 => self.columns.sums::<1>(sum, out),
                2 => self.columns.sums::<2>(sum, out),
                3 => self.columns.sums::<3>(sum, out),
                _ => self.columns.sums::<4>(sum, out),
            }
        }
        &self.out
    }
}

kernel! {
    fn add(row: &[u8], weight: f32, sum: &mut [f32]) {
        for (sum, v) in sum.iter_mut().zip(row) {
            *sum = madd::<FUSED>(f32::from(*v), weight, *sum);
        }
    }
}
