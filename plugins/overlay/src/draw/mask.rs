// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::span::Span;
use super::{Canvas, Color};

/// Which parts of a rectangle belong to an object: a byte an element, 0 for what does not, row
/// after row without padding.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a> {
    pub data: &'a [u8],
    pub width: usize,
    pub height: usize,
}

impl Mask<'_> {
    fn row(&self, y: usize) -> &[u8] {
        let start = y * self.width;
        self.data.get(start..start + self.width).unwrap_or(&[])
    }
}

impl Canvas<'_> {
    /// Tints the pixels of `rect` that a mask, stretched over it, gives to the object; `alpha` 255
    /// hides what was there, 0 draws nothing. In 4:2:0 the mask is looked at once for each 2×2
    /// pixels, which share their chroma.
    pub fn mask(&mut self, rect: &Rect, mask: &Mask<'_>, color: Color, alpha: u8) {
        let Some(span) = self.cover(rect) else {
            return;
        };
        let ink = self.encoder.ink(color);
        let step = self.step();
        // Of a pixel's centre: which element of a side of `elements` is there.
        let at = |pixel: usize, start: f32, side: f32, elements: usize| {
            let centre = pixel as f32 + step as f32 / 2.0;
            let element = ((centre - start) / side * elements as f32).floor();
            (element >= 0.0 && (element as usize) < elements).then_some(element as usize)
        };
        for y in (span.y0..span.y1).step_by(step) {
            let row = at(y, rect.y, rect.h, mask.height).map_or(&[][..], |y| mask.row(y));
            let bottom = (y + step).min(span.y1);
            let mut run = span.x0;
            for x in (span.x0..span.x1).step_by(step) {
                let element = at(x, rect.x, rect.w, mask.width).and_then(|x| row.get(x));
                if element.is_none_or(|e| *e == 0) {
                    self.tint_span(Span::new(run, y, x, bottom), ink, alpha);
                    run = x + step;
                }
            }
            self.tint_span(Span::new(run, y, span.x1, bottom), ink, alpha);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Colorimetry, Format, PlaneMut};

    const WHITE: Color = Color::new(255, 255, 255);

    /// Luma, or red, of an 8×8 black frame after a mask was drawn.
    fn drawn(format: Format, rect: Rect, mask: &Mask<'_>, alpha: u8) -> Vec<u8> {
        let step = if format == Format::Rgb { 3 } else { 1 };
        let mut first = vec![16; 64 * step];
        let mut chroma = vec![128; 32];
        let mut planes = vec![PlaneMut {
            data: &mut first,
            stride: 8 * step,
        }];
        if format == Format::Nv12 {
            planes.push(PlaneMut {
                data: &mut chroma,
                stride: 8,
            });
        }
        let mut canvas = Canvas::new(format, 8, 8, Colorimetry::default(), &mut planes).unwrap();
        canvas.mask(&rect, mask, WHITE, alpha);
        drop(planes);
        first.chunks(step).map(|p| p[0]).collect()
    }

    fn lit(pixels: &[u8]) -> Vec<(usize, usize)> {
        let lit = pixels.iter().enumerate().filter(|(_, p)| **p != 16);
        lit.map(|(i, _)| (i % 8, i / 8)).collect()
    }

    /// Two by two: the top right and the bottom left belong to the object.
    const MASK: Mask<'_> = Mask {
        data: &[0, 1, 1, 0],
        width: 2,
        height: 2,
    };

    #[test]
    fn the_mask_is_stretched_over_its_rectangle() {
        for format in [Format::Rgb, Format::Nv12] {
            let pixels = drawn(format, Rect::new(2.0, 2.0, 4.0, 4.0), &MASK, 255);
            let mut expected = Vec::new();
            for (left, top) in [(4, 2), (2, 4)] {
                for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    expected.push((left + x, top + y));
                }
            }
            let mut found = lit(&pixels);
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{format:?}");
        }
    }

    #[test]
    fn a_tint_lets_the_picture_through_and_nothing_is_tinted_twice() {
        let all = Mask {
            data: &[1],
            width: 1,
            height: 1,
        };
        for format in [Format::Rgb, Format::Nv12] {
            let pixels = drawn(format, Rect::new(0.0, 0.0, 8.0, 8.0), &all, 128);
            assert!(pixels.iter().all(|p| *p == pixels[0]), "{format:?}");
            assert!((110..150).contains(&pixels[0]), "{format:?}: {}", pixels[0]);
        }
    }

    #[test]
    fn what_lies_outside_or_is_too_short_draws_nothing() {
        let rect = Rect::new(-4.0, -4.0, 8.0, 8.0);
        assert_eq!(lit(&drawn(Format::Rgb, rect, &MASK, 255)), []);
        let short = Mask {
            data: &[0, 1],
            ..MASK
        };
        let pixels = drawn(Format::Rgb, Rect::new(0.0, 0.0, 2.0, 2.0), &short, 255);
        assert_eq!(lit(&pixels), [(1, 0)]);
        let nonsense = Rect::new(f32::NAN, 0.0, 2.0, 2.0);
        assert_eq!(lit(&drawn(Format::Rgb, nonsense, &MASK, 255)), []);
    }
}
