// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of `f32`, one a channel, into a tensor's element type and layout.

use bytemuck::{cast_slice, cast_slice_mut};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

use super::weave::weave;
use super::{Cpu, kernel};
use crate::Element;

/// Rounded, halves up, and saturated. Not `as u8`, which the compiler does not vectorise well.
#[inline(always)]
fn to_u8(v: f32) -> u8 {
    let v = v + 0.5;
    let v = if v > 0.0 { v } else { 0.0 };
    let v = if v < 255.0 { v } else { 255.0 };
    // SAFETY: 0..=255, not NaN either, which is not greater than 0.
    unsafe { v.to_int_unchecked::<i32>() as u8 }
}

/// Rounded, halves up, and saturated.
#[inline(always)]
fn to_i8(v: f32) -> i8 {
    (to_u8(v + 128.0) ^ 0x80) as i8
}

kernel! {
    fn row_u8(row: &[f32], out: &mut [u8]) {
        for (out, v) in out.iter_mut().zip(row) {
            *out = to_u8(*v);
        }
    }
}

kernel! {
    fn row_i8(row: &[f32], out: &mut [u8]) {
        for (out, v) in out.iter_mut().zip(row) {
            *out = to_i8(*v) as u8;
        }
    }
}

fn row_f16(cpu: Cpu, row: &[f32], out: &mut [u16]) {
    #[cfg(target_arch = "x86_64")]
    if matches!(cpu, Cpu::Avx2(_)) {
        // SAFETY: a `Cpu` is `Avx2` only where `detect` found it, and F16C with it.
        return unsafe { super::avx2::halves(row, out) };
    }
    let _ = cpu;
    let out: &mut [f16] = out.reinterpret_cast_mut();
    out.convert_from_f32_slice(row);
}

/// Writes a row of elements. `out` has them all, aligned.
pub(crate) fn row(cpu: Cpu, element: Element, row: &[f32], out: &mut [u8]) {
    match element {
        Element::F32 => cast_slice_mut::<u8, f32>(out).copy_from_slice(row),
        Element::F16 => row_f16(cpu, row, cast_slice_mut(out)),
        Element::U8 => row_u8(cpu, row, out),
        Element::I8 => row_i8(cpu, row, out),
    }
}

/// Writes a row of pixels of three channels; `room` holds as many `f32`.
pub(crate) fn interleaved(
    cpu: Cpu,
    element: Element,
    rows: [&[f32]; 3],
    room: &mut [f32],
    out: &mut [u8],
) {
    if element == Element::F32 {
        return weave(cpu, rows, cast_slice_mut::<u8, f32>(out));
    }
    // Elements first, then pixels of them: so less is moved.
    let made = cast_slice_mut::<f32, u8>(room);
    let mut parts = made.chunks_exact_mut(element.size() * rows[0].len());
    let made = rows.map(|from| {
        let part = parts.next().unwrap_or_default();
        row(cpu, element, from, part);
        &*part
    });
    match element {
        Element::F16 => weave(cpu, made.map(cast_slice::<u8, u16>), cast_slice_mut(out)),
        _ => weave(cpu, made, out),
    }
}

/// Repeats a pixel's channels, one or three, over `out`.
pub(crate) fn fill(element: Element, channels: &[f32], out: &mut [u8]) {
    fn repeat<T: Copy>(channels: &[f32], convert: impl Fn(f32) -> T, out: &mut [T]) {
        match *channels {
            [value] => out.fill(convert(value)),
            [a, b, c] if a == b && b == c => out.fill(convert(a)),
            [a, b, c] => out.as_chunks_mut().0.fill([a, b, c].map(convert)),
            _ => (),
        }
    }
    match element {
        Element::F32 => repeat(channels, |v| v, cast_slice_mut(out)),
        Element::F16 => repeat(
            channels,
            |v| f16::from_f32(v).to_bits(),
            cast_slice_mut(out),
        ),
        Element::U8 => repeat(channels, to_u8, out),
        Element::I8 => repeat(channels, to_i8, cast_slice_mut::<u8, i8>(out)),
    }
}
