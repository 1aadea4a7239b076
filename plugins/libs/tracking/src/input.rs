// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which detections take part, and how sure they are.

use crate::config::Config;
use lynx_geometry::Detection;

/// Coordinates beyond this (pixels) are no picture's, and their areas overflow `f32`.
const MAX_COORDINATE: f32 = 1e6;

/// Indices of the detections that no track has taken yet.
#[derive(Debug, Default)]
pub(crate) struct Free {
    /// From `high_threshold` on.
    pub(crate) high: Vec<usize>,
    /// From `low_threshold` on, below `high_threshold`.
    pub(crate) low: Vec<usize>,
}

impl Free {
    /// Starts over with the usable ones of a frame.
    pub(crate) fn fill(&mut self, config: &Config, detections: &[Detection]) {
        self.high.clear();
        self.low.clear();
        for (index, detection) in detections.iter().enumerate().filter(|(_, d)| is_usable(d)) {
            if detection.score >= config.high_threshold {
                self.high.push(index);
            } else if detection.score >= config.low_threshold {
                self.low.push(index);
            }
        }
    }
}

/// Whether a detection can be tracked: numbers, in range, with a size.
fn is_usable(detection: &Detection) -> bool {
    let r = &detection.rect;
    r.is_valid()
        && [r.x, r.y, r.w, r.h]
            .iter()
            .all(|v| v.abs() <= MAX_COORDINATE)
        && detection.score.is_finite()
}

#[cfg(test)]
mod tests {
    use super::{Config, Free, is_usable};
    use lynx_geometry::{Detection, Rect};

    #[test]
    fn detections_are_split_by_score_and_the_lowest_left_out() {
        let mut free = Free::default();
        let rect = Rect::new(0.0, 0.0, 1.0, 1.0);
        let scored = [0.5, 0.05, 0.1, 0.9].map(|score| Detection {
            rect,
            class: 0,
            score,
        });
        for _ in 0..2 {
            free.fill(&Config::default(), &scored);
            assert_eq!((&free.high[..], &free.low[..]), (&[0, 3][..], &[2][..]));
        }
    }

    #[test]
    fn detections_that_are_no_boxes_are_unusable() {
        let good = Detection {
            rect: Rect::new(-5.0, 0.0, 10.0, 10.0),
            class: 0,
            score: 0.5,
        };
        assert!(is_usable(&good));
        for rect in [
            Rect::new(f32::NAN, 0.0, 10.0, 10.0),
            Rect::new(0.0, f32::INFINITY, 10.0, 10.0),
            Rect::new(0.0, 0.0, 0.0, 10.0),
            Rect::new(0.0, 0.0, 10.0, -1.0),
            Rect::new(0.0, 0.0, 1e30, 10.0),
        ] {
            assert!(!is_usable(&Detection { rect, ..good }), "{rect:?}");
        }
        assert!(!is_usable(&Detection {
            score: f32::NAN,
            ..good
        }));
    }
}
