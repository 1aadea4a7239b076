// SPDX-License-Identifier: MIT OR Apache-2.0
//! Labels beside their boxes, clear of each other.

use lynx_geometry::Rect;

use super::span::Span;
use super::text::Face;
use super::{Canvas, Color};

/// Where labels are in a frame. Kept from frame to frame: nothing is allocated once it is large
/// enough.
#[derive(Debug, Default)]
pub struct Labels(Vec<Span>);

/// A place that is kept for a line of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strip(Span);

impl Labels {
    /// Forgets where labels are: a new frame begins.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many pixels of `span` are covered by labels.
    fn covered(&self, span: Span) -> usize {
        let overlap = |other: &Span| {
            let x = span.x1.min(other.x1).saturating_sub(span.x0.max(other.x0));
            let y = span.y1.min(other.y1).saturating_sub(span.y0.max(other.y0));
            x * y
        };
        self.0.iter().map(overlap).sum()
    }
}

impl Canvas<'_> {
    /// Writes `text` on a strip of `color` that belongs to the box `anchor`. The text is black or
    /// white, whichever is easier to read.
    ///
    /// Of the places above the box, inside it at its top, below it, inside at its bottom, each at
    /// its left or right side, and a line or two further up, the first one that lies in the frame
    /// and covers no other label, or else the one that covers least of them. A box that is outside
    /// the frame has no label; what is too long for the frame is cut off.
    pub fn label(
        &mut self,
        anchor: &Rect,
        text: &str,
        face: impl Face,
        color: Color,
        labels: &mut Labels,
    ) {
        let Some(anchor) = self.cover(anchor) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let pad = face.height() as usize / 4;
        let height = (face.height() as usize).next_multiple_of(2);
        // An even size at an even place keeps luma and chroma together.
        let wanted = (face.width(text) as usize + 2 * pad).next_multiple_of(2);
        let Some(span) = self.place(anchor, (wanted, height), labels) else {
            return;
        };
        labels.0.push(span);
        let ink = self.encoder.ink(color);
        self.fill_span(Some(span), ink);
        self.text(
            (span.x0 + pad) as i32,
            span.y0 as i32,
            text,
            face,
            color.text(),
        );
    }

    /// Keeps a corner of the frame free of labels, for a strip of `text`; nothing for none.
    pub(crate) fn reserve(
        &self,
        text: &str,
        face: impl Face,
        (right, bottom): (bool, bool),
        labels: &mut Labels,
    ) -> Option<Strip> {
        if text.is_empty() {
            return None;
        }
        let pad = face.height() as usize / 4;
        let width = (face.width(text) as usize + 2 * pad).next_multiple_of(2);
        let height = (face.height() as usize).next_multiple_of(2);
        let x0 = if right {
            self.width.saturating_sub(width)
        } else {
            0
        } & !1;
        let y0 = if bottom {
            self.height.saturating_sub(height)
        } else {
            0
        } & !1;
        // In a corner at the right or at the bottom it ends with the frame, also with an odd one.
        let x1 = if right {
            self.width
        } else {
            width.min(self.width)
        };
        let y1 = if bottom {
            self.height
        } else {
            height.min(self.height)
        };
        let span = Span::new(x0, y0, x1, y1)?;
        labels.0.push(span);
        Some(Strip(span))
    }

    /// Writes `text` on a dark strip that was kept free for it.
    pub(crate) fn strip(&mut self, strip: Option<Strip>, text: &str, face: impl Face) {
        let Some(Strip(span)) = strip else {
            return;
        };
        let ink = self.encoder.ink(Color::BLACK);
        self.tint_span(Some(span), ink, 160);
        let pad = face.height() as usize / 4;
        self.text(
            (span.x0 + pad) as i32,
            span.y0 as i32,
            text,
            face,
            Color::WHITE,
        );
    }

    fn place(
        &self,
        anchor: Span,
        (wanted, height): (usize, usize),
        labels: &Labels,
    ) -> Option<Span> {
        let farthest = self.width.saturating_sub(wanted) & !1;
        let left = anchor.x0.min(farthest);
        let right = (anchor.x1.saturating_sub(wanted) & !1).min(farthest);
        let above = |lines: usize| anchor.y0.checked_sub(lines * height);
        let fits = |y: &usize| y + height <= self.height;
        let below = (anchor.y1 + 1) & !1;
        let inside_bottom = anchor.y1.checked_sub(height).filter(|y| *y > anchor.y0);
        let rows = [
            above(1),
            Some(anchor.y0).filter(fits),
            Some(below).filter(fits),
            inside_bottom.map(|y| y & !1),
            above(2),
            above(3),
            // Where the frame is too low for any of that.
            Some(self.height.saturating_sub(height) & !1),
        ];
        let mut best: Option<(usize, Span)> = None;
        for y0 in rows.into_iter().flatten() {
            for x0 in [left, right] {
                let (x1, y1) = (
                    (x0 + wanted).min(self.width),
                    (y0 + height).min(self.height),
                );
                let Some(span) = Span::new(x0, y0, x1, y1) else {
                    continue;
                };
                match labels.covered(span) {
                    0 => return Some(span),
                    covered if best.is_none_or(|(least, _)| covered < least) => {
                        best = Some((covered, span))
                    }
                    _ => {}
                }
            }
        }
        best.map(|(_, span)| span)
    }
}
