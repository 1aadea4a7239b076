// SPDX-License-Identifier: MIT OR Apache-2.0

/// Where each output element of one axis takes its two samples, and how it weighs them:
/// `out[i] = s[k] + (s[k + 1] - s[k]) * weight[i]` with `k = offset[i] / step`.
///
/// Two plain arrays, one entry per output element and both non-decreasing in `k`, so that a
/// kernel with shuffles can derive its masks from them.
#[derive(Debug, Clone)]
pub(crate) struct Taps {
    /// Offset of the first sample, in units of `1 / step` sample (bytes, for columns).
    pub(crate) offset: Vec<u32>,
    /// Share of the second sample, 0.0..=1.0.
    pub(crate) weight: Vec<f32>,
}

impl Taps {
    /// Bilinear taps with half-pixel centres and clamped edges, not antialiased: what
    /// `cv2.resize` calls `INTER_LINEAR`, which detection models are trained with.
    ///
    /// `length` is the extent that the `out` elements cover, in samples: the number of samples,
    /// but half the luma width for a chroma row, whose last sample hangs over the edge when the
    /// width is odd. An axis of one sample gets offset 0 and weight 0 throughout.
    pub(crate) fn new(out: usize, length: f64, samples: usize, step: usize) -> Self {
        let last = samples.saturating_sub(1) as f64;
        let last_pair = samples.saturating_sub(2) as f64;
        let (offset, weight) = (0..out)
            .map(|i| {
                // Multiplied before divided: a position that is a whole number comes out exact,
                // and its weight exactly 0, which spares the second row.
                let position = ((i as f64 + 0.5) * length / out as f64 - 0.5).clamp(0.0, last);
                let first = position.floor().min(last_pair);
                (first as u32 * step as u32, (position - first) as f32)
            })
            .unzip();
        Self { offset, weight }
    }

    /// Number of output elements.
    pub(crate) fn len(&self) -> usize {
        self.weight.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_one_takes_each_sample_as_it_is() {
        let taps = Taps::new(5, 5.0, 5, 1);
        let at: Vec<f32> = (taps.offset.iter().zip(&taps.weight))
            .map(|(&k, &w)| k as f32 + w)
            .collect();
        assert_eq!(at, [0.0, 1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn a_third_takes_the_middle_sample_with_no_weight_on_its_neighbour() {
        let taps = Taps::new(640, 1920.0, 1920, 4);
        assert!(
            taps.offset
                .iter()
                .zip(0..)
                .all(|(&k, i)| k == 4 * (3 * i + 1))
        );
        assert!(taps.weight.iter().all(|&w| w == 0.0));
    }

    #[test]
    fn no_pair_reaches_past_the_last_sample() {
        for samples in 1..20 {
            for out in 1..50 {
                let taps = Taps::new(out, samples as f64, samples, 1);
                let most = samples.saturating_sub(2) as u32;
                assert!(taps.offset.iter().all(|&k| k <= most));
                assert!(taps.offset.is_sorted());
                assert!(taps.weight.iter().all(|w| (0.0..=1.0).contains(w)));
            }
        }
    }

    #[test]
    fn doubling_weighs_as_cv2_does() {
        let taps = Taps::new(4, 2.0, 2, 1);
        assert_eq!(taps.offset, [0, 0, 0, 0]);
        assert_eq!(taps.weight, [0.0, 0.25, 0.75, 1.0]);
    }
}
