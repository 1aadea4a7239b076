// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};

use super::{Error, labelled};

/// Adds to `found` the boxes of `dets`, `[N, 5]` as x0, y0, x1, y1 in elements of the input
/// tensor and score, that score at least `threshold`; `classes` has one class for each.
///
/// # Errors
/// [`Error::Class`] for a box whose class is not below `labels`.
pub(super) fn decode(
    dets: &[f32],
    classes: &[i64],
    labels: usize,
    threshold: f32,
    found: &mut Vec<Detection>,
) -> Result<(), Error> {
    for (det, &class) in dets.as_chunks::<5>().0.iter().zip(classes) {
        let rect = Rect::from_corners(det[0], det[1], det[2], det[3]);
        found.extend(labelled(rect, class, det[4], threshold, labels)?);
    }
    Ok(())
}
