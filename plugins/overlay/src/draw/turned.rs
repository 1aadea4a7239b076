// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::{Canvas, Color};

impl Canvas<'_> {
    /// Draws the outline of a box that is turned by `angle` radians, clockwise, about its centre;
    /// `thickness` pixels wide and inside the box. What lies outside the frame is cut off.
    pub fn turned_rectangle(&mut self, rect: &Rect, angle: f32, thickness: u32, color: Color) {
        if !rect.is_valid() || !angle.is_finite() || thickness == 0 {
            return;
        }
        let t = (thickness as f32).min(rect.w / 2.0).min(rect.h / 2.0);
        let outer = rect.turned(angle);
        let inner = Rect::new(rect.x + t, rect.y + t, rect.w - 2.0 * t, rect.h - 2.0 * t);
        let inner = inner.turned(angle);
        for i in 0..4 {
            let j = (i + 1) % 4;
            self.fill_convex([outer[i], outer[j], inner[j], inner[i]], color);
        }
    }

    /// Fills a convex shape, row by row; in 4:2:0 by pairs of rows, which share their chroma.
    pub(super) fn fill_convex(&mut self, corners: [(f32, f32); 4], color: Color) {
        let ink = self.encoder.ink(color);
        let step = self.step();
        let top = corners.iter().map(|c| c.1).fold(f32::INFINITY, f32::min);
        let bottom = corners.iter().map(|c| c.1).fold(0.0, f32::max);
        // Casts from float saturate, so what lies above the frame becomes 0.
        let first = top.floor() as usize / step * step;
        let end = (bottom.ceil() as usize).min(self.height);
        for y in (first..end).step_by(step) {
            let Some((x0, x1)) = extent(&corners, y as f32, (y + step) as f32) else {
                continue;
            };
            let row = Rect::from_corners(x0, y as f32, x1.max(x0 + 0.1), (y + step) as f32);
            let span = self.cover(&row);
            self.fill_span(span, ink);
        }
    }
}

/// From where to where in x a shape reaches between two heights.
fn extent(corners: &[(f32, f32); 4], y0: f32, y1: f32) -> Option<(f32, f32)> {
    let mut found: Option<(f32, f32)> = None;
    for (i, &(ax, ay)) in corners.iter().enumerate() {
        let (bx, by) = corners[(i + 1) % 4];
        let (low, high) = (ay.min(by).max(y0), ay.max(by).min(y1));
        if low > high {
            continue;
        }
        let at = |y: f32| match by - ay {
            0.0 => ax,
            dy => ax + (bx - ax) * (y - ay) / dy,
        };
        for x in [at(low), at(high), if ay == by { bx } else { at(low) }] {
            let (x0, x1) = found.unwrap_or((x, x));
            found = Some((x0.min(x), x1.max(x)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};

    use super::*;
    use crate::draw::{Colorimetry, Format, PlaneMut};

    const SIDE: usize = 64;

    /// Which pixels of a black frame a box turned by `angle` lights up.
    fn drawn(format: Format, rect: Rect, angle: f32) -> Vec<bool> {
        let step = if format == Format::Rgb { 3 } else { 1 };
        let mut luma = vec![16; SIDE * SIDE * step];
        let mut chroma = vec![128; SIDE * SIDE / 2];
        let mut planes = vec![PlaneMut {
            data: &mut luma,
            stride: SIDE * step,
        }];
        if format == Format::Nv12 {
            planes.push(PlaneMut {
                data: &mut chroma,
                stride: SIDE,
            });
        }
        let side = SIDE as u32;
        let mut canvas =
            Canvas::new(format, side, side, Colorimetry::default(), &mut planes).unwrap();
        canvas.turned_rectangle(&rect, angle, 2, Color::new(255, 255, 255));
        drop(planes);
        luma.chunks(step).map(|p| p[0] != 16).collect()
    }

    #[test]
    fn the_outline_is_where_the_turned_box_is() {
        let rect = Rect::new(12.0, 22.0, 40.0, 20.0);
        for format in [Format::Rgb, Format::Nv12] {
            for angle in [0.3, FRAC_PI_4, -1.0, 2.0] {
                let pixels = drawn(format, rect, angle);
                for (i, &lit) in pixels.iter().enumerate() {
                    let (x, y) = ((i % SIDE) as f32 + 0.5, (i / SIDE) as f32 + 0.5);
                    // In the box's own coordinates, about its centre.
                    let (sin, cos) = angle.sin_cos();
                    let (dx, dy) = (x - 32.0, y - 32.0);
                    let (u, v) = ((dx * cos + dy * sin).abs(), (dy * cos - dx * sin).abs());
                    let (inside, hole) = (u < 20.0 && v < 10.0, u < 18.0 && v < 8.0);
                    let far_outside = u > 23.0 || v > 13.0;
                    let deep_inside = u < 15.0 && v < 5.0;
                    assert!(lit || !inside || hole, "{format:?} {angle}: gap at {x},{y}");
                    assert!(
                        !lit || !(far_outside || deep_inside),
                        "{format:?} {angle}: stray at {x},{y}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_quarter_turn_swaps_the_sides() {
        let wide = drawn(Format::Rgb, Rect::new(12.0, 22.0, 40.0, 20.0), FRAC_PI_2);
        assert!(wide[12 * SIDE + 32] || wide[13 * SIDE + 32]);
        assert!(!wide[32 * SIDE + 13]);
    }

    #[test]
    fn what_reaches_outside_is_cut_off_and_nonsense_draws_nothing() {
        let out = drawn(Format::Nv12, Rect::new(-50.0, -50.0, 120.0, 200.0), 0.5);
        assert_eq!(out.len(), SIDE * SIDE);
        for (rect, angle) in [
            (Rect::new(f32::NAN, 0.0, 9.0, 9.0), 0.5),
            (Rect::new(0.0, 0.0, 9.0, 9.0), f32::NAN),
            (Rect::new(0.0, 0.0, 0.0, 9.0), 0.5),
        ] {
            assert!(!drawn(Format::Rgb, rect, angle).contains(&true));
        }
    }
}
