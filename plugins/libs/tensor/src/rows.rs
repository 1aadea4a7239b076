// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::fit::Line;
use crate::taps::pair;

/// A source row after the horizontal resize, channel after channel.
#[derive(Debug, Default)]
struct Slot {
    row: Option<u32>,
    data: Vec<f32>,
}

/// The vertical half of the resize: which two source rows an output row lies between. Keeps the
/// last two resized rows, so that neighbouring output rows that share one do not redo it.
#[derive(Debug, Default)]
pub(crate) struct RowPair {
    pairs: Vec<(u32, f32)>,
    slots: [Slot; 2],
}

/// Two resized rows and the share of the second, 0.0..=1.0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between<'a> {
    pub(crate) above: &'a [f32],
    pub(crate) below: &'a [f32],
    pub(crate) weight: f32,
}

impl<'a> Between<'a> {
    /// A row as it is.
    pub(crate) fn one(row: &'a [f32]) -> Self {
        Self {
            above: row,
            below: row,
            weight: 0.0,
        }
    }

    /// The `n`th part of `len` elements.
    #[inline(always)]
    pub(crate) fn part(&self, n: usize, len: usize) -> Self {
        Self {
            above: &self.above[n * len..][..len],
            below: &self.below[n * len..][..len],
            weight: self.weight,
        }
    }
}

impl RowPair {
    /// Makes the tables for resized rows of `elements`, all channels together.
    pub(crate) fn plan(&mut self, line: &Line, nearest: bool, elements: usize) {
        self.pairs.clear();
        self.pairs.extend((0..line.len).map(|i| {
            let (row, weight) = pair(line, nearest, i);
            (row, weight as f32)
        }));
        for slot in &mut self.slots {
            slot.data.resize(elements, 0.0);
        }
        self.restart();
    }

    /// Forgets the rows kept: they belong to the frame before.
    pub(crate) fn restart(&mut self) {
        for slot in &mut self.slots {
            slot.row = None;
        }
    }

    /// The rows that output row `y` lies between. `resize` is called with the number of a source
    /// row and the place to resize it to, at most twice.
    pub(crate) fn at(
        &mut self,
        y: usize,
        mut resize: impl FnMut(usize, &mut [f32]),
    ) -> Between<'_> {
        let (first, weight) = self.pairs[y];
        if self.slots[1].row == Some(first) {
            self.slots.swap(0, 1);
        }
        let [above, below] = &mut self.slots;
        let mut fill = |slot: &mut Slot, row: u32| {
            if slot.row != Some(row) {
                resize(row as usize, &mut slot.data);
                slot.row = Some(row);
            }
        };
        fill(above, first);
        if weight == 0.0 {
            return Between::one(&above.data);
        }
        fill(below, first + 1);
        Between {
            above: &above.data,
            below: &below.data,
            weight,
        }
    }
}
