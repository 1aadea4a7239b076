// SPDX-License-Identifier: MIT OR Apache-2.0
//! The last step of a row: blend vertically, change colours, normalise, clamp, and write it in
//! the tensor's layout.

use crate::color::{RgbTerm, YuvTerm};
use crate::columns::lerp;
use crate::cpu::{Cpu, kernel};
use crate::place::Target;
use crate::rows::Between;

/// What an output row of a Y'CbCr frame is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct YuvRow<'a> {
    pub(crate) luma: Between<'a>,
    /// Rows of `c0`, then `c1` (see `color::yuv_terms`).
    pub(crate) chroma: Between<'a>,
}

/// Writes row `y` of the image.
pub(crate) fn yuv(
    cpu: Cpu,
    row: &YuvRow<'_>,
    terms: &[YuvTerm; 3],
    target: &mut Target<'_>,
    y: usize,
) {
    match target {
        Target::Planar(planes) => {
            let [c0, c1, c2] = planes.row(y);
            yuv_planar(cpu, row, terms, c0, c1, c2);
        }
        Target::Interleaved(pixels) => yuv_interleaved(cpu, row, terms, pixels.row(y)),
    }
}

/// Writes row `y` of the image; `row` has the channels in the tensor's order.
pub(crate) fn rgb(
    cpu: Cpu,
    row: &Between<'_>,
    terms: &[RgbTerm; 3],
    target: &mut Target<'_>,
    y: usize,
) {
    match target {
        Target::Planar(planes) => {
            let rows = planes.row(y);
            let channels = split::<3>(row, rows[0].len());
            for ((out, channel), term) in rows.into_iter().zip(&channels).zip(terms) {
                rgb_planar(cpu, channel, term, out);
            }
        }
        Target::Interleaved(pixels) => rgb_interleaved(cpu, row, terms, pixels.row(y)),
    }
}

/// The channels of rows that have `N` of them, `len` elements each.
#[inline(always)]
fn split<'a, const N: usize>(row: &Between<'a>, len: usize) -> [Between<'a>; N] {
    std::array::from_fn(|i| Between {
        above: &row.above[i * len..][..len],
        below: &row.below[i * len..][..len],
        weight: row.weight,
    })
}

#[inline(always)]
fn at(row: &Between<'_>, i: usize) -> f32 {
    lerp(row.above[i], row.below[i], row.weight)
}

/// Not `f32::clamp`, which checks its bounds; this is one `max` and one `min`.
#[inline(always)]
fn clamp(v: f32, min: f32, max: f32) -> f32 {
    let v = if v < min { min } else { v };
    if v > max { max } else { v }
}

#[inline(always)]
fn yuv_pixel(y: f32, c0: f32, c1: f32, terms: &[YuvTerm; 3]) -> [f32; 3] {
    let [first, second, third] = terms;
    let v0 = y * first.luma + (c0 * first.chroma[0] + first.bias);
    let v1 = y * second.luma + (c0 * second.chroma[0] + (c1 * second.chroma[1] + second.bias));
    let v2 = y * third.luma + (c1 * third.chroma[1] + third.bias);
    [
        clamp(v0, first.min, first.max),
        clamp(v1, second.min, second.max),
        clamp(v2, third.min, third.max),
    ]
}

#[inline(always)]
fn rgb_value(v: f32, term: &RgbTerm) -> f32 {
    clamp(v * term.scale + term.bias, term.min, term.max)
}

kernel! {
    // Three separate slices and not an array of them: only so does the compiler know that they
    // do not overlap, without which it would not vectorise.
    fn yuv_planar(
        row: &YuvRow<'_>,
        terms: &[YuvTerm; 3],
        out0: &mut [f32],
        out1: &mut [f32],
        out2: &mut [f32],
    ) {
        let len = out0.len();
        let (out1, out2) = (&mut out1[..len], &mut out2[..len]);
        let [luma] = split(&row.luma, len);
        let [c0, c1] = split(&row.chroma, len);
        for i in 0..len {
            [out0[i], out1[i], out2[i]] = yuv_pixel(at(&luma, i), at(&c0, i), at(&c1, i), terms);
        }
    }
}

kernel! {
    fn yuv_interleaved(row: &YuvRow<'_>, terms: &[YuvTerm; 3], out: &mut [[f32; 3]]) {
        let [luma] = split(&row.luma, out.len());
        let [c0, c1] = split(&row.chroma, out.len());
        for (i, out) in out.iter_mut().enumerate() {
            *out = yuv_pixel(at(&luma, i), at(&c0, i), at(&c1, i), terms);
        }
    }
}

kernel! {
    fn rgb_planar(row: &Between<'_>, term: &RgbTerm, out: &mut [f32]) {
        let [row] = split(row, out.len());
        for (i, out) in out.iter_mut().enumerate() {
            *out = rgb_value(at(&row, i), term);
        }
    }
}

kernel! {
    fn rgb_interleaved(row: &Between<'_>, terms: &[RgbTerm; 3], out: &mut [[f32; 3]]) {
        let [c0, c1, c2] = split(row, out.len());
        let [first, second, third] = terms;
        for (i, out) in out.iter_mut().enumerate() {
            *out = [
                rgb_value(at(&c0, i), first),
                rgb_value(at(&c1, i), second),
                rgb_value(at(&c2, i), third),
            ];
        }
    }
}
