// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

/// Blocks along the wider side of a picture, at most.
const BLOCKS: u32 = 160;

/// How a picture is cut into blocks. What is left over at the right and at the bottom, less than
/// a block, belongs to the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub width: u32,
    pub height: u32,
    /// Of a block, in pixels.
    pub block_width: usize,
    /// Of a block, in pixels.
    pub block_height: usize,
    pub columns: usize,
    pub rows: usize,
}

impl Grid {
    /// Both sides are at least 1.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let block = width.max(height).div_ceil(BLOCKS);
        let block_width = block.min(width) as usize;
        let block_height = block.min(height) as usize;
        Self {
            width,
            height,
            block_width,
            block_height,
            columns: width as usize / block_width,
            rows: height as usize / block_height,
        }
    }

    /// Number of blocks.
    pub(crate) fn len(&self) -> usize {
        self.columns * self.rows
    }

    /// The bounding box of the blocks set in `mask`, a block larger on every side and inside the
    /// picture, in pixels; `None` when there is none.
    pub(crate) fn bounds(&self, mask: &[u8]) -> Option<Rect> {
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, None, 0);
        for (y, row) in mask.chunks_exact(self.columns).enumerate() {
            let Some(first) = row.iter().position(|&m| m != 0) else {
                continue;
            };
            let last = row.iter().rposition(|&m| m != 0).unwrap_or(first);
            left = left.min(first);
            right = right.max(last);
            top = top.or(Some(y));
            bottom = y;
        }
        let top = top?;
        let start = |block: usize, size: usize| (block.saturating_sub(1) * size) as f32;
        let end = |block: usize, size: usize, blocks: usize, whole: u32| match block + 2 {
            padded if padded >= blocks => whole as f32,
            padded => (padded * size) as f32,
        };
        Some(Rect::from_corners(
            start(left, self.block_width),
            start(top, self.block_height),
            end(right, self.block_width, self.columns, self.width),
            end(bottom, self.block_height, self.rows, self.height),
        ))
    }
}
