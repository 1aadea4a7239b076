// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};

use super::{Error, labelled};

/// Adds to `found` those of `rows`, `[N, 6]` as class, score, x0, y0, x1, y1 in elements of the
/// input tensor, that score at least `threshold`.
///
/// # Errors
/// [`Error::Class`] for one whose class is not below `labels`.
pub(super) fn decode(
    rows: &[f32],
    labels: usize,
    threshold: f32,
    found: &mut Vec<Detection>,
) -> Result<(), Error> {
    // Where it finds nothing, PaddleDetection's NMS may say so with a row of -1.
    for row in rows.as_chunks::<6>().0 {
        let rect = Rect::from_corners(row[2], row[3], row[4], row[5]);
        // What is no number is no class either.
        let class = if row[0].is_finite() {
            row[0] as i64
        } else {
            -1
        };
        found.extend(labelled(rect, class, row[1], threshold, labels)?);
    }
    Ok(())
}
