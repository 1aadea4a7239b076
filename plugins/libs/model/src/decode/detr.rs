// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::{Detection, Rect};
use ndarray::ArrayViewD;

use super::{Error, labelled};
use crate::OutputView;

/// The outputs of a model that gives a set of boxes, in any order.
pub(super) struct Outputs<'a> {
    /// `[1, N, 4]` as x0, y0, x1, y1 in elements of the input tensor.
    pub boxes: ArrayViewD<'a, f32>,
    /// `[1, N]`.
    classes: ArrayViewD<'a, i64>,
    /// `[1, N]`, 0..=1 (the sigmoid is inside the model).
    scores: ArrayViewD<'a, f32>,
}

impl<'a> Outputs<'a> {
    /// `None` where they are not such outputs.
    pub fn of(outputs: &'a [OutputView<'_>]) -> Option<Self> {
        let (a, b, classes) = match outputs {
            [OutputView::F32(a), OutputView::F32(b), OutputView::I64(c)]
            | [OutputView::F32(a), OutputView::I64(c), OutputView::F32(b)]
            | [OutputView::I64(c), OutputView::F32(a), OutputView::F32(b)] => {
                (a.view(), b.view(), c.view())
            }
            _ => return None,
        };
        let (boxes, scores) = if a.ndim() == 3 { (a, b) } else { (b, a) };
        match (boxes.shape(), classes.shape(), scores.shape()) {
            ([1, n, 4], [1, classes_n], [1, scores_n]) if n == classes_n && n == scores_n => {}
            _ => return None,
        }
        Some(Self {
            boxes,
            classes,
            scores,
        })
    }

    /// Adds to `found` those that score at least `threshold`; `boxes` has the elements of
    /// [`Self::boxes`].
    ///
    /// # Errors
    /// [`Error::Class`] for one whose class is not below `labels`.
    pub fn decode(
        &self,
        boxes: &[f32],
        labels: usize,
        threshold: f32,
        found: &mut Vec<Detection>,
    ) -> Result<(), Error> {
        let said = self.classes.iter().zip(&self.scores);
        for (corners, (&class, &score)) in boxes.as_chunks::<4>().0.iter().zip(said) {
            let rect = Rect::from_corners(corners[0], corners[1], corners[2], corners[3]);
            found.extend(labelled(rect, class, score, threshold, labels)?);
        }
        Ok(())
    }
}
