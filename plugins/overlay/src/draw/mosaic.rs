// SPDX-License-Identifier: MIT OR Apache-2.0
//! One plane of a place that is made unrecognisable: see `hide.rs`.

use super::hide::{Averages, Hiding};
use super::layer::Layer;
use super::span::Span;

/// A mosaic over `span`, whose corner is one of a cell; only the last cells of a row or a column
/// may be cut off. Sides are in samples, and powers of two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) span: Span,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes of a sample that have one average.
    pub(super) twins: Option<[usize; 2]>,
}

/// So many bytes can be summed up in 16 bits.
const ROWS: usize = 257;

impl Layer<'_> {
    /// Leaves nothing of the grid's span but one average of each cell.
    pub(super) fn hide(&mut self, grid: Grid, how: Hiding, memory: &mut Averages) {
        match self.step {
            1 => self.hide_steps::<1>(grid, how, memory),
            2 => self.hide_steps::<2>(grid, how, memory),
            3 => self.hide_steps::<3>(grid, how, memory),
            _ => self.hide_steps::<4>(grid, how, memory),
        }
    }

    fn hide_steps<const STEP: usize>(&mut self, grid: Grid, how: Hiding, memory: &mut Averages) {
        self.average::<STEP>(grid, memory);
        match how {
            Hiding::Blur => self.write_smooth::<STEP>(grid, memory),
            _ => self.write_cells::<STEP>(grid, memory),
        }
    }

    /// The rows of samples that a row of cells has.
    fn average<const STEP: usize>(&mut self, grid: Grid, memory: &mut Averages) {
        let Grid {
            span,
            width,
            height,
            ..
        } = grid;
        let across = span.width().div_ceil(width);
        memory.cells.clear();
        for top in (span.y0..span.y1).step_by(height) {
            let bottom = (top + height).min(span.y1);
            memory.sums.clear();
            memory.sums.resize(across * STEP, 0);
            for first in (top..bottom).step_by(ROWS) {
                let last = (first + ROWS).min(bottom);
                memory.columns.clear();
                memory.columns.resize(span.width() * STEP, 0);
                for y in first..last {
                    let row = self.samples(span.x0, y, span.width());
                    for (sum, byte) in memory.columns.iter_mut().zip(&*row) {
                        *sum += u16::from(*byte);
                    }
                }
                let cells = memory.columns.chunks(width * STEP);
                for (cell, sums) in cells.zip(memory.sums.as_chunks_mut::<STEP>().0) {
                    add::<STEP>(cell, sums);
                }
            }
            for (index, sums) in memory.sums.as_chunks::<STEP>().0.iter().enumerate() {
                let columns = width.min(span.width() - index * width);
                let samples = (columns * (bottom - top)) as u64;
                let mut average = sums.map(|sum| ((sum + samples / 2) / samples) as u8);
                if let Some([a, b]) = grid.twins {
                    average[a] = average[a].midpoint(average[b]);
                    average[b] = average[a];
                }
                memory.cells.extend_from_slice(&average);
            }
        }
    }

    fn write_cells<const STEP: usize>(&mut self, grid: Grid, memory: &Averages) {
        let Grid {
            span,
            width,
            height,
            ..
        } = grid;
        let rows = memory.cells.chunks(span.width().div_ceil(width) * STEP);
        for (cells, top) in rows.zip((span.y0..span.y1).step_by(height)) {
            let row = self.samples(span.x0, top, span.width());
            let cells = cells.as_chunks::<STEP>().0;
            for (samples, cell) in row.chunks_mut(width * STEP).zip(cells) {
                samples.as_chunks_mut::<STEP>().0.fill(*cell);
            }
            let bottom = (top + height).min(span.y1);
            self.repeat_row(Span {
                y0: top,
                y1: bottom,
                ..span
            });
        }
    }

    /// Draws straight slopes from each cell's centre to the next one's, and none beyond the last.
    fn write_smooth<const STEP: usize>(&mut self, grid: Grid, memory: &mut Averages) {
        let Grid {
            span,
            width,
            height,
            ..
        } = grid;
        let across = span.width().div_ceil(width) * STEP;
        let last = memory.cells.len() / across - 1;
        for y in span.y0..span.y1 {
            // How far the row's centre is below that of the cells above it, in halves of a row.
            let below = (2 * (y - span.y0) + 1).checked_sub(height);
            let (above, below) = match below {
                Some(below) => (below / (2 * height), below % (2 * height)),
                None => (0, 0),
            };
            let [above, under] = [above, above + 1].map(|row| row.min(last) * across);
            let part = (below * (ONE as usize / (2 * height))) as i32;
            let above = &memory.cells[above..above + across];
            let under = &memory.cells[under..under + across];
            memory.line.clear();
            memory.line.extend(above.iter().zip(under).map(|(a, b)| {
                let (a, b) = (i32::from(*a), i32::from(*b));
                a * ONE + (b - a) * part + ONE / 2
            }));
            let row = self.samples(span.x0, y, span.width());
            slopes::<STEP>(row, memory.line.as_chunks::<STEP>().0, width);
        }
    }
}

/// In 65536ths: a power of two that is larger than twice any cell's side.
const ONE: i32 = 1 << 16;

fn add<const STEP: usize>(bytes: &[u16], sums: &mut [u64; STEP]) {
    let mut added = [0_u32; STEP];
    for sample in bytes.as_chunks::<STEP>().0 {
        for (sum, byte) in added.iter_mut().zip(sample) {
            *sum += u32::from(*byte);
        }
    }
    for (sum, added) in sums.iter_mut().zip(added) {
        *sum += u64::from(added);
    }
}

/// Writes a row from the values at the centres of its cells, `width` samples each.
fn slopes<const STEP: usize>(row: &mut [u8], cells: &[[i32; STEP]], width: usize) {
    let samples = row.as_chunks_mut::<STEP>().0;
    let (head, rest) = samples.split_at_mut((width / 2).min(samples.len()));
    let byte = |value: i32| (value >> 16) as u8;
    if let Some(first) = cells.first() {
        head.fill(first.map(byte));
    }
    for (index, samples) in rest.chunks_mut(width).enumerate() {
        let from = cells[index.min(cells.len() - 1)];
        let to = cells[(index + 1).min(cells.len() - 1)];
        // In halves of a sample, of which there are twice the width from centre to centre.
        let mut slope = [0; STEP];
        for c in 0..STEP {
            slope[c] = (to[c] - from[c]) >> (width.trailing_zeros() + 1);
        }
        let mut halves = 1;
        for sample in samples {
            for c in 0..STEP {
                sample[c] = byte(from[c] + slope[c] * halves);
            }
            halves += 2;
        }
    }
}
