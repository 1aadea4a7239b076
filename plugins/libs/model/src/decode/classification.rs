// SPDX-License-Identifier: MIT OR Apache-2.0

use super::{Error, contiguous};
use crate::OutputView;
use crate::describe::Family;

/// How far the sum of probabilities may be from 1: half floats of 1000 classes are no nearer.
const NEAR_ONE: f32 = 1e-3;

/// What an image shows, and how sure the model is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Index of the class.
    pub class: u32,
    /// Probability, 0..=1.
    pub score: f32,
}

/// The most probable class of one image, of the outputs of a model of
/// [`Family::Classification`] with so many `classes`; `None` where it is less probable than
/// `threshold`, or where a value is not finite.
///
/// Values that are all in 0..=1 and sum up to 1 are probabilities already; others are logits, of
/// which softmax makes probabilities. Of equal ones the first class wins.
///
/// # Errors
/// [`Error::Outputs`] unless there is one output f32 `[1, classes]` or `[1, classes, 1, 1]`.
pub fn classify(
    outputs: &[OutputView],
    classes: usize,
    threshold: f32,
) -> Result<Option<Class>, Error> {
    let view = match outputs {
        [OutputView::F32(view)] => match *view.shape() {
            [1, found] | [1, found, 1, 1] if found == classes => view,
            _ => return Err(unexpected(outputs, classes)),
        },
        _ => return Err(unexpected(outputs, classes)),
    };
    let mut copy = Vec::new();
    let values = contiguous(view, &mut copy);
    if !values.iter().all(|v| v.is_finite()) {
        return Ok(None);
    }
    let mut best = (0, f32::NEG_INFINITY);
    for (class, &value) in (0..).zip(values) {
        if value > best.1 {
            best = (class, value);
        }
    }
    let (class, most) = best;
    let probabilities = values.iter().all(|v| (0.0..=1.0).contains(v))
        && (values.iter().sum::<f32>() - 1.0).abs() <= NEAR_ONE;
    let score = match probabilities {
        true => most,
        // Softmax of the largest: exp(0) over the sum, so that nothing overflows.
        false => 1.0 / values.iter().map(|v| (v - most).exp()).sum::<f32>(),
    };
    Ok((score >= threshold).then_some(Class { class, score }))
}

fn unexpected(outputs: &[OutputView], classes: usize) -> Error {
    let expected = format!("f32 [1, {classes}] or [1, {classes}, 1, 1]");
    Error::outputs(Family::Classification, outputs, expected)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, IxDyn};
    use proptest::prelude::*;

    use super::*;

    fn class(values: &[f32], threshold: f32) -> Option<(u32, f32)> {
        let array = Array::from_shape_vec(IxDyn(&[1, values.len()]), values.to_vec()).unwrap();
        let found = classify(
            &[OutputView::F32(array.view().into())],
            values.len(),
            threshold,
        );
        found.unwrap().map(|c| (c.class, c.score))
    }

    #[test]
    fn probabilities_stay_and_logits_become_some() {
        assert_eq!(class(&[0.1, 0.7, 0.2], 0.0), Some((1, 0.7)));
        let (index, score) = class(&[1.0, 3.0, 2.0], 0.0).unwrap();
        assert_eq!(index, 1);
        assert!((score - 0.665_240_9).abs() < 1e-6, "{score}");
        // Of 0..=1, but no probabilities: their sum is not 1.
        let (_, score) = class(&[0.0, 0.9], 0.0).unwrap();
        assert!((score - 0.710_949_5).abs() < 1e-6, "{score}");
        assert_eq!(class(&[1000.0, -1000.0], 0.0), Some((0, 1.0)));
    }

    #[test]
    fn what_is_less_probable_than_the_threshold_is_no_class() {
        assert_eq!(class(&[0.4, 0.6], 0.6), Some((1, 0.6)));
        assert_eq!(class(&[0.4, 0.6], 0.61), None);
        assert_eq!(class(&[0.4, f32::NAN], 0.0), None);
        assert_eq!(class(&[f32::INFINITY, 0.0], 0.0), None);
    }

    #[test]
    fn of_equal_ones_the_first_wins() {
        assert_eq!(class(&[0.5, 0.5], 0.0), Some((0, 0.5)));
    }

    #[test]
    fn an_output_of_another_shape_is_an_error() {
        for shape in [&[1, 4][..], &[3], &[2, 3], &[1, 3, 2, 1], &[1, 3, 1], &[]] {
            let array = Array::<f32, _>::zeros(IxDyn(shape));
            let error = classify(&[OutputView::F32(array.view().into())], 3, 0.0).unwrap_err();
            let error = error.to_string();
            assert!(error.contains("f32 [1, 3] or [1, 3, 1, 1]"), "{error}");
        }
        let whole = Array::<i64, _>::zeros(IxDyn(&[1, 3]));
        assert!(classify(&[OutputView::I64(whole.view().into())], 3, 0.0).is_err());
        assert!(classify(&[], 3, 0.0).is_err());
        let pooled = Array::<f32, _>::zeros(IxDyn(&[1, 3, 1, 1]));
        assert!(classify(&[OutputView::F32(pooled.view().into())], 3, 0.0).is_ok());
    }

    proptest! {
        #[test]
        fn a_score_is_a_probability(
            values in prop::collection::vec(-1e30f32..1e30, 2..20),
        ) {
            let (index, score) = class(&values, 0.0).unwrap();
            prop_assert!(score > 0.0 && score <= 1.0);
            prop_assert!(values.iter().all(|v| *v <= values[index as usize]));
        }
    }
}
