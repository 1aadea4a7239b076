// SPDX-License-Identifier: MIT OR Apache-2.0
//! `columns` for x86-64 with AVX2. Eight elements at a time: their samples are brought into
//! 16-bit words, first and second in turn, which one `pmaddwd` weighs and adds.
//!
//! Safety of all: the processor has AVX2, and the job is sound (see [`Job::new`]): every
//! `offset + next + bytes` and every window lies within the row, offsets never decrease, tables
//! and output rows are equally long, in whole blocks.

use std::arch::x86_64::*;

use super::columns::Job;
use crate::taps::BLOCK;

/// The weights of block `i`, as `pmaddwd` wants them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn weights(job: &Job<'_>, i: usize) -> __m256i {
    // SAFETY: the table has whole blocks.
    unsafe { _mm256_loadu_si256(job.taps.weights.as_ptr().add(i).cast()) }
}

/// Eight sums of products, as `f32`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn blend(words: __m256i, weights: __m256i, out: *mut f32) {
    let sums = _mm256_cvtepi32_ps(_mm256_madd_epi16(words, weights));
    // SAFETY: the caller has room for a block.
    unsafe { _mm256_storeu_ps(out, sums) };
}

/// The two windows of block `i`, and how to shuffle them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn windows(job: &Job<'_>, i: usize) -> (__m256i, __m256i) {
    let taps = job.taps;
    // SAFETY: windows lie within the row; there are two a block.
    unsafe {
        let start = taps.starts.as_ptr().add(i / 4);
        let low = _mm_loadu_si128(job.row.as_ptr().add(*start as usize).cast());
        let high = _mm_loadu_si128(job.row.as_ptr().add(*start.add(1) as usize).cast());
        let shuffle = _mm256_loadu_si256(taps.windows.as_ptr().add(i / 4).cast());
        (_mm256_set_m128i(high, low), shuffle)
    }
}

/// # Safety
/// See the module. `out` is as long as the tables.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn one(job: Job<'_>, out: &mut [f32]) {
    let next = job.taps.next as i8;
    let windowed = !job.taps.windows.is_empty();
    let done = match next {
        _ if windowed => out.len(),
        1 => out.len(),
        2 | 3 => whole(&job, 4),
        _ => 0,
    };
    let quad = spread(next);
    for i in (0..done).step_by(BLOCK) {
        // SAFETY: see the module.
        unsafe {
            let words = if windowed {
                let (bytes, shuffle) = windows(&job, i);
                _mm256_shuffle_epi8(bytes, shuffle)
            } else if next == 1 {
                _mm256_cvtepu8_epi16(pairs(&job, i))
            } else {
                _mm256_shuffle_epi8(quads(&job, i), quad)
            };
            blend(words, weights(&job, i), out.as_mut_ptr().add(i));
        }
    }
    super::portable::from((job.row, job.taps), 0, done, out);
}

/// Samples of two bytes, least first, one after the other.
///
/// # Safety
/// See the module. `out` is as long as the tables; `next` is 2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn words(job: Job<'_>, out: &mut [f32]) {
    // `pmaddwd` takes signed words: 2^15 less, which the weights make 2^29 less in all.
    let half = _mm256_set1_epi16(i16::MIN);
    let halves = _mm256_set1_epi32(1 << 29);
    for i in (0..out.len()).step_by(BLOCK) {
        // SAFETY: see the module.
        unsafe {
            let words = _mm256_xor_si256(quads(&job, i), half);
            let sums = _mm256_madd_epi16(words, weights(&job, i));
            let sums = _mm256_cvtepi32_ps(_mm256_add_epi32(sums, halves));
            _mm256_storeu_ps(out.as_mut_ptr().add(i), sums);
        }
    }
}

/// How many elements, in whole blocks, have `bytes` bytes from their offset on in the row.
fn whole(job: &Job<'_>, bytes: usize) -> usize {
    let offset = &job.taps.offset;
    let whole = offset.partition_point(|&at| at as usize + bytes <= job.row.len());
    whole / BLOCK * BLOCK
}

/// Of four adjacent bytes: words of the first and of the one `next` after it.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(next: i8) -> __m256i {
    let n = next;
    let z = -128;
    let half = _mm_setr_epi8(0, z, n, z, 4, z, 4 + n, z, 8, z, 8 + n, z, 12, z, 12 + n, z);
    _mm256_broadcastsi128_si256(half)
}

/// The two adjacent bytes of each element of block `i`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn pairs(job: &Job<'_>, i: usize) -> __m128i {
    // SAFETY: a pair lies within the row.
    let pair = |n: usize| unsafe {
        let at = *job.taps.offset.as_ptr().add(i + n) as usize;
        i32::from(job.row.as_ptr().add(at).cast::<u16>().read_unaligned())
    };
    let pairs = _mm_cvtsi32_si128(pair(0));
    let pairs = _mm_insert_epi16::<1>(pairs, pair(1));
    let pairs = _mm_insert_epi16::<2>(pairs, pair(2));
    let pairs = _mm_insert_epi16::<3>(pairs, pair(3));
    let pairs = _mm_insert_epi16::<4>(pairs, pair(4));
    let pairs = _mm_insert_epi16::<5>(pairs, pair(5));
    let pairs = _mm_insert_epi16::<6>(pairs, pair(6));
    _mm_insert_epi16::<7>(pairs, pair(7))
}

/// The four adjacent bytes of each element of block `i`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn quads(job: &Job<'_>, i: usize) -> __m256i {
    // SAFETY: the caller knows that four bytes lie within the row.
    let quad = |n: usize| unsafe {
        let at = *job.taps.offset.as_ptr().add(i + n) as usize;
        job.row.as_ptr().add(at).cast::<i32>().read_unaligned()
    };
    let four = |n: usize| {
        let quads = _mm_cvtsi32_si128(quad(n));
        let quads = _mm_insert_epi32::<1>(quads, quad(n + 1));
        let quads = _mm_insert_epi32::<2>(quads, quad(n + 2));
        _mm_insert_epi32::<3>(quads, quad(n + 3))
    };
    _mm256_set_m128i(four(4), four(0))
}

/// # Safety
/// See the module. Both outputs are as long as the tables.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn two(job: Job<'_>, first: &mut [f32], second: &mut [f32]) {
    let windowed = !job.taps.windows.is_empty();
    if !windowed && job.taps.next != 2 {
        super::portable::one((job.row, job.taps), 0, first);
        return super::portable::one((job.row, job.taps), 1, second);
    }
    // A word's first byte is picked, its second is 0: one more picks the next byte, or 0 still.
    let following = _mm256_set1_epi16(1);
    let quad = spread(2);
    for i in (0..first.len()).step_by(BLOCK) {
        // SAFETY: see the module.
        unsafe {
            let (bytes, shuffle) = if windowed {
                windows(&job, i)
            } else {
                (quads(&job, i), quad)
            };
            let weights = weights(&job, i);
            let words = _mm256_shuffle_epi8(bytes, shuffle);
            blend(words, weights, first.as_mut_ptr().add(i));
            let words = _mm256_shuffle_epi8(bytes, _mm256_add_epi8(shuffle, following));
            blend(words, weights, second.as_mut_ptr().add(i));
        }
    }
}

/// Makes elements from the first on and says how many; the last of a row lack the eight bytes
/// that are read of each.
///
/// # Safety
/// See the module. All outputs are as long as the tables.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn three(job: Job<'_>, order: [u8; 3], [a, b, c]: [&mut [f32]; 3]) -> usize {
    let taps = job.taps;
    let done = whole(&job, 8);
    // Of each pixel pair in a half: the words of `a`, of `b`, of `c`, and nothing.
    let mut shuffle = [-128_i8; 16];
    for (words, at) in shuffle.as_chunks_mut::<4>().0.iter_mut().zip(order) {
        words[0] = at as i8;
        words[2] = at as i8 + taps.next as i8;
    }
    // SAFETY: 16 bytes.
    let shuffle = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(shuffle.as_ptr().cast()) });
    for i in (0..done).step_by(BLOCK) {
        // Element `n` in the low half, `n + 4` in the high one: so that transposing both halves
        // puts each channel's eight in order.
        // SAFETY: see the module; eight bytes from each offset on are there up to `done`.
        unsafe {
            let all = weights(&job, i);
            let sums = |n: usize| {
                let pixels = |n: usize| {
                    let at = *taps.offset.as_ptr().add(i + n) as usize;
                    _mm_loadl_epi64(job.row.as_ptr().add(at).cast())
                };
                let bytes = _mm256_set_m128i(pixels(n + 4), pixels(n));
                let lane = n as i32;
                let lanes = _mm256_setr_epi32(
                    lane,
                    lane,
                    lane,
                    lane,
                    lane + 4,
                    lane + 4,
                    lane + 4,
                    lane + 4,
                );
                let weights = _mm256_permutevar8x32_epi32(all, lanes);
                _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, shuffle), weights)
            };
            let (s0, s1, s2, s3) = (sums(0), sums(1), sums(2), sums(3));
            let (ab01, ab23) = (_mm256_unpacklo_epi32(s0, s1), _mm256_unpacklo_epi32(s2, s3));
            let (c01, c23) = (_mm256_unpackhi_epi32(s0, s1), _mm256_unpackhi_epi32(s2, s3));
            let store = |out: *mut f32, sums: __m256i| {
                _mm256_storeu_ps(out.add(i), _mm256_cvtepi32_ps(sums));
            };
            store(a.as_mut_ptr(), _mm256_unpacklo_epi64(ab01, ab23));
            store(b.as_mut_ptr(), _mm256_unpackhi_epi64(ab01, ab23));
            store(c.as_mut_ptr(), _mm256_unpacklo_epi64(c01, c23));
        }
    }
    done
}

/// Rounds to half precision, ties to even.
///
/// # Safety
/// The processor has F16C.
#[target_feature(enable = "avx2,f16c")]
pub(super) unsafe fn halves(row: &[f32], out: &mut [u16]) {
    let (blocks, rest) = row.as_chunks::<8>();
    let (halves, rest_out) = out.as_chunks_mut::<8>();
    for (block, halves) in blocks.iter().zip(halves) {
        // SAFETY: eight of each.
        unsafe {
            let block = _mm256_loadu_ps(block.as_ptr());
            let block = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(block);
            _mm_storeu_si128(halves.as_mut_ptr().cast(), block);
        }
    }
    for (half, v) in rest_out.iter_mut().zip(rest) {
        *half = half::f16::from_f32(*v).to_bits();
    }
}
