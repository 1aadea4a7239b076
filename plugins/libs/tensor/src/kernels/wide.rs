// SPDX-License-Identifier: MIT OR Apache-2.0
//! Antialiasing: an element is a weighted sum of as many samples as it covers.

use crate::fit::Line;
use crate::kernels::{kernel, madd};
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
pub(crate) struct Spans {
    spans: Vec<Span>,
    weights: Vec<f32>,
    most: usize,
}

impl Spans {
    /// Makes the table: a triangle whose half is as wide as an element, or a sample if that is
    /// wider, cut off at the image's edges, with a sum of 1.
    pub(crate) fn plan(&mut self, line: &Line) {
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
        let most = self.spans.iter().map(|span| span.count).max();
        self.most = most.unwrap_or(0) as usize;
    }

    /// The samples of element `i` with their weights.
    fn at(&self, i: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let Span {
            first,
            count,
            weights,
        } = self.spans[i];
        let weights = &self.weights[weights as usize..][..count as usize];
        (first as usize..).zip(weights.iter().copied())
    }

    /// Resizes a channel of a row of the frame; see [`UNIT`].
    pub(crate) fn row(&self, row: &[u8], samples: &Samples, depth: Depth, out: &mut [f32]) {
        let sample = |n: usize| depth.sample(&row[samples.offset + n * samples.step..]);
        for (i, out) in out.iter_mut().enumerate().take(self.spans.len()) {
            let sum: f32 = self.at(i).map(|(n, weight)| sample(n) * weight).sum();
            *out = sum * UNIT;
        }
    }
}

/// The vertical half: the last resized rows, and their sum.
#[derive(Debug, Default)]
pub(crate) struct RowSum {
    spans: Spans,
    /// As many as one element needs; row `n` is in slot `n` modulo their number.
    slots: Vec<(Option<usize>, Vec<f32>)>,
    sum: Vec<f32>,
}

impl RowSum {
    /// Makes the tables for resized rows of `channels` channels of `len` elements.
    pub(crate) fn plan(&mut self, line: &Line, len: usize, channels: usize) {
        self.spans.plan(line);
        let elements = padded(len) * channels;
        if self.slots.len() < self.spans.most {
            self.slots.resize_with(self.spans.most, Default::default);
        }
        for (_, data) in &mut self.slots {
            data.resize(elements, 0.0);
        }
        self.sum.resize(elements, 0.0);
        self.restart();
    }

    /// Forgets the rows kept: they belong to the frame before.
    pub(crate) fn restart(&mut self) {
        for (row, _) in &mut self.slots {
            *row = None;
        }
    }

    /// Output row `y`.
    pub(crate) fn at(
        &mut self,
        cpu: super::Cpu,
        y: usize,
        mut resize: impl FnMut(usize, &mut [f32]),
    ) -> &[f32] {
        self.sum.fill(0.0);
        let count = self.slots.len();
        for (row, weight) in self.spans.at(y) {
            let (kept, data) = &mut self.slots[row % count];
            if *kept != Some(row) {
                resize(row, data);
                *kept = Some(row);
            }
            add(cpu, data, weight, &mut self.sum);
        }
        &self.sum
    }
}

kernel! {
    fn add(row: &[f32], weight: f32, sum: &mut [f32]) {
        for (sum, v) in sum.iter_mut().zip(row) {
            *sum = madd::<FUSED>(*v, weight, *sum);
        }
    }
}
