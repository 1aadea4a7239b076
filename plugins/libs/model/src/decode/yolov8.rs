// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};

use super::candidate;

/// Anchor points whose best scores are found together: they stay in the first-level cache
/// while the rows of all classes pass.
const TILE: usize = 512;

/// Adds to `found` the anchor points of `values`, `[4 + classes, points]`, whose best class
/// score is at least `threshold`.
///
/// The rows are cx, cy, w and h in elements of the input tensor, then a row of scores for each
/// class, 0..=1 (Ultralytics: the sigmoid is inside the model). Of equal scores the first
/// class wins; a score that is no number never does.
pub(super) fn decode(values: &[f32], points: usize, threshold: f32, found: &mut Vec<Detection>) {
    let (boxes, scores) = values.split_at(4 * points);
    for start in (0..points).step_by(TILE) {
        let tile = start..points.min(start + TILE);
        let mut best = [f32::NEG_INFINITY; TILE];
        let best = &mut best[..tile.len()];
        // Only the maximum, which vectorises best; the few points above the threshold look
        // for their class afterwards.
        for row in scores.chunks_exact(points) {
            for (best, &score) in best.iter_mut().zip(&row[tile.clone()]) {
                *best = if score > *best { score } else { *best };
            }
        }
        for (point, &score) in tile.zip(best.iter()) {
            if score < threshold {
                continue;
            }
            let of_point = scores.iter().skip(point).step_by(points);
            let class = of_point.take_while(|other| **other != score).count();
            let [cx, cy, w, h] = [0, 1, 2, 3].map(|row| boxes[row * points + point]);
            let rect = Rect::from_center(cx, cy, w, h);
            found.extend(candidate(rect, class as u32, score, threshold));
        }
    }
}
