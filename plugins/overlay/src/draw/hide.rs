// SPDX-License-Identifier: MIT OR Apache-2.0
//! Places made unrecognisable: filled, or with a few averages left of them.
//!
//! What is left of a region by pixelating or blurring is one average of each cell of a mosaic. A
//! blur is drawn from those averages alone, and so tells no more than the mosaic does.
//!
//! A cell's side is a power of two of pixels, at least [`LEAST_CELL`] and at least a quarter of the
//! region's shorter side. The mosaic begins at the frame's corner and covers whole cells, so
//! whatever the region, its cells are those of one of few grids, of which the coarser are the
//! averages of the finer: a box that trembles about somebody who stands still shows the same
//! averages in every frame, not samples at ever new places, from which detail could be won back
//! (Elad and Feuer, "Restoration of a single superresolution image from several blurred, noisy, and
//! undersampled measured images", IEEE Transactions on Image Processing 1997).

use lynx_geometry::Rect;

use super::format::Sampling;
use super::mosaic::Grid;
use super::span::Span;
use super::{Canvas, Color};

/// The least side of a cell, in pixels.
pub const LEAST_CELL: usize = 16;
/// So many cells are left of a region's shorter side at most.
pub const MOST_CELLS: f32 = 4.0;
/// No cell is larger than a frame.
const LARGEST_CELL: usize = 16384;
/// What a filled region is filled with.
const FILLED: Color = Color::new(64, 64, 64);

/// How a place is made unrecognisable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hiding {
    /// Nothing is left.
    Fill,
    /// A mosaic of averages is left.
    Pixelate,
    /// A mosaic of averages is left, smoothed.
    Blur,
}

/// Memory that hiding needs, kept from one to the next: nothing is allocated once it is large
/// enough.
#[derive(Debug, Default)]
pub struct Averages {
    /// Sums of the bytes of some rows, column by column.
    pub(super) columns: Vec<u16>,
    /// Sums of a row of cells.
    pub(super) sums: Vec<u64>,
    /// The averages, row after row of cells.
    pub(super) cells: Vec<u8>,
    /// What a row has at the centres of its cells, in 65536ths.
    pub(super) line: Vec<i32>,
}

impl Canvas<'_> {
    /// Makes `rect`, or all of the frame, unrecognisable. A `strength` of 2 leaves half as many
    /// cells across as one of 1, and so on.
    ///
    /// Whatever is of the frame in `rect` is hidden; pixelating and blurring hide whole cells.
    pub fn hide(&mut self, rect: Option<&Rect>, how: Hiding, strength: u32, memory: &mut Averages) {
        let all = Rect::new(0.0, 0.0, self.width as f32, self.height as f32);
        let rect = rect.unwrap_or(&all);
        let Some(span) = self.cover(rect) else {
            return;
        };
        if how == Hiding::Fill {
            let ink = self.encoder.ink(FILLED);
            // What a last pair of pixels has beyond the frame goes, too.
            self.layers[0].fill(self.first(span), ink[0]);
            return self.fill_span(Some(span), ink);
        }
        let cell = cell(rect.w.min(rect.h), strength);
        let span = Span {
            x0: span.x0 / cell * cell,
            y0: span.y0 / cell * cell,
            x1: span.x1.next_multiple_of(cell).min(self.width),
            y1: span.y1.next_multiple_of(cell).min(self.height),
        };
        let luma = Grid {
            span: self.first(span),
            width: match self.sampling {
                Sampling::Pair => cell / 2,
                _ => cell,
            },
            height: cell,
            twins: self.encoder.format.twins(),
        };
        let chroma = Grid {
            span: span.halved(),
            width: cell / 2,
            height: cell / 2,
            twins: None,
        };
        self.layers[0].hide(luma, how, memory);
        for layer in &mut self.layers[1..=self.chroma] {
            layer.hide(chroma, how, memory);
        }
    }
}

/// The side of the cells of a region whose shorter side is so long, in pixels.
fn cell(shorter: f32, strength: u32) -> usize {
    let least = shorter * strength.max(1) as f32 / MOST_CELLS;
    // The cast saturates.
    let least = (least.ceil() as usize).clamp(LEAST_CELL, LARGEST_CELL);
    least.next_power_of_two()
}
