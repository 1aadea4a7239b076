// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};

/// The most candidates that NMS looks at; of more, the best are taken. A detector gives a few
/// dozen candidates an object, so only a threshold near 0 gets there.
pub(super) const MAX_CANDIDATES: usize = 4096;

/// Kept boxes that one step compares a candidate with: two AVX2 registers of `f32`.
const LANES: usize = 16;

/// Greedy, class-aware non-maximum suppression: the best candidate is kept, all of its class
/// that overlap it by more than a threshold are dropped, and so on. Deterministic: of equal
/// scores the earlier candidate is the better one. Reuses its scratch.
#[derive(Debug, Default)]
pub(super) struct Nms {
    /// Candidates, best first: score (inverted, so that ascending order is best first) in the
    /// upper half, index in the lower.
    order: Vec<u64>,
    kept: Vec<Block>,
}

/// Kept boxes as a structure of arrays, so that one comparison is `LANES` wide. Unused lanes
/// are empty boxes far to the right of everything, which overlap nothing.
#[derive(Debug)]
struct Block {
    x0: [f32; LANES],
    y0: [f32; LANES],
    x1: [f32; LANES],
    y1: [f32; LANES],
    area: [f32; LANES],
    class: [u32; LANES],
}

impl Nms {
    /// Fills `found` with the best of `candidates`, at most `max`, in descending order of score.
    /// Scores are finite and not negative. A threshold of 1 drops nothing.
    pub fn suppress(
        &mut self,
        candidates: &[Detection],
        iou_threshold: f32,
        max: usize,
        found: &mut Vec<Detection>,
    ) {
        if iou_threshold >= 1.0 {
            // Rounding can lift the overlap of a box with itself above 1.
            return self.best(candidates, max, found);
        }
        self.rank(candidates, MAX_CANDIDATES);
        self.kept.clear();
        found.clear();
        for &key in &self.order {
            if found.len() >= max {
                break;
            }
            let candidate = &candidates[key as u32 as usize];
            let overlaps = |block: &Block| block.overlaps(candidate, iou_threshold);
            if !self.kept.iter().any(overlaps) {
                keep(&mut self.kept, found.len() % LANES, candidate);
                found.push(*candidate);
            }
        }
    }

    /// Fills `found` with the best `max` of `candidates`, in descending order of score.
    pub fn best(&mut self, candidates: &[Detection], max: usize, found: &mut Vec<Detection>) {
        self.rank(candidates, max);
        found.clear();
        found.extend(
            self.order
                .iter()
                .map(|&key| candidates[key as u32 as usize]),
        );
    }

    /// Where the scratch lies, to see that it stays.
    #[cfg(test)]
    pub fn scratch(&self) -> [usize; 2] {
        [self.order.as_ptr() as usize, self.kept.as_ptr() as usize]
    }

    fn rank(&mut self, candidates: &[Detection], limit: usize) {
        self.order.clear();
        // The bits of floats that are not negative are ordered as the floats are.
        let key = |(index, candidate): (usize, &Detection)| {
            u64::from(!candidate.score.to_bits()) << 32 | index as u64
        };
        self.order.extend(candidates.iter().enumerate().map(key));
        if self.order.len() > limit {
            if limit > 0 {
                self.order.select_nth_unstable(limit - 1);
            }
            self.order.truncate(limit);
        }
        self.order.sort_unstable();
    }
}

fn keep(kept: &mut Vec<Block>, lane: usize, detection: &Detection) {
    if lane == 0 {
        kept.push(Block::EMPTY);
    }
    if let Some(block) = kept.last_mut() {
        let rect = &detection.rect;
        block.x0[lane] = rect.x;
        block.y0[lane] = rect.y;
        block.x1[lane] = rect.right();
        block.y1[lane] = rect.bottom();
        block.area[lane] = rect.area();
        block.class[lane] = detection.class;
    }
}

impl Block {
    const EMPTY: Self = Self {
        x0: [f32::MAX; LANES],
        y0: [f32::MAX; LANES],
        x1: [f32::MAX; LANES],
        y1: [f32::MAX; LANES],
        area: [0.0; LANES],
        class: [u32::MAX; LANES],
    };

    /// Whether a box of the candidate's class overlaps it by more than `threshold`; the
    /// arithmetic is that of [`Rect::iou`], without a branch.
    fn overlaps(&self, candidate: &Detection, threshold: f32) -> bool {
        let rect: &Rect = &candidate.rect;
        let (x0, y0, x1, y1) = (rect.x, rect.y, rect.right(), rect.bottom());
        let area = rect.area();
        let mut any = false;
        for i in 0..LANES {
            let w = x1.min(self.x1[i]) - x0.max(self.x0[i]);
            let h = y1.min(self.y1[i]) - y0.max(self.y0[i]);
            let shared = w.max(0.0) * h.max(0.0);
            let union = area + self.area[i] - shared;
            // An empty union divides 0 by 0, which is greater than nothing.
            any |= (shared / union > threshold) & (self.class[i] == candidate.class);
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detection(x: f32, w: f32, class: u32, score: f32) -> Detection {
        let rect = Rect::new(x, 0.0, w, 10.0);
        Detection { rect, class, score }
    }

    fn suppress(candidates: &[Detection], threshold: f32, max: usize) -> Vec<Detection> {
        let mut found = Vec::new();
        Nms::default().suppress(candidates, threshold, max, &mut found);
        found
    }

    #[test]
    fn the_better_of_two_that_overlap_stays_unless_their_classes_differ() {
        let [a, b] = [detection(0.0, 10.0, 0, 0.5), detection(1.0, 10.0, 0, 0.9)];
        assert_eq!(suppress(&[a, b], 0.5, 10), [b]);
        let other = Detection { class: 1, ..a };
        assert_eq!(suppress(&[other, b], 0.5, 10), [b, other]);
    }

    #[test]
    fn an_overlap_of_exactly_the_threshold_stays() {
        let [a, b] = [detection(0.0, 10.0, 0, 0.9), detection(0.0, 5.0, 0, 0.5)];
        assert_eq!(a.rect.iou(&b.rect), 0.5);
        assert_eq!(suppress(&[a, b], 0.5, 10).len(), 2);
        assert_eq!(suppress(&[a, b], 0.499, 10).len(), 1);
        assert_eq!(suppress(&[a, a], 1.0, 10).len(), 2);
    }

    #[test]
    fn of_equal_scores_the_earlier_candidate_wins() {
        let [a, b] = [detection(0.0, 10.0, 0, 0.5), detection(1.0, 10.0, 0, 0.5)];
        assert_eq!(suppress(&[a, b], 0.5, 10), [a]);
        assert_eq!(suppress(&[b, a], 0.5, 10), [b]);
    }

    #[test]
    fn of_too_many_candidates_the_best_are_looked_at() {
        let many = (0..3 * MAX_CANDIDATES).map(|i| {
            let score = ((i * 7919) % (3 * MAX_CANDIDATES)) as f32 / 1e5;
            detection(i as f32 * 20.0, 10.0, 0, score)
        });
        let many: Vec<_> = many.collect();
        let found = suppress(&many, 0.5, usize::MAX);
        assert_eq!(found.len(), MAX_CANDIDATES);
        assert!(found.is_sorted_by(|a, b| a.score > b.score));
        assert_eq!(found[0].score, (3 * MAX_CANDIDATES - 1) as f32 / 1e5);
        assert_eq!(suppress(&many, 0.5, 0), []);
    }

    #[test]
    fn the_best_come_first_and_no_more_than_asked() {
        let three = [0.1, 0.3, 0.2].map(|score| detection(0.0, 1.0, 0, score));
        for max in 0..5 {
            let mut found = Vec::new();
            Nms::default().best(&three, max, &mut found);
            let expected = [three[1], three[2], three[0]];
            assert_eq!(found, expected[..max.min(3)]);
        }
    }

    /// Greedy suppression as the papers put it.
    fn brute_force(candidates: &[Detection], threshold: f32, max: usize) -> Vec<Detection> {
        let mut left = candidates.to_vec();
        left.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut found = Vec::new();
        while found.len() < max && !left.is_empty() {
            let best = left.remove(0);
            left.retain(|d| d.class != best.class || d.rect.iou(&best.rect) <= threshold);
            found.push(best);
        }
        found
    }

    prop_compose! {
        fn any_detection()(
            x in 0.0f32..60.0, y in 0.0f32..60.0, w in 0.1f32..40.0, h in 0.1f32..40.0,
            class in 0u32..3, score in 0u8..20,
        ) -> Detection {
            // Few scores, so that ties are common.
            Detection { rect: Rect::new(x, y, w, h), class, score: f32::from(score) / 20.0 }
        }
    }

    proptest! {
        #[test]
        fn it_keeps_what_brute_force_keeps(
            candidates in prop::collection::vec(any_detection(), 0..120),
            threshold in 0.0f32..1.0, max in 0usize..60,
        ) {
            let found = suppress(&candidates, threshold, max);
            prop_assert_eq!(found, brute_force(&candidates, threshold, max));
        }
    }
}
