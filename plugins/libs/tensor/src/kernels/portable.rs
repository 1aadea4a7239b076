// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every kernel of `columns` computes, one element at a time.

use super::Row;
use crate::samples::Depth;
use crate::taps::Taps;

/// Offset and weights of each element from `done` on.
fn elements(taps: &Taps, done: usize) -> impl Iterator<Item = (usize, [i32; 2])> + '_ {
    let all = taps.offset.iter().zip(&taps.weights).skip(done);
    all.map(|(&at, weights)| (at as usize, weights.map(i32::from)))
}

/// The channel `offset` bytes after the one that the tables are for.
pub(super) fn one(row: Row<'_>, offset: usize, out: &mut [f32]) {
    from(row, offset, 0, out);
}

/// The same, from element `done` on.
pub(super) fn from((row, taps): Row<'_>, offset: usize, done: usize, out: &mut [f32]) {
    for (out, (at, [first, second])) in out[done..].iter_mut().zip(elements(taps, done)) {
        let (a, b) = (row[at + offset], row[at + offset + taps.next]);
        *out = (i32::from(a) * first + i32::from(b) * second) as f32;
    }
}

/// Samples of two bytes.
pub(super) fn words((row, taps): Row<'_>, depth: Depth, out: &mut [f32]) {
    let sample = |at: usize| match depth {
        Depth::Byte => i32::from(row[at]),
        Depth::Word { big_endian, .. } => {
            let bytes = [row[at], row[at + 1]];
            i32::from(if big_endian {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            })
        }
    };
    for (out, (at, [first, second])) in out.iter_mut().zip(elements(taps, 0)) {
        // Below 2^30.
        *out = (sample(at) * first + sample(at + taps.next) * second) as f32;
    }
}
