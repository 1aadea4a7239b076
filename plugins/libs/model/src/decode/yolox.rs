// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};

use super::candidate;

/// Strides of the feature maps, in the order of the output's anchor points.
const STRIDES: [u32; 3] = [8, 16, 32];

/// Adds to `found` the anchor points of `values`, `[A, 5 + classes]`, whose score is at least
/// `threshold`, for an input of `width` × `height`.
///
/// A point's values are x, y (offsets from its grid cell, in strides), w, h (logarithms, in
/// strides), objectness and class scores, 0..=1 (the official export has the sigmoid inside).
/// The score is objectness times the best class score, and the threshold is that product's.
/// Points run row by row over the maps of strides 8, 16 and 32 (YOLOX, arXiv 2107.08430).
pub(super) fn decode(
    values: &[f32],
    classes: usize,
    (width, height): (u32, u32),
    threshold: f32,
    found: &mut Vec<Detection>,
) {
    let mut points = values.chunks_exact(5 + classes);
    for stride in STRIDES {
        let scale = stride as f32;
        for row in 0..height / stride {
            for (column, point) in (0..width / stride).zip(&mut points) {
                let objectness = point[4];
                // No product is above its objectness, so that this is the product's threshold.
                if objectness < threshold {
                    continue;
                }
                let (class, score) = best(&point[5..]);
                let score = objectness * score;
                if score < threshold {
                    continue;
                }
                let rect = Rect::from_center(
                    (point[0] + column as f32) * scale,
                    (point[1] + row as f32) * scale,
                    point[2].exp() * scale,
                    point[3].exp() * scale,
                );
                found.extend(candidate(rect, class, score, threshold));
            }
        }
    }
}

/// The first class of the highest score.
fn best(scores: &[f32]) -> (u32, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (class, &score) in scores.iter().enumerate() {
        if score > best.1 {
            best = (class as u32, score);
        }
    }
    best
}
