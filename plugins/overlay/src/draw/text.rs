// SPDX-License-Identifier: MIT OR Apache-2.0

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use super::encode::Ink;
use super::format::Sampling;
use super::{Canvas, Color};

const WEIGHT: FontWeight = FontWeight::Bold;

/// Text heights that the font is rasterised for: Noto Sans Mono Bold, ASCII and Latin-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextSize {
    /// Lines of 16 pixels.
    Small,
    /// Lines of 24 pixels.
    Medium,
    /// Lines of 32 pixels.
    Large,
}

impl TextSize {
    /// The size that reads well in a frame `height` pixels high.
    pub const fn for_height(height: u32) -> Self {
        match height {
            0..720 => Self::Small,
            720..1440 => Self::Medium,
            _ => Self::Large,
        }
    }

    /// Pixels from one line to the next: 16, 24 or 32. Ascenders and descenders fit in.
    pub const fn height(self) -> u32 {
        self.raster().val() as u32
    }

    /// Pixels that `text` is wide. All characters have the same width.
    pub fn width(self, text: &str) -> u32 {
        let one = get_raster_width(WEIGHT, self.raster());
        u32::try_from(text.chars().count().saturating_mul(one)).unwrap_or(u32::MAX)
    }

    const fn raster(self) -> RasterHeight {
        match self {
            Self::Small => RasterHeight::Size16,
            Self::Medium => RasterHeight::Size24,
            Self::Large => RasterHeight::Size32,
        }
    }

    /// Coverage of a character's pixels, row by row. What the font lacks is a '?'.
    fn glyph(self, c: char) -> &'static [u8] {
        let raster = |c| get_raster(c, WEIGHT, self.raster());
        raster(c)
            .or_else(|| raster('?'))
            .map_or(&[], |r| r.pixels())
    }
}

/// Characters drawn together, so that text is blended in long rows.
const RUN: usize = 32;
/// No character is wider than this.
const WIDEST: usize = 16;
/// Coverage of one row of pixels of a run, begun at an even pixel and ended at one, as chroma
/// wants it.
type Line = [u8; LINE];
const LINE: usize = RUN * WIDEST + 2;

impl Canvas<'_> {
    /// Draws one line of text, its top left corner at (`x`, `y`) and [`TextSize::height`] high.
    /// Edges are smoothed by blending with what is there.
    pub fn text(&mut self, x: i32, y: i32, text: &str, size: TextSize, color: Color) {
        const fn width(size: TextSize) -> usize {
            let width = get_raster_width(WEIGHT, size.raster());
            assert!(width <= WIDEST);
            width
        }
        let ink = self.encoder.ink(color);
        // The width as a constant makes copying a glyph's row a few instructions.
        match size {
            TextSize::Small => self.runs::<{ width(TextSize::Small) }>(x, y, text, size, ink),
            TextSize::Medium => self.runs::<{ width(TextSize::Medium) }>(x, y, text, size, ink),
            TextSize::Large => self.runs::<{ width(TextSize::Large) }>(x, y, text, size, ink),
        }
    }

    fn runs<const W: usize>(&mut self, x: i32, y: i32, text: &str, size: TextSize, ink: Ink) {
        let (mut x, y) = (i64::from(x), i64::from(y));
        let mut chars = text.chars();
        while x < self.width as i64 {
            let mut glyphs: [&[u8]; RUN] = [&[]; RUN];
            let mut count = 0;
            for (glyph, c) in glyphs.iter_mut().zip(chars.by_ref()) {
                *glyph = size.glyph(c);
                count += 1;
            }
            if count == 0 {
                break;
            }
            self.run::<W>(x, y, &glyphs[..count], i64::from(size.height()), ink);
            x += (count * W) as i64;
        }
    }

    /// Draws `glyphs`, at most [`RUN`], a pair of rows at a time: the two that share chroma.
    fn run<const W: usize>(&mut self, x: i64, y: i64, glyphs: &[&[u8]], height: i64, ink: Ink) {
        let x0 = x.max(0);
        let x1 = (x + (glyphs.len() * W) as i64).min(self.width as i64);
        let (y0, y1) = (y.max(0), (y + height).min(self.height as i64));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        // Pixels relative to the even one where the lines begin.
        let origin = x & !1;
        let [indent, first, end] = [x, x0, x1].map(|x| (x - origin) as usize);
        let whole = first & !1..end.next_multiple_of(2);
        let means = &mut [0; LINE / 2][..whole.len() / 2];
        let (x0, frame) = (x0 as usize, 0..self.height as i64);
        let mut lines: [Line; 2] = [[0; LINE]; 2];
        for top in (y0 & !1..y1).step_by(2) {
            for (row, line) in (top..).zip(&mut lines) {
                if !(y..y + height).contains(&row) {
                    line.fill(0);
                    continue;
                }
                let from = (row - y) as usize * W;
                for (to, glyph) in line[indent..].as_chunks_mut::<W>().0.iter_mut().zip(glyphs) {
                    if let Some(row) = glyph.get(from..from + W) {
                        to.copy_from_slice(row);
                    }
                }
                if frame.contains(&row) && self.sampling == Sampling::Pair {
                    let pairs = &line[whole.clone()];
                    self.layers[0].blend_pairs(x0 / 2, row as usize, pairs, ink[0], self.luma);
                } else if frame.contains(&row) {
                    self.layers[0].blend(x0, row as usize, &line[first..end], ink[0]);
                }
            }
            if self.chroma > 0 {
                let [upper, lower] = lines.each_ref().map(|line| &line[whole.clone()]);
                halve(upper, lower, means);
                for (layer, ink) in self.layers[1..=self.chroma].iter_mut().zip(&ink[1..]) {
                    layer.blend(x0 / 2, top as usize / 2, means, *ink);
                }
            }
        }
    }
}

/// Puts the mean of each 2×2 pixels into `means`.
fn halve(upper: &[u8], lower: &[u8], means: &mut [u8]) {
    // A pair in 16 bits keeps all lanes of a vector alike: several times as fast.
    let sum = |pair: &[u8]| {
        let pair = u16::from_le_bytes([pair[0], pair[1]]);
        (pair & 0xff) + (pair >> 8)
    };
    let pairs = upper
        .as_chunks::<2>()
        .0
        .iter()
        .zip(lower.as_chunks::<2>().0);
    for (mean, (upper, lower)) in means.iter_mut().zip(pairs) {
        *mean = ((sum(upper) + sum(lower) + 2) >> 2) as u8;
    }
}
