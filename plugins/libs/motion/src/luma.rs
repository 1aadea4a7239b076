// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::Error;
use crate::grid::Grid;

/// Greatest width and height of a picture.
const MAX_SIDE: u32 = 16384;
/// Samples that are summed for a block.
pub(crate) const TAPS: u16 = (ACROSS * DOWN) as u16;
const ACROSS: usize = 4;
const DOWN: usize = 2;

/// How many bits a sample has, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// A byte.
    Byte,
    /// 16 bits, the low byte first, of which the eight from bit `shift` on are looked at.
    WordLe { shift: u8 },
    /// 16 bits, the high byte first, of which the eight from bit `shift` on are looked at.
    WordBe { shift: u8 },
}

impl Depth {
    const fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::WordLe { .. } | Self::WordBe { .. } => 2,
        }
    }
}

/// Where the samples of a row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Samples {
    /// Bytes from a row's start to its first sample.
    pub offset: usize,
    /// Bytes from a sample's start to the next one's.
    pub step: usize,
    pub depth: Depth,
}

impl Samples {
    /// A byte a pixel and nothing between, as in the Y plane of NV12 and in GRAY8.
    pub const BYTES: Self = Self {
        offset: 0,
        step: 1,
        depth: Depth::Byte,
    };
}

/// What is looked at of a picture: luma or, of R'G'B', green, which has most of it. It may be one
/// of several components in the same memory.
#[derive(Debug, Clone, Copy)]
pub struct Luma<'a> {
    pub data: &'a [u8],
    /// Bytes from the start of one row to the start of the next.
    pub stride: usize,
    /// In pixels, 1..=16384.
    pub width: u32,
    /// In pixels, 1..=16384.
    pub height: u32,
    pub samples: Samples,
}

impl Luma<'_> {
    /// Checks that every sample lies within the data. Rows are `width` steps long, the last one
    /// too; no padding is needed after it.
    ///
    /// # Errors
    ///
    /// [`Error`] names the size, the step, the stride or the length that does not fit.
    pub fn check(&self) -> Result<(), Error> {
        let (width, height) = (self.width, self.height);
        let works = |side| (1..=MAX_SIDE).contains(&side);
        if !works(width) || !works(height) {
            return Err(Error::Size { width, height });
        }
        let Samples {
            offset,
            step,
            depth,
        } = self.samples;
        let size = depth.bytes();
        if step.checked_sub(size).is_none_or(|rest| rest < offset) {
            return Err(Error::Samples { offset, size, step });
        }
        let needed = step.saturating_mul(width as usize);
        let found = self.stride;
        if found < needed {
            return Err(Error::Stride { needed, found });
        }
        let before = found.saturating_mul(height as usize - 1);
        let needed = before.saturating_add(needed);
        let found = self.data.len();
        if found < needed {
            return Err(Error::Data { needed, found });
        }
        Ok(())
    }

    /// The sum of [`TAPS`] samples of each block, 0..=255 each. The picture has been checked, and
    /// there is a sum for each block of its grid.
    pub(crate) fn reduce(&self, grid: &Grid, sums: &mut [u16]) {
        let byte = |bytes: &[u8], at: usize| u16::from(bytes[at]);
        let word = |bytes: &[u8], at: usize| [bytes[at], bytes[at + 1]];
        match self.samples.depth {
            // With a step that the compiler knows.
            Depth::Byte => match self.samples.step {
                1 => self.reduce_with(grid, sums, 1, byte),
                2 => self.reduce_with(grid, sums, 2, byte),
                3 => self.reduce_with(grid, sums, 3, byte),
                4 => self.reduce_with(grid, sums, 4, byte),
                step => self.reduce_with(grid, sums, step, byte),
            },
            Depth::WordLe { shift } => {
                self.reduce_with(grid, sums, self.samples.step, |bytes, at| {
                    level(u16::from_le_bytes(word(bytes, at)), shift)
                });
            }
            Depth::WordBe { shift } => {
                self.reduce_with(grid, sums, self.samples.step, |bytes, at| {
                    level(u16::from_be_bytes(word(bytes, at)), shift)
                });
            }
        }
    }

    #[inline(always)]
    fn reduce_with(
        &self,
        grid: &Grid,
        sums: &mut [u16],
        step: usize,
        sample: impl Fn(&[u8], usize) -> u16,
    ) {
        // Samples in the middle of equal parts of the block.
        let across: [usize; ACROSS] = std::array::from_fn(|tap| {
            (2 * tap + 1) * grid.block_width / (2 * ACROSS) * step + self.samples.offset
        });
        for (row, sums) in sums.chunks_exact_mut(grid.columns).enumerate() {
            sums.fill(0);
            for tap in 0..DOWN {
                let y = row * grid.block_height + (2 * tap + 1) * grid.block_height / (2 * DOWN);
                let bytes = &self.data[y * self.stride..][..self.width as usize * step];
                let blocks = bytes.chunks_exact(grid.block_width * step);
                for (sum, block) in sums.iter_mut().zip(blocks) {
                    for at in across {
                        *sum += sample(block, at);
                    }
                }
            }
        }
    }
}

/// Eight bits from `shift` on.
fn level(word: u16, shift: u8) -> u16 {
    (word >> shift.min(8)) & 0xff
}
