// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of `f32`, one a channel, into a tensor's element type and layout.

use bytemuck::cast_slice_mut;
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

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

kernel! {
    fn pixels(rows: [&[f32]; 3], out: &mut [f32]) {
        let out = out.as_chunks_mut::<3>().0;
        let len = out.len();
        let [a, b, c] = rows.map(|row| &row[..len]);
        for (i, out) in out.iter_mut().enumerate() {
            *out = [a[i], b[i], c[i]];
        }
    }
}

/// Writes a row of elements. `out` has them all, aligned.
pub(crate) fn row(cpu: Cpu, element: Element, row: &[f32], out: &mut [u8]) {
    match element {
        Element::F32 => cast_slice_mut::<u8, f32>(out).copy_from_slice(row),
        Element::F16 => {
            let out: &mut [f16] = cast_slice_mut::<u8, u16>(out).reinterpret_cast_mut();
            out.convert_from_f32_slice(row);
        }
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
        return pixels(cpu, rows, cast_slice_mut(out));
    }
    pixels(cpu, rows, room);
    row(cpu, element, room, out);
}

/// Repeats a pixel's channels, one or three, over `out`.
pub(crate) fn fill(element: Element, channels: &[f32], out: &mut [u8]) {
    fn repeat<T: Copy>(channels: &[f32], convert: impl Fn(f32) -> T, out: &mut [T]) {
        match *channels {
            [value] => out.fill(convert(value)),
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
