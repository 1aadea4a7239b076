// SPDX-License-Identifier: MIT OR Apache-2.0
//! A box to a fraction of a pixel, beside metadata that holds whole pixels.

use lynx_geometry::Rect;

/// Corners as fractions of the frame's width and height: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Corners(pub [f64; 4]);

impl Corners {
    pub(crate) fn of(rect: Rect, size: (u32, u32)) -> Self {
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        Self([
            f64::from(rect.x) / width,
            f64::from(rect.y) / height,
            f64::from(rect.right()) / width,
            f64::from(rect.bottom()) / height,
        ])
    }

    /// The exact box, as long as it still says the same as the whole pixels: an element that
    /// cropped the frame moved the one and not the other.
    pub(crate) fn refine(self, whole: Rect, size: (u32, u32)) -> Rect {
        let [x0, y0, x1, y1] = self.0;
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let exact = Rect::from_corners(
            (x0 * width) as f32,
            (y0 * height) as f32,
            (x1 * width) as f32,
            (y1 * height) as f32,
        );
        let near = |a: f32, b: f32| (a - b).abs() <= 1.5;
        let agree = |exact: Rect| {
            near(exact.x, whole.x)
                && near(exact.y, whole.y)
                && near(exact.right(), whole.right())
                && near(exact.bottom(), whole.bottom())
        };
        // A turned box may reach beyond the frame, where a region of interest cannot follow.
        let inside = exact.clipped(size.0 as f32, size.1 as f32);
        let same = agree(exact) || inside.is_some_and(agree);
        if same { exact } else { whole }
    }
}

/// The whole pixels that a box inside the frame covers: left, top, width, height. At least one
/// pixel, and inside the frame: some readers crop to it.
pub(crate) fn whole(rect: Rect, size: (u32, u32)) -> (u32, u32, u32, u32) {
    let x0 = (rect.x.round() as u32).min(size.0.saturating_sub(1));
    let y0 = (rect.y.round() as u32).min(size.1.saturating_sub(1));
    let x1 = (rect.right().round() as u32).max(x0 + 1);
    let y1 = (rect.bottom().round() as u32).max(y0 + 1);
    (x0, y0, x1 - x0, y1 - y0)
}
