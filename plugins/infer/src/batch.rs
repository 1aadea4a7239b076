// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many parts of a frame as the tensors of a few runs.

use std::ops::Range;

use gst_video::VideoInfo;
use lynx_meta::TensorMaker;
use lynx_runtime::engine::{Ladder, Padding};
use lynx_tensor::{AlignedBytes, TensorSpec, Transform};

use crate::regions::Region;

/// The tensors of one run, and where in the frame each was made from.
pub(crate) struct Batch {
    maker: TensorMaker,
    size: (u32, u32),
    memory: AlignedBytes,
    transforms: Vec<Transform>,
    /// Whether the first tensor in memory has the padding of a whole frame.
    padded: bool,
}

/// What one run takes of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Which of the list.
    pub entries: Range<usize>,
    /// The batch, at least as many; what is more of it is padding.
    pub batch: usize,
}

/// Splits a list of `count` into runs of at most `limit`.
///
/// A list that is `steady`, as long on every frame, has full runs and one for the rest: few sizes
/// all the same. Another has those of a [`Ladder`].
pub(crate) fn runs(count: usize, limit: usize, steady: bool) -> impl Iterator<Item = Run> {
    let ladder = Ladder::new(limit, Padding::Dear);
    let mut start = 0;
    std::iter::from_fn(move || {
        let left = count - start;
        if left == 0 {
            return None;
        }
        let (images, batch) = if steady {
            let images = left.min(ladder.limit());
            (images, images)
        } else {
            let images = ladder.take(left);
            (images, ladder.rung(images))
        };
        let entries = start..start + images;
        start += images;
        Some(Run { entries, batch })
    })
}

impl Batch {
    pub fn new(info: &VideoInfo, spec: &TensorSpec) -> Result<Self, String> {
        Ok(Self {
            maker: TensorMaker::new(info, spec)?,
            size: (info.width(), info.height()),
            memory: AlignedBytes::default(),
            transforms: Vec::new(),
            padded: false,
        })
    }

    /// Makes the tensors of `regions` of a frame, for a run of `batch`; what is more of it stays as
    /// it is, and so does its result unread.
    pub fn fill(
        &mut self,
        buffer: &gst::BufferRef,
        regions: &[Region],
        batch: usize,
    ) -> Result<(), String> {
        let bytes = self.maker.spec().bytes();
        if self.memory.len() < batch * bytes {
            self.memory = AlignedBytes::new(batch * bytes);
            self.padded = false;
        }
        self.transforms.clear();
        let mut padded = std::mem::take(&mut self.padded);
        for (region, tensor) in regions.iter().zip(self.memory.chunks_exact_mut(bytes)) {
            let transform = if region.is_whole(self.size) {
                self.maker.picture(buffer, tensor, padded)?
            } else if region.rotation == 0.0 {
                self.maker.region(buffer, &region.rect, tensor)?
            } else {
                let Region { rect, rotation, .. } = region;
                self.maker.turned(buffer, rect, *rotation, tensor)?;
                // That of a turned crop is no such transform, and a class needs none.
                Transform::IDENTITY
            };
            self.transforms.push(transform);
            padded = false;
        }
        self.padded = regions.first().is_some_and(|r| r.is_whole(self.size));
        Ok(())
    }

    /// What is to be said, once, of the pictures that are read.
    pub fn warning(&mut self) -> Option<&'static str> {
        self.maker.warning()
    }

    /// The first `count` tensors.
    pub fn tensors(&self, count: usize) -> &[u8] {
        &self.memory[..count * self.maker.spec().bytes()]
    }

    /// Where the frame lies in each tensor.
    pub fn transforms(&self) -> &[Transform] {
        &self.transforms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(count: usize, limit: usize) -> Vec<(usize, usize)> {
        let runs = runs(count, limit, false).map(|run| (run.entries.len(), run.batch));
        runs.collect()
    }

    #[test]
    fn a_list_becomes_few_runs_of_few_sizes() {
        assert_eq!(sizes(0, 16), []);
        assert_eq!(sizes(1, 16), [(1, 1)]);
        assert_eq!(sizes(3, 16), [(3, 4)]);
        assert_eq!(sizes(5, 16), [(4, 4), (1, 1)]);
        assert_eq!(sizes(7, 16), [(7, 8)]);
        assert_eq!(sizes(11, 16), [(8, 8), (3, 4)]);
        assert_eq!(sizes(35, 16), [(16, 16), (16, 16), (3, 4)]);
        assert_eq!(sizes(3, 1), [(1, 1), (1, 1), (1, 1)]);
        assert_eq!(sizes(5, 6), [(5, 6)]);
        assert_eq!(sizes(13, 15), [(13, 15)], "never above the limit");
    }

    #[test]
    fn a_steady_list_has_no_padding() {
        let sizes = |count, limit| {
            let runs = runs(count, limit, true).map(|run| (run.entries.len(), run.batch));
            runs.collect::<Vec<_>>()
        };
        assert_eq!(sizes(7, 16), [(7, 7)]);
        assert_eq!(sizes(21, 16), [(16, 16), (5, 5)]);
        assert_eq!(sizes(3, 1), [(1, 1); 3]);
        assert_eq!(sizes(0, 4), []);
    }

    #[test]
    fn every_entry_is_in_one_run_and_little_is_padding() {
        for limit in 1..=64 {
            for count in 0..=300 {
                let mut next = 0;
                for run in runs(count, limit, false) {
                    assert_eq!(run.entries.start, next);
                    next = run.entries.end;
                    assert!(run.batch <= limit);
                    assert!(run.batch.is_power_of_two() || run.batch == limit);
                    assert!(4 * run.entries.len() >= 3 * run.batch);
                }
                assert_eq!(next, count);
            }
        }
    }
}
