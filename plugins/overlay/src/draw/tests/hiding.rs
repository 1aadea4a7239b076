// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is left of a place that is hidden.

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::picture::Picture;
use super::{BT709, FORMATS};
use crate::draw::format::steps;
use crate::draw::span::Span;
use crate::draw::{Averages, Color, Format, Hiding, LEAST_CELL};

const SIZE: (usize, usize) = (201, 151);

fn noise(format: Format, seed: u32) -> Picture {
    let mut picture = Picture::new(format, SIZE, BT709, 3);
    let mut state = seed | 1;
    for byte in picture.planes.iter_mut().flat_map(|plane| &mut plane.0) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *byte = state as u8;
    }
    picture
}

fn hidden(picture: &Picture, rect: Option<&Rect>, how: Hiding, strength: u32) -> Picture {
    let mut picture = picture.clone();
    picture.draw(|canvas| canvas.hide(rect, how, strength, &mut Averages::default()));
    picture
}

/// The whole cells of that side that have a rectangle.
fn cells(rect: &Rect, cell: usize) -> Option<Span> {
    let span = Span::covering(rect, SIZE.0, SIZE.1)?;
    Span::new(
        span.x0 / cell * cell,
        span.y0 / cell * cell,
        span.x1.next_multiple_of(cell).min(SIZE.0),
        span.y1.next_multiple_of(cell).min(SIZE.1),
    )
}

/// Runs over all samples: plane, whether it is one of colour for 2×2 pixels, column, row, bytes.
fn each_sample(
    picture: &mut Picture,
    mut each: impl FnMut(usize, bool, (usize, usize), &mut [u8]),
) {
    let steps = steps(picture.format);
    let places: Vec<Span> = (0..steps.len())
        .map(|plane| picture.place(plane, whole()))
        .collect();
    for (index, (bytes, stride)) in picture.planes.iter_mut().enumerate() {
        let Span { x1, y1, .. } = places[index];
        for (y, row) in bytes.chunks_mut(*stride).take(y1).enumerate() {
            for (x, sample) in row.chunks_mut(steps[index]).take(x1).enumerate() {
                each(index, index > 0, (x, y), sample);
            }
        }
    }
}

/// Turns the picture upside down within each cell, and swaps two pixels of one sample: that changes
/// no average.
fn scrambled(picture: &Picture, cell: usize) -> Picture {
    let source = picture.clone();
    let mut scrambled = picture.clone();
    each_sample(&mut scrambled, |plane, halved, (x, y), sample| {
        let cell = if halved { cell / 2 } else { cell };
        let rows = if halved { SIZE.1.div_ceil(2) } else { SIZE.1 };
        let top = y / cell * cell;
        let from = top + (top + cell).min(rows) - 1 - y;
        let step = sample.len();
        let (bytes, stride) = &source.planes[plane];
        sample.copy_from_slice(&bytes[from * stride + x * step..][..step]);
        if let Some([a, b]) = source.format.twins() {
            sample.swap(a, b);
        }
    });
    scrambled
}

/// That all samples of `span` are the same in both.
fn agree(a: &Picture, b: &Picture, span: Span) -> Result<(), String> {
    let (mut a, b, mut found) = (a.clone(), b.clone(), Ok(()));
    let places: Vec<Span> = (0..b.planes.len())
        .map(|plane| b.place(plane, span))
        .collect();
    each_sample(&mut a, |plane, _, (x, y), sample| {
        let span = places[plane];
        let (bytes, stride) = &b.planes[plane];
        let other = &bytes[y * stride + x * sample.len()..][..sample.len()];
        let inside = (span.x0..span.x1).contains(&x) && (span.y0..span.y1).contains(&y);
        if inside && sample != other {
            found = Err(format!("plane {plane}: ({x}, {y}) {sample:?} {other:?}"));
        }
    });
    found
}

fn whole() -> Span {
    Span::new(0, 0, SIZE.0, SIZE.1).unwrap()
}

fn rect() -> impl Strategy<Value = Rect> {
    (
        -30.0..200.0_f32,
        -30.0..150.0_f32,
        0.5..120.0_f32,
        0.5..120.0_f32,
    )
        .prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
}

/// As documented, told once more.
fn cell(rect: &Rect, strength: u32) -> usize {
    let mut cell = LEAST_CELL;
    while (cell as f32) < rect.w.min(rect.h) * strength as f32 / 4.0 {
        cell *= 2;
    }
    cell
}

proptest! {
    #[test]
    fn the_averages_of_cells_are_all_that_is_left(
        format in prop::sample::select(&FORMATS[..]), rect in rect(), strength in 1..9_u32,
        blur: bool, seed: u32,
    ) {
        let how = if blur { Hiding::Blur } else { Hiding::Pixelate };
        let cell = cell(&rect, strength);
        let Some(span) = cells(&rect, cell) else { return Ok(()) };
        let (one, other) = (noise(format, seed), scrambled(&noise(format, seed), cell));
        prop_assert!(agree(&one, &other, span).is_err(), "they differ before");
        let [one, other] = [one, other].map(|picture| hidden(&picture, Some(&rect), how, strength));
        agree(&one, &other, span).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn nothing_is_left_of_what_is_filled(
        format in prop::sample::select(&FORMATS[..]), rect in rect(), seeds: [u32; 2],
    ) {
        let [one, other] = seeds.map(|seed| hidden(&noise(format, seed), Some(&rect), Hiding::Fill, 1));
        let Some(span) = Span::covering(&rect, SIZE.0, SIZE.1) else { return Ok(()) };
        agree(&one, &other, span).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn nothing_beside_the_cells_is_touched(
        format in prop::sample::select(&FORMATS[..]), rect in rect(), how in 0..3_usize, seed: u32,
    ) {
        let how = [Hiding::Fill, Hiding::Pixelate, Hiding::Blur][how];
        let before = noise(format, seed);
        let after = hidden(&before, Some(&rect), how, 1);
        let span = cells(&rect, cell(&rect, 1));
        let inside = |x: usize, y: usize, span: Span| {
            (span.x0..span.x1).contains(&x) && (span.y0..span.y1).contains(&y)
        };
        for (plane, (old, new)) in before.planes.iter().zip(&after.planes).enumerate() {
            let step = steps(format)[plane];
            let span = span.map(|span| before.place(plane, span));
            for (offset, (old_byte, new_byte)) in old.0.iter().zip(&new.0).enumerate() {
                let (x, y) = (offset % old.1 / step, offset / old.1);
                let may = span.is_some_and(|span| inside(x, y, span));
                prop_assert!(may || old_byte == new_byte, "plane {plane}: ({x}, {y})");
            }
        }
    }
}

#[test]
fn a_frame_is_hidden_as_a_whole() {
    for format in FORMATS {
        for how in [Hiding::Fill, Hiding::Pixelate, Hiding::Blur] {
            let one = noise(format, 1);
            // A quarter of 151, rounded up to a power of two.
            let other = scrambled(&one, 64);
            let [one, other] = [one, other].map(|picture| hidden(&picture, None, how, 1));
            assert_eq!(agree(&one, &other, whole()), Ok(()), "{format:?} {how:?}");
        }
    }
}

#[test]
fn a_box_that_trembles_shows_the_same_averages() {
    let picture = noise(Format::Nv12, 5);
    let shown = |rect| hidden(&picture, Some(&rect), Hiding::Pixelate, 1);
    let still = shown(Rect::new(40.0, 40.0, 60.0, 80.0));
    for rect in [
        Rect::new(41.5, 39.0, 62.0, 78.5),
        Rect::new(36.0, 43.0, 62.0, 84.0),
    ] {
        assert_eq!(shown(rect), still, "{rect:?}");
    }
}

#[test]
fn a_blur_goes_straight_from_the_middle_of_a_cell_to_that_of_the_next() {
    let mut picture = Picture::plain(Format::Rgb, (64, 16), Color::BLACK);
    picture.paint(|x, _| {
        if x < 32 {
            Color::BLACK
        } else {
            Color::new(160, 80, 0)
        }
    });
    let rect = Rect::new(0.0, 0.0, 64.0, 16.0);
    picture.draw(|c| c.hide(Some(&rect), Hiding::Blur, 1, &mut Averages::default()));
    let reds: Vec<_> = (0..64).map(|x| picture.codes(x, 7)[0]).collect();
    let slope = (0..16).map(|x| 5 + 10 * x);
    let expected: Vec<u8> = [0; 24].into_iter().chain(slope).chain([160; 24]).collect();
    assert_eq!(reds, expected);
}
