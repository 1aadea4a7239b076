// SPDX-License-Identifier: MIT OR Apache-2.0
//! The horizontal half of the resize: one row of source bytes to rows of `f32`, one per channel,
//! as wide as the image in the tensor.
//!
//! In two passes, because only the first depends on the taps: it gathers each output element's
//! two neighbouring pixels into a compact array of words, the second unpacks and blends them
//! with no index at all, which compilers turn into vector code. The cost is that of the output's
//! width, whatever the source's.

use crate::cpu::{Cpu, kernel};
use crate::taps::Taps;

/// Horizontal taps of a plane and the room to gather into.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Offsets in bytes.
    taps: Taps,
    /// First pixel of each pair, and the second as well where a pair fits in four bytes.
    left: Vec<u32>,
    /// Second pixel of each pair, where it does not.
    right: Vec<u32>,
}

impl Columns {
    /// For rows of `samples` pixels of `step` bytes (1 to 4), of which the `out` elements cover
    /// `length`.
    pub(crate) fn new(out: usize, length: f64, samples: usize, step: usize) -> Self {
        Self {
            taps: Taps::new(out, length, samples, step),
            left: vec![0; out],
            right: vec![0; if step > 2 { out } else { 0 }],
        }
    }

    /// Number of elements in a resized row.
    pub(crate) fn len(&self) -> usize {
        self.taps.len()
    }

    /// One channel of one byte: Y, or a plane of U or V.
    pub(crate) fn one(&mut self, cpu: Cpu, row: &[u8], out: &mut [f32]) {
        with_room(row, |row| {
            for (pair, at) in self.left.iter_mut().zip(&self.taps.offset) {
                let (bytes, _) = bytes_at(row, *at);
                *pair = u32::from(u16::from_le_bytes(bytes));
            }
        });
        blend_one(cpu, &self.left, &self.taps.weight, out);
    }

    /// Two interleaved channels of one byte: U and V of NV12.
    pub(crate) fn two(&mut self, cpu: Cpu, row: &[u8], out: [&mut [f32]; 2]) {
        with_room(row, |row| {
            for (pair, at) in self.left.iter_mut().zip(&self.taps.offset) {
                let (bytes, _) = bytes_at(row, *at);
                *pair = u32::from_le_bytes(bytes);
            }
        });
        let [first, second] = out;
        blend_two(cpu, &self.left, &self.taps.weight, first, second);
    }

    /// The first three channels of pixels of `STEP` bytes, 3 or 4.
    pub(crate) fn three<const STEP: usize>(&mut self, cpu: Cpu, row: &[u8], out: [&mut [f32]; 3]) {
        with_room(row, |row| {
            let divide = |pair: u64| (pair as u32, (pair >> (8 * STEP)) as u32);
            let pairs = self.left.iter_mut().zip(&mut self.right);
            for ((left, right), at) in pairs.zip(&self.taps.offset) {
                let (bytes, _) = bytes_at(row, *at);
                (*left, *right) = divide(u64::from_le_bytes(bytes));
            }
            // Eight bytes hold two pixels of three, but the last pair of a row lacks the two
            // bytes after it and came from further left. Offsets never decrease, so those that
            // took it are at the end.
            let pairs = self.left.iter_mut().zip(&mut self.right).rev();
            for ((left, right), at) in pairs.zip(self.taps.offset.iter().rev()) {
                let (bytes, early) = bytes_at(row, *at);
                if early == 0 {
                    break;
                }
                (*left, *right) = divide(u64::from_le_bytes(bytes) >> (8 * early));
            }
        });
        let [c0, c1, c2] = out;
        blend_three(cpu, &self.left, &self.right, &self.taps.weight, c0, c1, c2);
    }
}

/// `N` bytes of `row` from `at` on, or its last `N` and how much further left they begin.
///
/// `row` has at least `N` bytes. Half the conversion's time goes by in loops around this line:
/// written so, the compiler sees that it is always in bounds, where a plain index would cost two
/// branches and a third more time.
#[inline(always)]
fn bytes_at<const N: usize>(row: &[u8], at: u32) -> ([u8; N], usize) {
    let at = at as usize;
    let from = at.min(row.len() - N);
    let mut bytes = [0; N];
    bytes.copy_from_slice(&row[from..from + N]);
    (bytes, at - from)
}

/// Calls `f` with `row`, or with a copy in 8 bytes if it is shorter, so that every read has its
/// bytes. Zeros after a lone pixel are its pair, and weigh 0.
fn with_room(row: &[u8], f: impl FnOnce(&[u8])) {
    if row.len() >= 8 {
        return f(row);
    }
    let mut room = [0; 8];
    room[..row.len()].copy_from_slice(row);
    f(&room);
}

/// Byte `N` of a word, as a number.
#[inline(always)]
fn byte<const N: usize>(word: u32) -> f32 {
    // By way of `i32`: before AVX-512, x86 converts only signed integers.
    ((word >> (8 * N)) & 0xff) as i32 as f32
}

/// `a` where `weight` is 0, `b` where it is 1.
#[inline(always)]
pub(crate) fn lerp(a: f32, b: f32, weight: f32) -> f32 {
    a + (b - a) * weight
}

kernel! {
    fn blend_one(pairs: &[u32], weight: &[f32], out: &mut [f32]) {
        for ((out, &pair), &w) in out.iter_mut().zip(pairs).zip(weight) {
            *out = lerp(byte::<0>(pair), byte::<1>(pair), w);
        }
    }
}

kernel! {
    fn blend_two(pairs: &[u32], weight: &[f32], first: &mut [f32], second: &mut [f32]) {
        let out = first.iter_mut().zip(second);
        for (((first, second), &pair), &w) in out.zip(pairs).zip(weight) {
            *first = lerp(byte::<0>(pair), byte::<2>(pair), w);
            *second = lerp(byte::<1>(pair), byte::<3>(pair), w);
        }
    }
}

kernel! {
    fn blend_three(
        left: &[u32],
        right: &[u32],
        weight: &[f32],
        c0: &mut [f32],
        c1: &mut [f32],
        c2: &mut [f32],
    ) {
        let out = c0.iter_mut().zip(c1).zip(c2);
        for ((((c0, c1), c2), (&l, &r)), &w) in out.zip(left.iter().zip(right)).zip(weight) {
            *c0 = lerp(byte::<0>(l), byte::<0>(r), w);
            *c1 = lerp(byte::<1>(l), byte::<1>(r), w);
            *c2 = lerp(byte::<2>(l), byte::<2>(r), w);
        }
    }
}
