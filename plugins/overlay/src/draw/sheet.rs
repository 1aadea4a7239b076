// SPDX-License-Identifier: MIT OR Apache-2.0
//! A transparent picture to draw on where the frame itself cannot be reached, and the parts of it
//! that something was drawn on.

use super::{Canvas, Colorimetry, Error, Format, PlaneMut};

/// Sides of the parts that are looked at, in pixels.
const PART: (usize, usize) = (64, 32);
/// Bytes of a pixel: blue, green, red and alpha, multiplied by alpha.
const PIXEL: usize = 4;

/// A picture of which nothing is seen but what is drawn.
#[derive(Debug)]
pub struct Sheet {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// A part of a sheet: its place in pixels, and its pixels, row by row, blue, green, red, alpha, the
/// colours multiplied by alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

impl Sheet {
    /// An empty sheet of that size.
    ///
    /// # Errors
    ///
    /// No frame may be so large.
    pub fn new(width: u32, height: u32) -> Result<Self, Error> {
        // Checked before it is made: what it will be lies within itself.
        let will_be = [(width as usize * PIXEL, usize::MAX)];
        Format::Premultiplied
            .layout()
            .check(width, height, will_be.into_iter())?;
        let (width, height) = (width as usize, height as usize);
        Ok(Self {
            width,
            height,
            pixels: vec![0; width * height * PIXEL],
        })
    }

    /// The sheet's plane, for [`Canvas::new`] with [`Format::Premultiplied`].
    pub fn plane(&mut self) -> PlaneMut<'_> {
        PlaneMut {
            data: &mut self.pixels,
            stride: self.width * PIXEL,
        }
    }

    /// Draws on it.
    ///
    /// # Errors
    ///
    /// The sheet is larger than a frame may be.
    pub fn draw<T>(&mut self, draw: impl FnOnce(&mut Canvas<'_>) -> T) -> Result<T, Error> {
        let (width, height) = (self.width as u32, self.height as u32);
        let planes = &mut [self.plane()];
        let canvas = Canvas::new(
            Format::Premultiplied,
            width,
            height,
            Colorimetry::default(),
            planes,
        );
        Ok(draw(&mut canvas?))
    }

    /// Takes off what was drawn, in parts of at most 32 rows; the sheet is empty again.
    pub fn take(&mut self) -> Vec<Patch> {
        let mut patches = Vec::new();
        for y in (0..self.height).step_by(PART.1) {
            let bottom = (y + PART.1).min(self.height);
            let mut begun = None;
            for x in (0..self.width).step_by(PART.0) {
                let right = (x + PART.0).min(self.width);
                match (self.is_drawn_on(x..right, y..bottom), begun) {
                    (true, None) => begun = Some(x),
                    (false, Some(left)) => {
                        patches.push(self.cut(left..x, y..bottom));
                        begun = None;
                    }
                    _ => {}
                }
            }
            if let Some(left) = begun {
                patches.push(self.cut(left..self.width, y..bottom));
            }
        }
        patches
    }

    fn row(&mut self, y: usize, columns: &std::ops::Range<usize>) -> &mut [u8] {
        let start = (y * self.width + columns.start) * PIXEL;
        &mut self.pixels[start..][..columns.len() * PIXEL]
    }

    fn is_drawn_on(
        &mut self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
    ) -> bool {
        rows.into_iter()
            .any(|y| self.row(y, &columns).iter().any(|byte| *byte != 0))
    }

    fn cut(&mut self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Patch {
        let mut pixels = Vec::with_capacity(columns.len() * rows.len() * PIXEL);
        for y in rows.clone() {
            let row = self.row(y, &columns);
            pixels.extend_from_slice(row);
            row.fill(0);
        }
        Patch {
            x: columns.start as u32,
            y: rows.start as u32,
            width: columns.len() as u32,
            height: rows.len() as u32,
            pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use lynx_geometry::Rect;

    use super::*;
    use crate::draw::{Color, Labels, TextSize};

    const RED: Color = Color::new(255, 0, 0);

    #[test]
    fn what_is_drawn_comes_off_in_small_parts_and_the_sheet_is_empty_again() {
        let mut sheet = Sheet::new(300, 200).unwrap();
        sheet
            .draw(|c| c.fill(&Rect::new(100.0, 90.0, 10.0, 10.0), RED, 255))
            .unwrap();
        let patches = sheet.take();
        let places: Vec<_> = patches
            .iter()
            .map(|p| (p.x, p.y, p.width, p.height))
            .collect();
        assert_eq!(places, [(64, 64, 64, 32), (64, 96, 64, 32)]);
        let lit = |p: &Patch| {
            p.pixels
                .chunks(4)
                .filter(|p| *p == [0, 0, 255, 255])
                .count()
        };
        assert_eq!(patches.iter().map(lit).sum::<usize>(), 100);
        let clear = |p: &Patch| p.pixels.chunks(4).filter(|p| *p == [0; 4]).count();
        assert_eq!(patches.iter().map(clear).sum::<usize>(), 2 * 64 * 32 - 100);
        assert_eq!(sheet.take(), []);
    }

    /// Over any ground the parts look as if it had been drawn on itself.
    #[test]
    fn over_a_frame_it_looks_as_drawn_into_it() {
        let (width, height) = (201, 99);
        let draw = |c: &mut Canvas<'_>| {
            let rect = Rect::new(40.0, 40.0, 90.0, 50.0);
            c.fill(
                &Rect::new(0.0, 0.0, 150.0, 60.0),
                Color::new(0, 90, 200),
                100,
            );
            c.rectangle(&rect, 3, RED);
            c.label(
                &rect,
                "person 0.93",
                TextSize::Medium,
                RED,
                &mut Labels::default(),
            );
            c.text(5, 70, "über", TextSize::Small, Color::WHITE);
        };
        let mut sheet = Sheet::new(width, height).unwrap();
        sheet.draw(draw).unwrap();
        let ground = [60, 120, 180, 255];
        let mut drawn: Vec<u8> = ground.repeat((width * height) as usize);
        let mut blended = drawn.clone();
        let mut planes = [PlaneMut {
            data: &mut drawn,
            stride: width as usize * 4,
        }];
        draw(
            &mut Canvas::new(
                Format::Bgrx,
                width,
                height,
                Colorimetry::default(),
                &mut planes,
            )
            .unwrap(),
        );
        for patch in sheet.take() {
            for (index, source) in patch.pixels.chunks(4).enumerate() {
                let (x, y) = (index as u32 % patch.width, index as u32 / patch.width);
                let at = (((patch.y + y) * width + patch.x + x) * 4) as usize;
                for (to, from) in blended[at..at + 3].iter_mut().zip(source) {
                    let under = u32::from(*to) * (255 - u32::from(source[3])) / 255;
                    *to = (u32::from(*from) + under).min(255) as u8;
                }
            }
        }
        for (index, (a, b)) in drawn.iter().zip(&blended).enumerate() {
            assert!(a.abs_diff(*b) <= 2, "byte {index}: {a} {b}");
        }
    }
}
