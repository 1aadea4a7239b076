// SPDX-License-Identifier: MIT OR Apache-2.0
//! The vertical half of the resize and the colours: blend two rows, change colours, normalise,
//! clamp. Inputs are in [`UNIT`](crate::taps::UNIT)s, which the terms undo.

use super::{kernel, madd};
use crate::color::{GrayTerm, RgbTerm, YuvTerm};
use crate::rows::Between;

/// `a` where `weight` is 0, `b` where it is 1.
#[inline(always)]
fn lerp<const FUSED: bool>(a: f32, b: f32, weight: f32) -> f32 {
    madd::<FUSED>(b - a, weight, a)
}

#[inline(always)]
fn at<const FUSED: bool>(row: &Between<'_>, i: usize) -> f32 {
    lerp::<FUSED>(row.above[i], row.below[i], row.weight)
}

/// Not `f32::clamp`, which checks its bounds; this is one `max` and one `min`.
#[inline(always)]
fn clamp(v: f32, min: f32, max: f32) -> f32 {
    let v = if v < min { min } else { v };
    if v > max { max } else { v }
}

/// The first elements of the rows, as many as the output has.
#[inline(always)]
fn cut<'a, const N: usize>(rows: [Between<'a>; N], len: usize) -> [Between<'a>; N] {
    rows.map(|row| row.part(0, len))
}

kernel! {
    // Three separate slices and not an array of them: only so does the compiler know that they
    // do not overlap, without which it would not vectorise.
    fn matrix(
        rows: [Between<'_>; 3],
        terms: &[YuvTerm; 3],
        out0: &mut [f32],
        out1: &mut [f32],
        out2: &mut [f32],
    ) {
        let len = out0.len();
        let (out1, out2) = (&mut out1[..len], &mut out2[..len]);
        let [luma, c0, c1] = cut(rows, len);
        let [first, second, third] = terms;
        for i in 0..len {
            let (y, c0, c1) = (at::<FUSED>(&luma, i), at::<FUSED>(&c0, i), at::<FUSED>(&c1, i));
            let v0 = madd::<FUSED>(c0, first.chroma[0], first.bias);
            let v1 = madd::<FUSED>(c1, second.chroma[1], second.bias);
            let v1 = madd::<FUSED>(c0, second.chroma[0], v1);
            let v2 = madd::<FUSED>(c1, third.chroma[1], third.bias);
            let v0 = madd::<FUSED>(y, first.luma, v0);
            let v1 = madd::<FUSED>(y, second.luma, v1);
            let v2 = madd::<FUSED>(y, third.luma, v2);
            out0[i] = clamp(v0, first.min, first.max);
            out1[i] = clamp(v1, second.min, second.max);
            out2[i] = clamp(v2, third.min, third.max);
        }
    }
}

kernel! {
    fn linear(row: Between<'_>, term: &RgbTerm, out: &mut [f32]) {
        let [row] = cut([row], out.len());
        for (i, out) in out.iter_mut().enumerate() {
            *out = clamp(
                madd::<FUSED>(at::<FUSED>(&row, i), term.scale, term.bias),
                term.min,
                term.max,
            );
        }
    }
}

kernel! {
    fn weighted(rows: [Between<'_>; 3], term: &GrayTerm, out: &mut [f32]) {
        let [a, b, c] = cut(rows, out.len());
        let [wa, wb, wc] = term.weights;
        for (i, out) in out.iter_mut().enumerate() {
            let v = madd::<FUSED>(at::<FUSED>(&c, i), wc, term.bias);
            let v = madd::<FUSED>(at::<FUSED>(&b, i), wb, v);
            let v = madd::<FUSED>(at::<FUSED>(&a, i), wa, v);
            *out = clamp(v, term.min, term.max);
        }
    }
}
