// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;
use proptest::prelude::*;

use super::FORMATS;
use super::picture::Picture;
use crate::draw::format::{Sampling, steps};
use crate::draw::span::Span;
use crate::draw::{Color, Colorimetry, Face, Labels, Matrix, Range, TextSize};

const SIZES: [TextSize; 4] = [
    TextSize::Small,
    TextSize::Medium,
    TextSize::Large,
    TextSize::Huge,
];

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -80.0..160.0_f32,
        2 => (-20..80_i32).prop_map(|v| v as f32),
        1 => any::<f32>(),
    ]
}

fn rect() -> impl Strategy<Value = Rect> {
    (number(), number(), number(), number()).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
}

fn coordinate() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -90..90_i32, 1 => any::<i32>()]
}

/// A frame of random bytes: format, size, colorimetry and stride are random too.
fn picture() -> impl Strategy<Value = Picture> {
    let matrix = prop_oneof![
        Just(Matrix::Bt601),
        Just(Matrix::Bt709),
        Just(Matrix::Bt2020)
    ];
    let range = prop_oneof![Just(Range::Limited), Just(Range::Full)];
    let size = (1..70_usize, 1..70_usize);
    let format = prop::sample::select(&FORMATS[..]);
    (format, size, matrix, range, 0..9_usize, any::<u32>()).prop_map(
        |(format, size, matrix, range, padding, seed)| {
            let mut picture = Picture::new(format, size, Colorimetry { matrix, range }, padding);
            let mut state = seed | 1;
            for byte in picture.planes.iter_mut().flat_map(|p| &mut p.0) {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                *byte = state as u8;
            }
            picture
        },
    )
}

fn color() -> impl Strategy<Value = Color> {
    any::<[u8; 3]>().prop_map(|[r, g, b]| Color::new(r, g, b))
}

/// That no byte outside `allowed` changed, padding included.
fn only_within(before: &Picture, after: &Picture, allowed: Option<Span>) -> Result<(), String> {
    let steps = steps(before.format);
    for (plane, (old, new)) in before.planes.iter().zip(&after.planes).enumerate() {
        let allowed = allowed.map(|s| before.place(plane, s));
        let changed = old.0.iter().zip(&new.0).enumerate();
        for (offset, _) in changed.filter(|(_, (old, new))| old != new) {
            let (x, y) = (offset % old.1 / steps[plane], offset / old.1);
            let inside = |s: &Span| (s.x0..s.x1).contains(&x) && (s.y0..s.y1).contains(&y);
            if !allowed.as_ref().is_some_and(inside) {
                return Err(format!("plane {plane}: ({x}, {y}) changed"));
            }
        }
    }
    Ok(())
}

fn whole(picture: &Picture) -> Option<Span> {
    Span::new(0, 0, picture.width, picture.height)
}

proptest! {
    #[test]
    fn boxes_stay_within_themselves(
        before in picture(), rect in rect(), thickness in 0..20_u32, color in color(),
        alpha: u8, which in 0..3,
    ) {
        let mut after = before.clone();
        after.draw(|c| match which {
            0 => c.rectangle(&rect, thickness, color),
            1 => c.dashed_rectangle(&rect, thickness, color),
            _ => c.fill(&rect, color, alpha),
        });
        let covered = Span::covering(&rect, before.width, before.height);
        let even = |s: Span| s.even(before.width, before.height);
        let allowed = match before.format.sampling() {
            Sampling::One => covered,
            _ => covered.map(even),
        };
        only_within(&before, &after, allowed).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn text_stays_within_its_line(
        before in picture(), x in coordinate(), y in coordinate(), text in ".{0,40}",
        size in prop::sample::select(&SIZES[..]), color in color(),
    ) {
        let mut after = before.clone();
        after.draw(|c| c.text(x, y, &text, size, color));
        let (w, h) = (i64::from(size.width(&text)), i64::from(size.height()));
        let clip = |v: i64, limit: usize| v.clamp(0, limit as i64) as usize;
        let (x, y) = (i64::from(x), i64::from(y));
        let allowed = Span::new(
            clip(x, before.width), clip(y, before.height),
            clip(x + w, before.width), clip(y + h, before.height),
        );
        only_within(&before, &after, allowed).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn labels_stay_within_the_frame(
        before in picture(), rect in rect(), text in ".{0,12}",
        size in prop::sample::select(&SIZES[..]), color in color(),
    ) {
        let mut after = before.clone();
        after.draw(|c| c.label(&rect, &text, size, color, &mut Labels::default()));
        only_within(&before, &after, whole(&before)).map_err(TestCaseError::fail)?;
    }
}
