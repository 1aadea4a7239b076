// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::LazyLock;

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use super::encode::Ink;
use super::format::Sampling;
use super::{Canvas, Color};

const WEIGHT: FontWeight = FontWeight::Bold;

/// A font of one size.
pub trait Face {
    /// Pixels from one line to the next. Ascenders and descenders fit in.
    fn height(&self) -> u32;

    /// How a character looks.
    fn glyph(&self, c: char) -> Glyph<'_>;

    /// Pixels that `text` is wide.
    fn width(&self, text: &str) -> u32 {
        let widths = text.chars().map(|c| self.glyph(c).width);
        let sum = widths.fold(0_usize, |sum, width| sum.saturating_add(width));
        u32::try_from(sum).unwrap_or(u32::MAX)
    }
}

impl<F: Face + ?Sized> Face for &F {
    fn height(&self) -> u32 {
        (**self).height()
    }

    fn glyph(&self, c: char) -> Glyph<'_> {
        (**self).glyph(c)
    }

    fn width(&self, text: &str) -> u32 {
        (**self).width(text)
    }
}

/// A character's pixels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Glyph<'a> {
    /// Pixels to the next character.
    pub width: usize,
    /// Coverage, row by row, `width` a row.
    pub coverage: &'a [u8],
}

/// The built-in font, Noto Sans Mono Bold, of ASCII and Latin-1. What it lacks is a '?'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextSize {
    /// Lines of 16 pixels.
    Small,
    /// Lines of 24 pixels.
    Medium,
    /// Lines of 32 pixels.
    Large,
    /// Lines of 48 pixels.
    Huge,
}

impl TextSize {
    /// The size that reads well in a frame `height` pixels high.
    pub const fn for_height(height: u32) -> Self {
        match height {
            0..720 => Self::Small,
            720..1440 => Self::Medium,
            1440..2000 => Self::Large,
            _ => Self::Huge,
        }
    }

    /// The size whose lines are nearest to so many pixels.
    pub fn nearest(height: u32) -> Self {
        let sizes = [Self::Small, Self::Medium, Self::Large, Self::Huge];
        let nearest = sizes
            .into_iter()
            .min_by_key(|size| size.height().abs_diff(height));
        nearest.unwrap_or(Self::Medium)
    }

    const fn raster(self) -> RasterHeight {
        match self {
            Self::Small => RasterHeight::Size16,
            Self::Medium | Self::Huge => RasterHeight::Size24,
            Self::Large => RasterHeight::Size32,
        }
    }

    /// Pixels that a character is wide.
    const fn advance(self) -> usize {
        let width = get_raster_width(WEIGHT, self.raster());
        match self {
            Self::Huge => width * 2,
            _ => width,
        }
    }
}

impl Face for TextSize {
    fn height(&self) -> u32 {
        let height = self.raster().val() as u32;
        match self {
            Self::Huge => height * 2,
            _ => height,
        }
    }

    fn glyph(&self, c: char) -> Glyph<'_> {
        let raster = |c| get_raster(c, WEIGHT, self.raster());
        let coverage = match self {
            Self::Huge => doubled(c),
            _ => match raster(c).or_else(|| raster('?')) {
                Some(raster) => raster.pixels(),
                None => &[],
            },
        };
        Glyph {
            width: self.advance(),
            coverage,
        }
    }

    fn width(&self, text: &str) -> u32 {
        let width = text.chars().count().saturating_mul(self.advance());
        u32::try_from(width).unwrap_or(u32::MAX)
    }
}

/// A character of 24 pixels, each of which is four.
fn doubled(c: char) -> &'static [u8] {
    static ALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let double = |code: u8| {
            let raster = get_raster(code.into(), WEIGHT, RasterHeight::Size24);
            let rows = raster.map_or(&[][..], |raster| raster.pixels());
            let rows = rows.chunks(TextSize::Medium.advance());
            let wide = rows.map(|row| row.iter().flat_map(|v| [*v; 2]).collect::<Vec<_>>());
            wide.flat_map(|row| [row.clone(), row]).flatten().collect()
        };
        (0..=u8::MAX).map(double).collect()
    });
    let found = u8::try_from(c).ok().map(|code| &ALL[usize::from(code)]);
    found
        .filter(|glyph| !glyph.is_empty())
        .unwrap_or(&ALL[usize::from(b'?')])
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
    /// Draws one line of text, its top left corner at (`x`, `y`) and [`Face::height`] high. Edges
    /// are smoothed by blending with what is there.
    pub fn text(&mut self, x: i32, y: i32, text: &str, face: impl Face, color: Color) {
        const SMALL: usize = TextSize::Small.advance();
        const MEDIUM: usize = TextSize::Medium.advance();
        const LARGE: usize = TextSize::Large.advance();
        let ink = self.encoder.ink(color);
        // A width as a constant makes copying a glyph's row a few instructions.
        match (face.glyph('0').width, face.glyph('i').width) {
            (SMALL, SMALL) => self.runs::<SMALL>(x, y, text, &face, ink),
            (MEDIUM, MEDIUM) => self.runs::<MEDIUM>(x, y, text, &face, ink),
            (LARGE, LARGE) => self.runs::<LARGE>(x, y, text, &face, ink),
            _ => self.runs::<0>(x, y, text, &face, ink),
        }
    }

    /// `W`: how wide most characters are.
    fn runs<const W: usize>(&mut self, x: i32, y: i32, text: &str, face: &impl Face, ink: Ink) {
        let (mut x, y) = (i64::from(x), i64::from(y));
        let mut chars = text.chars().peekable();
        while x < self.width as i64 && chars.peek().is_some() {
            let mut glyphs = [Glyph::default(); RUN];
            let (mut count, mut width) = (0, 0);
            while let Some(&c) = chars.peek() {
                let glyph = face.glyph(c);
                let fits = width + glyph.width <= RUN * WIDEST;
                // One that is wider than any run is left out.
                if count == RUN || (!fits && count > 0) {
                    break;
                }
                if fits {
                    glyphs[count] = glyph;
                    count += 1;
                    width += glyph.width;
                }
                chars.next();
            }
            self.run::<W>(x, y, &glyphs[..count], width, i64::from(face.height()), ink);
            x += width as i64;
        }
    }

    /// Draws `glyphs`, together `width` wide, a pair of rows at a time: the two that share chroma.
    fn run<const W: usize>(
        &mut self,
        x: i64,
        y: i64,
        glyphs: &[Glyph<'_>],
        width: usize,
        height: i64,
        ink: Ink,
    ) {
        let x0 = x.max(0);
        let x1 = (x + width as i64).min(self.width as i64);
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
                write_row::<W>(&mut line[indent..], glyphs, (row - y) as usize);
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

/// Puts a row of each glyph side by side.
fn write_row<const W: usize>(mut line: &mut [u8], glyphs: &[Glyph<'_>], row: usize) {
    for glyph in glyphs {
        let Some((to, rest)) = line.split_at_mut_checked(glyph.width) else {
            return;
        };
        let from = glyph.coverage.get(row * glyph.width..).unwrap_or(&[]);
        match (to.first_chunk_mut::<W>(), from.first_chunk::<W>()) {
            (Some(to), Some(from)) if W > 0 && glyph.width == W => *to = *from,
            _ => match from.get(..glyph.width) {
                Some(from) => to.copy_from_slice(from),
                None => to.fill(0),
            },
        }
        line = rest;
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
