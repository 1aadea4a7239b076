// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::taps::Taps;

/// A source row after the horizontal resize, channel after channel.
#[derive(Debug)]
struct Slot {
    row: Option<u32>,
    data: Vec<f32>,
}

/// The vertical half of the resize: which two source rows an output row lies between. Keeps the
/// last two resized rows, so that neighbouring output rows that share one do not redo it.
#[derive(Debug)]
pub(crate) struct RowPair {
    taps: Taps,
    slots: [Slot; 2],
}

/// Two resized rows and the share of the second, 0.0..=1.0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between<'a> {
    pub(crate) above: &'a [f32],
    pub(crate) below: &'a [f32],
    pub(crate) weight: f32,
}

impl RowPair {
    /// For `samples` rows, of which the `out` output rows cover `length`; a resized row has
    /// `elements`, all channels together.
    pub(crate) fn new(out: usize, length: f64, samples: usize, elements: usize) -> Self {
        let slot = || Slot {
            row: None,
            data: vec![0.0; elements],
        };
        Self {
            taps: Taps::new(out, length, samples, 1),
            slots: [slot(), slot()],
        }
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
        let (first, weight) = (self.taps.offset[y], self.taps.weight[y]);
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
            return Between {
                above: &above.data,
                below: &above.data,
                weight,
            };
        }
        fill(below, first + 1);
        Between {
            above: &above.data,
            below: &below.data,
            weight,
        }
    }
}
