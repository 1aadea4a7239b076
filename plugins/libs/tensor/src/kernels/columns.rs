// SPDX-License-Identifier: MIT OR Apache-2.0
//! The horizontal half of the resize: one row of a frame to rows of `f32`, one a channel, as wide
//! as the image in the tensor. The cost is that of the output's width, whatever the source's.

use super::{Cpu, portable};
use crate::samples::Depth;
use crate::taps::{BLOCK, Taps};

/// A row of a frame with the tables for it, proven to fit each other.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) row: &'a [u8],
    pub(super) taps: &'a Taps,
}

/// A row of a frame, with the tables for it.
pub(crate) type Row<'a> = (&'a [u8], &'a Taps);

impl<'a> Job<'a> {
    /// `None` unless the row has every byte that tables made for `bytes` bytes a sample point at,
    /// and each of the output rows has room for every element.
    fn new((row, taps): Row<'a>, bytes: usize, outs: &[&mut [f32]]) -> Option<Self> {
        let last = taps.offset.last().copied().unwrap_or(0) as usize;
        let reach = last + taps.next + bytes;
        let room = outs.iter().all(|out| out.len() == taps.offset.len());
        let elements = taps.offset.len();
        let windows = [taps.windows.len(), taps.starts.len()];
        let tables = elements.is_multiple_of(BLOCK)
            && taps.weights.len() == elements
            && (windows == [0, 0] || windows == [elements / 4; 2]);
        debug_assert!(taps.offset.is_sorted());
        let fits = row.len() == taps.row_bytes && reach <= row.len() && room && tables;
        fits.then_some(Self { row, taps })
    }
}

/// One channel of one byte: Y, a plane of U or V, of R, G or B.
pub(crate) fn one(cpu: Cpu, row: Row<'_>, out: &mut [f32]) {
    match Job::new(row, 1, &[out]) {
        // SAFETY: the processor has what `cpu` says, and the job is sound.
        #[cfg(target_arch = "x86_64")]
        Some(job) if matches!(cpu, Cpu::Avx2(_)) => unsafe { super::avx2::one(job, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Some(job) if matches!(cpu, Cpu::Neon(_)) => unsafe { super::neon::one(job, out) },
        _ => portable::one(row, 0, out),
    }
    let _ = cpu;
}

/// Two channels of one byte each, one after the other: U and V of NV12.
pub(crate) fn two(cpu: Cpu, row: Row<'_>, first: &mut [f32], second: &mut [f32]) {
    match Job::new(row, 2, &[first, second]) {
        // SAFETY: the processor has what `cpu` says, and the job is sound.
        #[cfg(target_arch = "x86_64")]
        Some(job) if matches!(cpu, Cpu::Avx2(_)) => unsafe {
            super::avx2::two(job, first, second);
        },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Some(job) if matches!(cpu, Cpu::Neon(_)) => unsafe {
            super::neon::two(job, first, second);
        },
        _ => {
            portable::one(row, 0, first);
            portable::one(row, 1, second);
        }
    }
    let _ = cpu;
}

/// Three channels of one byte each in a pixel of three or four: `order` says at which of its
/// bytes. The tables are for the pixel's first byte.
pub(crate) fn three(cpu: Cpu, row: Row<'_>, order: [u8; 3], [a, b, c]: [&mut [f32]; 3]) {
    let done = match Job::new(row, 1, &[a, b, c]) {
        // SAFETY: the processor has what `cpu` says, and the job is sound.
        #[cfg(target_arch = "x86_64")]
        Some(job) if matches!(cpu, Cpu::Avx2(_)) => unsafe {
            super::avx2::three(job, order, [a, b, c])
        },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Some(job) if matches!(cpu, Cpu::Neon(_)) => unsafe {
            super::neon::three(job, order, [a, b, c])
        },
        _ => 0,
    };
    let _ = cpu;
    for (out, at) in [a, b, c].into_iter().zip(order) {
        portable::from(row, at as usize, done, out);
    }
}

/// One channel of two bytes.
pub(crate) fn words(cpu: Cpu, row: Row<'_>, depth: Depth, out: &mut [f32]) {
    let adjacent = row.1.next == 2 && !depth.is_big_endian();
    match Job::new(row, 2, &[out]) {
        // SAFETY: the processor has what `cpu` says, and the job is sound.
        #[cfg(target_arch = "x86_64")]
        Some(job) if adjacent && matches!(cpu, Cpu::Avx2(_)) => unsafe {
            super::avx2::words(job, out);
        },
        _ => portable::words(row, depth, out),
    }
    let _ = (cpu, adjacent);
}
