// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::dash::dashes;
use super::encode::{Encoder, Ink};
use super::format::{Sampling, steps};
use super::layer::Layer;
use super::span::Span;
use super::{Color, Colorimetry, Error, Format, PlaneMut};

/// A video frame to draw on.
///
/// Coordinates are pixels of the frame, (0, 0) its top left corner. A rectangle covers every pixel
/// that it touches. In 4:2:0 formats it is further grown to even pixels, by one at most, and in
/// 4:2:2 to even columns: there luma and chroma have their edges together, and lines are sharp and
/// equally wide on all sides.
#[derive(Debug)]
pub struct Canvas<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) encoder: Encoder,
    /// The planes: the first with a sample for each pixel, the others (`chroma` many) with one
    /// for 2×2.
    pub(super) layers: [Layer<'a>; 3],
    pub(super) chroma: usize,
    pub(super) sampling: Sampling,
    /// Which byte of a packed sample is its first pixel's luma.
    pub(super) luma: usize,
}

impl<'a> Canvas<'a> {
    /// Checks that a frame of `width` × `height` pixels (1..=16384 each) lies within its planes,
    /// after which no drawing can reach outside.
    ///
    /// # Errors
    ///
    /// [`Error`] says which size, plane count, stride or plane length does not fit.
    pub fn new(
        format: Format,
        width: u32,
        height: u32,
        colorimetry: Colorimetry,
        planes: &'a mut [PlaneMut<'_>],
    ) -> Result<Self, Error> {
        let sizes = planes.iter().map(|p| (p.stride, p.data.len()));
        format.layout().check(width, height, sizes)?;
        let mut layers: [Layer<'a>; 3] = Default::default();
        for ((layer, plane), step) in layers.iter_mut().zip(planes).zip(steps(format)) {
            *layer = Layer::new(plane, *step, format.alpha());
        }
        Ok(Self {
            width: width as usize,
            height: height as usize,
            encoder: Encoder::new(format, colorimetry),
            layers,
            chroma: format.layout().n_planes() - 1,
            sampling: format.sampling(),
            luma: usize::from(format == Format::Uyvy),
        })
    }

    /// Draws a box's outline, `thickness` pixels wide and inside the box. A box that reaches
    /// beyond the frame is closed at the frame's edge.
    pub fn rectangle(&mut self, rect: &Rect, thickness: u32, color: Color) {
        let Some((span, t)) = self.outline(rect, thickness) else {
            return;
        };
        let ink = self.encoder.ink(color);
        let Span { x0, y0, x1, y1 } = span;
        for edge in [
            Span::new(x0, y0, x1, y0 + t),
            Span::new(x0, y1 - t, x1, y1),
            Span::new(x0, y0 + t, x0 + t, y1 - t),
            Span::new(x1 - t, y0 + t, x1, y1 - t),
        ] {
            self.fill_span(edge, ink);
        }
    }

    /// Draws a box's outline as [`Canvas::rectangle`] does, but dashed: for a box that was
    /// predicted, not seen. Its corners are always whole.
    pub fn dashed_rectangle(&mut self, rect: &Rect, thickness: u32, color: Color) {
        let Some((span, t)) = self.outline(rect, thickness) else {
            return;
        };
        let ink = self.encoder.ink(color);
        let Span { x0, y0, x1, y1 } = span;
        for (start, end) in dashes(span.width(), t, self.step()) {
            let (start, end) = (x0 + start, x0 + end);
            self.fill_span(Span::new(start, y0, end, y0 + t), ink);
            self.fill_span(Span::new(start, y1 - t, end, y1), ink);
        }
        for (start, end) in dashes(span.height(), t, self.step()) {
            let (start, end) = (y0 + start, y0 + end);
            self.fill_span(Span::new(x0, start, x0 + t, end), ink);
            self.fill_span(Span::new(x1 - t, start, x1, end), ink);
        }
    }

    /// Fills a rectangle; `alpha` 255 hides what was there, 0 draws nothing.
    pub fn fill(&mut self, rect: &Rect, color: Color, alpha: u8) {
        self.tint_span(self.cover(rect), self.encoder.ink(color), alpha);
    }

    /// The pixels that stand for `rect`; `None` when it is nonsense or outside.
    pub(super) fn cover(&self, rect: &Rect) -> Option<Span> {
        let span = Span::covering(rect, self.width, self.height)?;
        let even = span.even(self.width, self.height);
        Some(match self.sampling {
            Sampling::One => span,
            Sampling::Pair => Span {
                x0: even.x0,
                x1: even.x1,
                ..span
            },
            Sampling::Quad => even,
        })
    }

    /// The pixels of a box and how wide its outline can be.
    fn outline(&self, rect: &Rect, thickness: u32) -> Option<(Span, usize)> {
        let span = self.cover(rect)?;
        // Opposite edges may meet in the middle, but must not pass each other.
        let widest = span.width().min(span.height()).div_ceil(2);
        // Even where chroma is shared, so that luma and chroma have the inner edge together, too.
        let t = (thickness as usize).next_multiple_of(self.step());
        (thickness > 0).then(|| (span, widest.min(t)))
    }

    /// These pixels in samples of the first plane.
    pub(super) fn first(&self, span: Span) -> Span {
        let half = span.halved();
        match self.sampling {
            Sampling::Pair => Span {
                x0: half.x0,
                x1: half.x1,
                ..span
            },
            _ => span,
        }
    }

    /// Pixels from one to the next that can be drawn by itself.
    pub(super) fn step(&self) -> usize {
        match self.sampling {
            Sampling::One => 1,
            _ => 2,
        }
    }

    pub(super) fn tint_span(&mut self, span: Option<Span>, ink: Ink, alpha: u8) {
        if alpha == 255 {
            return self.fill_span(span, ink);
        }
        let Some(span) = span else {
            return;
        };
        match self.sampling {
            Sampling::Pair => self.layers[0].tint_pairs(span, ink[0], alpha, self.luma),
            _ => self.layers[0].tint(span, ink[0], alpha),
        }
        for (layer, ink) in self.layers[1..=self.chroma].iter_mut().zip(&ink[1..]) {
            layer.tint(span.halved(), *ink, alpha);
        }
    }

    pub(super) fn fill_span(&mut self, span: Option<Span>, ink: Ink) {
        let Some(span) = span else {
            return;
        };
        match self.sampling {
            Sampling::Pair => self.layers[0].tint_pairs(span, ink[0], 255, self.luma),
            _ => self.layers[0].fill(span, ink[0]),
        }
        for (layer, ink) in self.layers[1..=self.chroma].iter_mut().zip(&ink[1..]) {
            layer.fill(span.halved(), *ink);
        }
    }
}

/// How many pixels wide an outline should be in a frame `height` pixels high: 2 at 720, 3 at
/// 1080, 6 at 2160; 1..=8.
pub fn thickness_for(height: u32) -> u32 {
    height.div_ceil(360).clamp(1, 8)
}
