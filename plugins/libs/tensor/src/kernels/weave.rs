// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of channels into rows of pixels of three channels.
//!
//! As a vector has a number of lanes that 3 does not divide, in the three vectors of pixels that
//! three vectors of channels become each lane belongs to each channel once. So one permutation a
//! channel puts every element into its lane for all three, and two blends a vector pick.

use bytemuck::Pod;

use super::Cpu;

/// Writes the pixels that `out` holds, or that there are channels for.
pub(crate) fn weave<T: Pod>(cpu: Cpu, rows: [&[T]; 3], out: &mut [T]) {
    let out = out.as_chunks_mut::<3>().0;
    let len = rows.iter().fold(out.len(), |len, row| len.min(row.len()));
    let (rows, out) = (rows.map(|row| &row[..len]), &mut out[..len]);
    let done = match cpu {
        // SAFETY: a `Cpu` is `Avx2` only where `detect` found it; all are equally long.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) => unsafe {
            match size_of::<T>() {
                1 => avx2::small::<T, 16>(rows, out),
                2 => avx2::small::<T, 8>(rows, out),
                4 => avx2::large(rows, out),
                _ => 0,
            }
        },
        _ => 0,
    };
    let [a, b, c] = rows;
    for i in done..len {
        out[i] = [a[i], b[i], c[i]];
    }
}

/// Pixels from the first on, in whole vectors; how many.
///
/// Safety of both: the processor has AVX2; rows and pixels are equally many.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// Which lane's element of a channel comes into each lane, for `N` lanes.
    const fn lanes<const N: usize>(channel: usize) -> [usize; N] {
        let mut lanes = [0; N];
        let mut at = channel; // among the elements of three vectors
        while at < 3 * N {
            lanes[at % N] = at / 3;
            at += 3;
        }
        lanes
    }

    /// The same for elements of `size` bytes in 16, as bytes.
    const fn bytes<const N: usize>(channel: usize) -> [i8; 16] {
        let (lanes, size) = (lanes::<N>(channel), 16 / N);
        let mut bytes = [0; 16];
        let mut at = 0;
        while at < 16 {
            bytes[at] = (lanes[at / size] * size + at % size) as i8;
            at += 1;
        }
        bytes
    }

    /// -1 in the bytes of a vector of pixels that belong to a channel.
    const fn mask<const N: usize>(vector: usize, channel: usize) -> [i8; 16] {
        let mut mask = [0; 16];
        let mut at = 0;
        while at < 16 {
            if (vector * N + at / (16 / N)) % 3 == channel {
                mask[at] = -1;
            }
            at += 1;
        }
        mask
    }

    /// 16 bytes, `N` elements, at a time.
    ///
    /// # Safety
    /// See the module; `T` has `16 / N` bytes.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn small<T: Copy, const N: usize>(
        rows: [&[T]; 3],
        out: &mut [[T; 3]],
    ) -> usize {
        // SAFETY: 16 bytes.
        let load = |bytes: &[i8; 16]| unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
        let order = const { [bytes::<N>(0), bytes::<N>(1), bytes::<N>(2)] };
        let second = const { [mask::<N>(0, 1), mask::<N>(1, 1), mask::<N>(2, 1)] };
        let third = const { [mask::<N>(0, 2), mask::<N>(1, 2), mask::<N>(2, 2)] };
        let [order, second, third] = [order, second, third].map(|all| all.each_ref().map(load));
        let done = out.len() / N * N;
        for i in (0..done).step_by(N) {
            // SAFETY: `N` elements of each row and `N` pixels are there.
            unsafe {
                let channel = |n: usize| {
                    let elements = _mm_loadu_si128(rows[n].as_ptr().add(i).cast());
                    _mm_shuffle_epi8(elements, order[n])
                };
                let (a, b, c) = (channel(0), channel(1), channel(2));
                let pixels = out.as_mut_ptr().add(i).cast::<__m128i>();
                for n in 0..3 {
                    let ab = _mm_blendv_epi8(a, b, second[n]);
                    _mm_storeu_si128(pixels.add(n), _mm_blendv_epi8(ab, c, third[n]));
                }
            }
        }
        done
    }

    /// Eight elements of four bytes at a time.
    ///
    /// # Safety
    /// See the module; `T` has four bytes.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn large<T: Copy>(rows: [&[T]; 3], out: &mut [[T; 3]]) -> usize {
        let order = [0, 1, 2].map(|channel| {
            let lanes = lanes::<8>(channel).map(|lane| lane as i32);
            // SAFETY: 32 bytes.
            unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) }
        });
        let done = out.len() / 8 * 8;
        for i in (0..done).step_by(8) {
            // SAFETY: eight elements of each row and eight pixels are there.
            unsafe {
                let channel = |n: usize| {
                    let elements = _mm256_loadu_ps(rows[n].as_ptr().add(i).cast());
                    _mm256_permutevar8x32_ps(elements, order[n])
                };
                let (a, b, c) = (channel(0), channel(1), channel(2));
                let pixels = out.as_mut_ptr().add(i).cast::<f32>();
                // Lane `l` of vector `n` is of channel `(8 * n + l) % 3`.
                let first = _mm256_blend_ps::<0b1001_0010>(a, b);
                let second = _mm256_blend_ps::<0b0010_0100>(a, b);
                let third = _mm256_blend_ps::<0b0100_1001>(a, b);
                _mm256_storeu_ps(pixels, _mm256_blend_ps::<0b0010_0100>(first, c));
                _mm256_storeu_ps(pixels.add(8), _mm256_blend_ps::<0b0100_1001>(second, c));
                _mm256_storeu_ps(pixels.add(16), _mm256_blend_ps::<0b1001_0010>(third, c));
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn woven<T: Pod + PartialEq + std::fmt::Debug>(of: impl Fn(usize) -> T) {
        for len in 0..70 {
            let row = |channel: usize| (0..len).map(|i| of(3 * i + channel)).collect::<Vec<_>>();
            let (a, b, c) = (row(0), row(1), row(2));
            let expected: Vec<T> = (0..3 * len).map(&of).collect();
            for cpu in [Cpu::Portable, Cpu::detect()] {
                let mut out = vec![T::zeroed(); 3 * len];
                weave(cpu, [&a, &b, &c], &mut out);
                assert_eq!(out, expected, "{cpu:?}, {len} pixels");
            }
        }
    }

    #[test]
    fn pixels_have_their_channels_in_order() {
        woven(|i| i as u8);
        woven(|i| i as u16);
        woven(|i| i as f32);
    }
}
