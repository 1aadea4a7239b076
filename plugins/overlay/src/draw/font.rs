// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fonts from files, for characters that the built-in one lacks.

use std::collections::HashMap;
use std::path::Path;

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};

use super::text::{Face, Glyph};

/// Heights that a font may be drawn in, in pixels.
const HEIGHTS: std::ops::RangeInclusive<u32> = 8..=128;
/// Characters that are kept ready, at most. More are drawn as a '?'.
const KNOWN: usize = 20_000;

/// A TrueType or OpenType font in one size. A character is rasterised once.
pub struct FontFile {
    font: FontVec,
    height: u32,
    known: HashMap<char, Raster>,
    /// The first 256 need no look-up.
    latin: Vec<Raster>,
}

#[derive(Default)]
struct Raster {
    width: usize,
    coverage: Vec<u8>,
}

impl std::fmt::Debug for FontFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "FontFile({} px, {} characters)",
            self.height,
            self.known.len()
        )
    }
}

impl FontFile {
    /// Reads a font; `height` is that of a line in pixels, 8..=128.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no TrueType or OpenType font.
    pub fn open(path: &Path, height: u32) -> Result<Self, String> {
        let name = path.display();
        let data =
            std::fs::read(path).map_err(|error| format!("cannot read the font {name}: {error}"))?;
        let font = FontVec::try_from_vec(data).map_err(|_| {
            format!("{name} is no TrueType or OpenType font; fc-list names those of this system")
        })?;
        let mut opened = Self {
            font,
            height: height.clamp(*HEIGHTS.start(), *HEIGHTS.end()),
            known: HashMap::new(),
            latin: Vec::new(),
        };
        opened.latin = (0..=u8::MAX)
            .map(|code| opened.rasterise(code.into()))
            .collect();
        Ok(opened)
    }

    /// Makes ready what `text` has.
    pub fn learn(&mut self, text: &str) {
        for c in text.chars().filter(|c| u32::from(*c) > 0xff) {
            if !self.known.contains_key(&c) && self.known.len() < KNOWN {
                let raster = self.rasterise(c);
                self.known.insert(c, raster);
            }
        }
    }

    fn rasterise(&self, c: char) -> Raster {
        let font = self.font.as_scaled(PxScale::from(self.height as f32));
        let id = match self.font.glyph_id(c) {
            // The font lacks it.
            id if id.0 == 0 => self.font.glyph_id('?'),
            id => id,
        };
        let width = font.h_advance(id).ceil().clamp(0.0, 256.0) as usize;
        let height = self.height as usize;
        let mut coverage = vec![0; width * height];
        let place = ab_glyph::point(0.0, font.ascent());
        let glyph = id.with_scale_and_position(PxScale::from(self.height as f32), place);
        if let Some(outline) = self.font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
            outline.draw(|x, y, amount| {
                // What hangs over into the next character is cut off.
                let (x, y) = (left + x as i32, top + y as i32);
                let inside = (0..width as i32).contains(&x) && (0..height as i32).contains(&y);
                if inside {
                    coverage[y as usize * width + x as usize] = (amount * 255.0).round() as u8;
                }
            });
        }
        Raster { width, coverage }
    }

    fn raster(&self, c: char) -> &Raster {
        let latin = |c: char| {
            u8::try_from(c)
                .ok()
                .and_then(|code| self.latin.get(usize::from(code)))
        };
        let found = latin(c).or_else(|| self.known.get(&c));
        found.unwrap_or(&self.latin[usize::from(b'?')])
    }
}

impl Face for FontFile {
    fn height(&self) -> u32 {
        self.height
    }

    fn glyph(&self, c: char) -> Glyph<'_> {
        let raster = self.raster(c);
        Glyph {
            width: raster.width,
            coverage: &raster.coverage,
        }
    }
}
