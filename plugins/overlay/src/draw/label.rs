// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::span::Span;
use super::{Canvas, Color, TextSize};

impl Canvas<'_> {
    /// Writes `text` on a strip of `color` that belongs to the box `anchor`: above it, or inside
    /// at its top where there is no room above, and further left where it would leave the frame
    /// at the right. The text is black or white, whichever is easier to read.
    ///
    /// A box that is outside the frame has no label; what is too long for the frame is cut off.
    pub fn label(&mut self, anchor: &Rect, text: &str, size: TextSize, color: Color) {
        let Some(anchor) = self.cover(anchor) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let (pad, height) = (size.height() as usize / 4, size.height() as usize);
        // An even size at an even place keeps luma and chroma together.
        let wanted = (size.width(text) as usize + 2 * pad).next_multiple_of(2);
        let x0 = anchor.x0.min(self.width.saturating_sub(wanted) & !1);
        let x1 = (x0 + wanted).min(self.width);
        let y0 = anchor.y0.checked_sub(height).unwrap_or(anchor.y0);
        let y1 = (y0 + height).min(self.height);

        let ink = self.encoder.ink(color);
        self.fill_span(Span::new(x0, y0, x1, y1), ink);
        self.text((x0 + pad) as i32, y0 as i32, text, size, color.text());
    }
}
