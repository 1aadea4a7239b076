// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many images a run takes.

/// Whether runs are padded to the next size of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Padding costs as much as images do, as on a CPU: only where at least three quarters of the
    /// run are images.
    Dear,
    /// A run takes about as long whatever its size, as on a GPU.
    Cheap,
}

/// The sizes of runs: 1, 2, 4, 8 … and the limit.
///
/// Few sizes, because ONNX Runtime's arena grows with each new one and TensorRT builds an engine
/// for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ladder {
    limit: usize,
    padding: Padding,
}

impl Ladder {
    /// A ladder up to runs of `limit` images, at least 1.
    pub fn new(limit: usize, padding: Padding) -> Self {
        let limit = limit.max(1);
        Self { limit, padding }
    }

    /// The ladder up to the highest rung that is no more than `most`.
    pub fn limited(self, most: usize) -> Self {
        let rungs = self.rungs().take_while(|rung| *rung <= most);
        let limit = rungs.last().unwrap_or(1);
        Self { limit, ..self }
    }

    /// The most images a run takes.
    pub fn limit(self) -> usize {
        self.limit
    }

    /// All sizes, the smallest first.
    pub fn rungs(self) -> impl Iterator<Item = usize> {
        let powers = std::iter::successors(Some(1_usize), |rung| rung.checked_mul(2));
        let below = powers.take_while(move |rung| *rung < self.limit);
        below.chain(std::iter::once(self.limit))
    }

    /// The smallest size that holds `images`; the limit where none does.
    pub fn rung(self, images: usize) -> usize {
        images.max(1).next_power_of_two().min(self.limit)
    }

    /// How many of `waiting` images the next run takes. The rest is for the one after it.
    pub fn take(self, waiting: usize) -> usize {
        let above = self.rung(waiting);
        if waiting >= above || self.padding == Padding::Cheap || 4 * waiting >= 3 * above {
            return waiting.min(above);
        }
        // The rung below: the largest power of two that is all images.
        waiting.next_power_of_two() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the runs that so many images become, and what is padding in each.
    fn runs(ladder: Ladder, mut waiting: usize) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        while waiting > 0 {
            let images = ladder.take(waiting);
            runs.push((images, ladder.rung(images) - images));
            waiting -= images;
        }
        runs
    }

    #[test]
    fn the_limit_is_the_last_rung() {
        let rungs = |limit| {
            Ladder::new(limit, Padding::Dear)
                .rungs()
                .collect::<Vec<_>>()
        };
        assert_eq!(rungs(0), [1]);
        assert_eq!(rungs(1), [1]);
        assert_eq!(rungs(8), [1, 2, 4, 8]);
        assert_eq!(rungs(12), [1, 2, 4, 8, 12]);
    }

    #[test]
    fn where_padding_is_dear_there_is_little() {
        let ladder = Ladder::new(16, Padding::Dear);
        assert_eq!(runs(ladder, 3), [(3, 1)]);
        assert_eq!(runs(ladder, 5), [(4, 0), (1, 0)]);
        assert_eq!(runs(ladder, 11), [(8, 0), (3, 1)]);
        assert_eq!(runs(ladder, 35), [(16, 0), (16, 0), (3, 1)]);
        assert_eq!(runs(Ladder::new(6, Padding::Dear), 5), [(5, 1)]);
        assert_eq!(runs(Ladder::new(1, Padding::Dear), 3), [(1, 0); 3]);
    }

    #[test]
    fn where_it_is_cheap_nothing_is_split() {
        let ladder = Ladder::new(8, Padding::Cheap);
        assert_eq!(runs(ladder, 5), [(5, 3)]);
        assert_eq!(runs(ladder, 9), [(8, 0), (1, 0)]);
    }

    #[test]
    fn a_lower_limit_is_a_rung_too() {
        let ladder = Ladder::new(12, Padding::Dear);
        let limits = [0, 1, 3, 6, 8, 12, 99].map(|most| ladder.limited(most).limit());
        assert_eq!(limits, [1, 1, 2, 4, 8, 12, 12]);
    }

    #[test]
    fn every_run_is_a_rung_and_none_is_empty() {
        for padding in [Padding::Dear, Padding::Cheap] {
            for limit in 1..=64 {
                let ladder = Ladder::new(limit, padding);
                let rungs: Vec<_> = ladder.rungs().collect();
                for waiting in 1..=130 {
                    for (images, padded) in runs(ladder, waiting) {
                        assert!(images > 0 && rungs.contains(&(images + padded)));
                        let dear = padding == Padding::Dear;
                        assert!(!dear || 3 * (images + padded) <= 4 * images);
                    }
                }
            }
        }
    }
}
