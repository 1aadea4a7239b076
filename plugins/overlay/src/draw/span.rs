// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

/// A rectangle of whole samples within a plane, never empty: `x0..x1` by `y0..y1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) x0: usize,
    pub(super) y0: usize,
    pub(super) x1: usize,
    pub(super) y1: usize,
}

impl Span {
    /// `None` when empty.
    pub(super) fn new(x0: usize, y0: usize, x1: usize, y1: usize) -> Option<Self> {
        (x0 < x1 && y0 < y1).then_some(Self { x0, y0, x1, y1 })
    }

    /// All pixels of a frame that `rect` touches; `None` when it touches none, is not finite or
    /// has no area.
    pub(super) fn covering(rect: &Rect, width: usize, height: usize) -> Option<Self> {
        if !rect.is_valid() {
            return None;
        }
        // Casts from float saturate, so what lies left of or above the frame becomes 0.
        let first = |v: f32| v.floor() as usize;
        let end = |v: f32, limit: usize| (v.ceil() as usize).min(limit);
        Self::new(
            first(rect.x),
            first(rect.y),
            end(rect.right(), width),
            end(rect.bottom(), height),
        )
    }

    /// Grown to even pixels, as far as the frame goes.
    pub(super) fn even(self, width: usize, height: usize) -> Self {
        Self {
            x0: self.x0 & !1,
            y0: self.y0 & !1,
            x1: self.x1.next_multiple_of(2).min(width),
            y1: self.y1.next_multiple_of(2).min(height),
        }
    }

    /// The samples of a half-size plane that have any of these pixels.
    pub(super) fn halved(self) -> Self {
        Self {
            x0: self.x0 / 2,
            y0: self.y0 / 2,
            x1: self.x1.div_ceil(2),
            y1: self.y1.div_ceil(2),
        }
    }

    pub(super) fn width(self) -> usize {
        self.x1 - self.x0
    }

    pub(super) fn height(self) -> usize {
        self.y1 - self.y0
    }
}

#[cfg(test)]
mod tests {
    use lynx_geometry::Rect;

    use super::Span;

    fn covering(x: f32, y: f32, w: f32, h: f32) -> Option<Span> {
        Span::covering(&Rect::new(x, y, w, h), 100, 50)
    }

    #[test]
    fn fractions_are_covered() {
        assert_eq!(covering(1.2, 2.0, 3.0, 4.5), Span::new(1, 2, 5, 7));
        assert_eq!(covering(1.2, 2.2, 0.1, 0.1), Span::new(1, 2, 2, 3));
    }

    #[test]
    fn what_is_outside_is_cut_off() {
        assert_eq!(covering(-9.0, -9.0, 1e9, 1e9), Span::new(0, 0, 100, 50));
        assert_eq!(covering(-9.0, 0.0, 9.0, 9.0), None);
        assert_eq!(covering(0.0, -9.5, 9.0, 9.0), None);
        assert_eq!(covering(100.0, 0.0, 9.0, 9.0), None);
        assert_eq!(covering(3e38, 0.0, 3e38, 9.0), None);
    }

    #[test]
    fn nonsense_covers_nothing() {
        assert_eq!(covering(f32::NAN, 0.0, 9.0, 9.0), None);
        assert_eq!(covering(0.0, 0.0, f32::NAN, 9.0), None);
        assert_eq!(covering(f32::NEG_INFINITY, 0.0, f32::INFINITY, 9.0), None);
        assert_eq!(covering(9.0, 9.0, -5.0, 5.0), None);
        assert_eq!(covering(9.0, 9.0, 5.0, 0.0), None);
    }

    #[test]
    fn a_half_size_plane_keeps_thin_lines() {
        let thin = Span::new(3, 5, 4, 6).map(Span::halved);
        assert_eq!(thin, Span::new(1, 2, 2, 3));
        let across = Span::new(3, 5, 5, 7).map(Span::halved);
        assert_eq!(across, Span::new(1, 2, 3, 4));
    }
}
