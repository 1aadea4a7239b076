// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines and areas that are no rectangles.

use super::span::Span;
use super::{Canvas, Color};

/// Corners that an area may have; further ones are ignored.
pub const MOST_CORNERS: usize = 64;

impl Canvas<'_> {
    /// Draws a line from one point to another, `thickness` pixels wide.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: u32, color: Color) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if !length.is_finite() || thickness == 0 {
            return;
        }
        let half = thickness as f32 / 2.0;
        // A point is a square.
        let (ux, uy) = if length > 0.0 {
            (dx / length * half, dy / length * half)
        } else {
            (half, 0.0)
        };
        // The ends reach half a thickness further, so that lines that meet have no gap.
        let (a, b) = ((from.0 - ux, from.1 - uy), (to.0 + ux, to.1 + uy));
        self.fill_convex(
            [
                (a.0 - uy, a.1 + ux),
                (b.0 - uy, b.1 + ux),
                (b.0 + uy, b.1 - ux),
                (a.0 + uy, a.1 - ux),
            ],
            color,
        );
    }

    /// Tints an area with these corners (even-odd rule), at most [`MOST_CORNERS`]; `alpha` 255
    /// hides what was there.
    pub fn area(&mut self, corners: &[(f32, f32)], color: Color, alpha: u8) {
        let corners = &corners[..corners.len().min(MOST_CORNERS)];
        if corners.len() < 3 || !corners.iter().all(|c| c.0.is_finite() && c.1.is_finite()) {
            return;
        }
        let ink = self.encoder.ink(color);
        let step = self.step();
        let top = corners.iter().map(|c| c.1).fold(f32::INFINITY, f32::min);
        let bottom = corners.iter().map(|c| c.1).fold(0.0, f32::max);
        // Casts from float saturate, so what lies above the frame becomes 0.
        let first = top.floor() as usize / step * step;
        let end = (bottom.ceil() as usize).min(self.height);
        for y in (first..end).step_by(step) {
            let middle = y as f32 + step as f32 / 2.0;
            let mut crossings = [0.0_f32; MOST_CORNERS];
            let mut count = 0;
            for (i, &(ax, ay)) in corners.iter().enumerate() {
                let (bx, by) = corners[(i + 1) % corners.len()];
                if (ay <= middle) != (by <= middle) {
                    crossings[count] = ax + (bx - ax) * (middle - ay) / (by - ay);
                    count += 1;
                }
            }
            let crossings = &mut crossings[..count];
            crossings.sort_unstable_by(f32::total_cmp);
            for pair in crossings.as_chunks::<2>().0 {
                self.tint_span(self.inside(y, pair[0], pair[1]), ink, alpha);
            }
        }
    }

    /// The pixels of a row whose centres are between `x0` and `x1`, so that areas side by side share
    /// none.
    fn inside(&self, y: usize, x0: f32, x1: f32) -> Option<Span> {
        let step = self.step();
        let across = 0.0..=self.width as f32;
        let grid = |v: f32| {
            let v = v.clamp(*across.start(), *across.end());
            (((v / step as f32).round() as usize) * step).min(self.width)
        };
        Span::new(grid(x0), y, grid(x1), (y + step).min(self.height))
    }
}
