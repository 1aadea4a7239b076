// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::fit::Line;
use crate::samples::Samples;

/// What the two weights of an element sum up to; a resized row is in so many parts of a sample.
pub(crate) const UNIT: f32 = 16384.0;

/// Vector kernels make so many elements at once; tables and rows are padded to a multiple.
pub(crate) const BLOCK: usize = 8;

/// Elements of a row and its padding.
pub(crate) const fn padded(len: usize) -> usize {
    len.next_multiple_of(BLOCK)
}

/// Where each element of a row takes its two samples, and how it weighs them. Padded to whole
/// blocks with copies of the last element.
///
/// Weights are whole numbers, so that every processor gets the same bits: the sum of two products
/// is exact. They are off by at most 1/32768, which is 0.008 level of 255.
#[derive(Debug, Default)]
pub(crate) struct Taps {
    /// Bytes from the start of the row to the first sample; never decreases.
    pub(crate) offset: Vec<u32>,
    /// Bytes from the first sample to the second.
    pub(crate) next: usize,
    /// Weights of both, [`UNIT`] together.
    pub(crate) weights: Vec<[i16; 2]>,
    /// For four elements each: the 16 bytes that their samples lie in, and where. Empty where
    /// samples are too far apart for that.
    pub(crate) windows: Vec<Window>,
    /// Where each window begins.
    pub(crate) starts: Vec<u32>,
    /// Bytes of a row; whoever reads by `offset` or `windows` checks that it has them.
    pub(crate) row_bytes: usize,
}

/// Bytes `start..start + 16` of a row hold the samples of four elements. `shuffle` picks them:
/// 16-bit words, first and second sample in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(16))]
pub(crate) struct Window {
    pub(crate) shuffle: [u8; 16],
}

/// In a shuffle: a zero.
const ZERO: u8 = 0x80;

impl Taps {
    /// Makes the tables for rows of `row_bytes` bytes, in the memory that is there. An element
    /// has the samples on either side of its position, or the nearest alone. `bytes` is how many
    /// the kernel reads of each sample.
    pub(crate) fn plan(
        &mut self,
        line: &Line,
        samples: &Samples,
        nearest: bool,
        bytes: usize,
        row_bytes: usize,
    ) {
        self.row_bytes = row_bytes;
        self.next = if line.first < line.last {
            samples.step
        } else {
            0
        };
        self.offset.clear();
        self.weights.clear();
        for i in 0..line.len {
            let (first, weight) = pair(line, nearest, i);
            let second = (weight * f64::from(UNIT)).round() as i16;
            self.offset
                .push((samples.offset + first as usize * samples.step) as u32);
            self.weights.push([UNIT as i16 - second, second]);
        }
        let all = padded(line.len);
        self.offset
            .resize(all, self.offset.last().copied().unwrap_or(0));
        self.weights
            .resize(all, self.weights.last().copied().unwrap_or([0; 2]));
        self.plan_windows(bytes);
    }

    fn plan_windows(&mut self, bytes: usize) {
        self.windows.clear();
        self.starts.clear();
        let Some(last_start) = self.row_bytes.checked_sub(16) else {
            return;
        };
        for four in self.offset.as_chunks::<4>().0 {
            let start = (four[0] as usize).min(last_start);
            if four[3] as usize + self.next + bytes > start + 16 {
                self.windows.clear();
                self.starts.clear();
                return;
            }
            let mut shuffle = [ZERO; 16];
            for (&at, words) in four.iter().zip(shuffle.as_chunks_mut::<4>().0) {
                let first = at as usize - start;
                words[0] = first as u8;
                words[2] = (first + self.next) as u8;
            }
            self.windows.push(Window { shuffle });
            self.starts.push(start as u32);
        }
    }
}

/// The first of the two samples of element `i`, and the weight of the second, 0.0..=1.0. Both lie
/// among those that may be read; where that is a single one, the weight is 0.
pub(crate) fn pair(line: &Line, nearest: bool, i: usize) -> (u32, f64) {
    let (first, last) = (f64::from(line.first), f64::from(line.last));
    let position = line.position(i);
    let position = if nearest {
        (position + 0.5).floor()
    } else {
        position
    };
    let position = position.clamp(first, last);
    let sample = position.floor().min((last - 1.0).max(first));
    (sample as u32, position - sample)
}
