// SPDX-License-Identifier: MIT OR Apache-2.0

/// How many classes one object is remembered to have been taken for. Detectors waver between two
/// or three; a fixed array keeps tracks free of allocations.
const CANDIDATES: usize = 4;

/// What an object is, by the summed scores of its detections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassVote {
    /// Class and summed score; a weight of 0 is a free place.
    candidates: [(u32, f32); CANDIDATES],
}

impl ClassVote {
    pub(crate) fn new(class: u32, score: f32) -> Self {
        let mut candidates = [(class, 0.0); CANDIDATES];
        candidates[0].1 = score;
        Self { candidates }
    }

    /// Adds a detection's say. A fifth class takes the place of the lightest.
    pub(crate) fn add(&mut self, class: u32, score: f32) {
        if let Some(candidate) = self.candidates.iter_mut().find(|c| c.0 == class) {
            candidate.1 += score;
        } else if let Some(lightest) = self
            .candidates
            .iter_mut()
            .min_by(|a, b| a.1.total_cmp(&b.1))
        {
            *lightest = (class, score);
        }
    }

    /// The class with the most weight, the earlier one of equals.
    pub(crate) fn winner(&self) -> u32 {
        let mut best = self.candidates[0];
        for &candidate in &self.candidates[1..] {
            if candidate.1 > best.1 {
                best = candidate;
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::ClassVote;

    #[test]
    fn one_sure_detection_outweighs_two_unsure_ones() {
        let mut vote = ClassVote::new(2, 0.9);
        vote.add(7, 0.3);
        vote.add(7, 0.4);
        assert_eq!(vote.winner(), 2);
        vote.add(7, 0.3);
        assert_eq!(vote.winner(), 7);
    }

    #[test]
    fn a_fifth_class_replaces_the_lightest_and_the_winner_stays() {
        let mut vote = ClassVote::new(0, 5.0);
        for class in 1..100 {
            vote.add(class, 0.5);
        }
        assert_eq!(vote.winner(), 0);
        (0..20).for_each(|_| vote.add(200, 0.9));
        assert_eq!(vote.winner(), 200);
    }
}
