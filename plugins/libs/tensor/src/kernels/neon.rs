// SPDX-License-Identifier: MIT OR Apache-2.0
//! `columns` for aarch64 with NEON: as `avx2`, four elements at a time.
//!
//! Safety of all: the job is sound (see [`Job::new`]): every `offset + next + bytes` and every
//! window lies within the row, offsets never decrease, tables and output rows are equally long,
//! in whole blocks.

use std::arch::aarch64::*;

use super::columns::Job;

/// Weighs words, first and second sample in turn, with weights in the same order, and adds.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn blend(words: uint8x16_t, weights: int16x8_t) -> float32x4_t {
    let words = vreinterpretq_s16_u8(words);
    let low = vmull_s16(vget_low_s16(words), vget_low_s16(weights));
    let high = vmull_high_s16(words, weights);
    vcvtq_f32_s32(vpaddq_s32(low, high))
}

/// # Safety
/// See the module. `out` is as long as the tables.
#[target_feature(enable = "neon")]
pub(super) unsafe fn one(job: Job<'_>, out: &mut [f32]) {
    let taps = job.taps;
    if taps.windows.is_empty() {
        return super::portable::one((job.row, taps), 0, out);
    }
    for i in (0..out.len()).step_by(4) {
        // SAFETY: see the module; there is a window for each four elements.
        unsafe {
            let start = *taps.starts.as_ptr().add(i / 4) as usize;
            let bytes = vld1q_u8(job.row.as_ptr().add(start));
            let shuffle = vld1q_u8(taps.windows.as_ptr().add(i / 4).cast());
            let weights = vld1q_s16(taps.weights.as_ptr().add(i).cast());
            let sums = blend(vqtbl1q_u8(bytes, shuffle), weights);
            vst1q_f32(out.as_mut_ptr().add(i), sums);
        }
    }
}

/// # Safety
/// See the module. Both outputs are as long as the tables.
#[target_feature(enable = "neon")]
pub(super) unsafe fn two(job: Job<'_>, first: &mut [f32], second: &mut [f32]) {
    let taps = job.taps;
    if taps.windows.is_empty() {
        super::portable::one((job.row, taps), 0, first);
        return super::portable::one((job.row, taps), 1, second);
    }
    // A word's first byte is picked, its second is 0: one more picks the next byte, or 0 still.
    let following = vreinterpretq_u8_u16(vdupq_n_u16(1));
    for i in (0..first.len()).step_by(4) {
        // SAFETY: see the module; there is a window for each four elements.
        unsafe {
            let start = *taps.starts.as_ptr().add(i / 4) as usize;
            let bytes = vld1q_u8(job.row.as_ptr().add(start));
            let shuffle = vld1q_u8(taps.windows.as_ptr().add(i / 4).cast());
            let weights = vld1q_s16(taps.weights.as_ptr().add(i).cast());
            let sums = blend(vqtbl1q_u8(bytes, shuffle), weights);
            vst1q_f32(first.as_mut_ptr().add(i), sums);
            let sums = blend(vqtbl1q_u8(bytes, vaddq_u8(shuffle, following)), weights);
            vst1q_f32(second.as_mut_ptr().add(i), sums);
        }
    }
}

/// Makes elements from the first on and says how many; the last of a row lack the eight bytes
/// that are read of each.
///
/// # Safety
/// See the module. All outputs are as long as the tables.
#[target_feature(enable = "neon")]
pub(super) unsafe fn three(job: Job<'_>, order: [u8; 3], [a, b, c]: [&mut [f32]; 3]) -> usize {
    let taps = job.taps;
    let whole = taps
        .offset
        .partition_point(|&at| at as usize + 8 <= job.row.len());
    let done = whole / 4 * 4;
    // Of each pixel pair: the words of `a`, of `b`, of `c`, and nothing.
    let mut shuffle = [0x80_u8; 16];
    for (words, at) in shuffle.as_chunks_mut::<4>().0.iter_mut().zip(order) {
        words[0] = at;
        words[2] = at + taps.next as u8;
    }
    // SAFETY: 16 bytes.
    let shuffle = unsafe { vld1q_u8(shuffle.as_ptr()) };
    for i in (0..done).step_by(4) {
        // SAFETY: see the module; eight bytes from each offset on are there up to `done`.
        unsafe {
            let sums = |n: usize| {
                let at = *taps.offset.as_ptr().add(i + n) as usize;
                let bytes = vcombine_u8(vld1_u8(job.row.as_ptr().add(at)), vdup_n_u8(0));
                let weights = taps.weights.as_ptr().add(i + n).cast::<i32>();
                let weights = vdupq_n_s32(weights.read_unaligned());
                blend(vqtbl1q_u8(bytes, shuffle), vreinterpretq_s16_s32(weights))
            };
            let (s0, s1, s2, s3) = (sums(0), sums(1), sums(2), sums(3));
            let (ab01, ab23) = (vzip1q_f32(s0, s1), vzip1q_f32(s2, s3));
            let (c01, c23) = (vzip2q_f32(s0, s1), vzip2q_f32(s2, s3));
            let halves = |low: float32x4_t, high: float32x4_t| {
                vcombine_f32(vget_low_f32(low), vget_low_f32(high))
            };
            vst1q_f32(a.as_mut_ptr().add(i), halves(ab01, ab23));
            let b_sums = vcombine_f32(vget_high_f32(ab01), vget_high_f32(ab23));
            vst1q_f32(b.as_mut_ptr().add(i), b_sums);
            vst1q_f32(c.as_mut_ptr().add(i), halves(c01, c23));
        }
    }
    done
}
