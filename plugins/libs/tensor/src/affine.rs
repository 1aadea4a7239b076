// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use crate::TensorSpec;
use crate::fit::{Fit, Region};
use crate::pixel_format::MAX_SIDE;

/// Where a turned, scaled and shifted crop lies: from a point of the tensor, in elements, to the
/// point of the frame, in pixels, that it shows, both from the top left corner:
/// `x' = xx * x + xy * y + x0`, `y' = yx * x + yy * y + y0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    pub xx: f32,
    pub xy: f32,
    pub x0: f32,
    pub yx: f32,
    pub yy: f32,
    pub y0: f32,
}

impl Affine {
    /// The crop that brings landmarks of a frame (the eyes, nose and corners of the mouth of a
    /// face, the corners of a license plate) as near as can be, in the sense of least squares, to
    /// where a model wants them in its tensor, without shearing or mirroring. At least two points.
    ///
    /// `None` where the points are not equally many or say nothing: fewer than two, all in one
    /// place, or not finite.
    ///
    /// Source: S. Umeyama, "Least-squares estimation of transformation parameters between two
    /// point patterns", IEEE TPAMI 13(4), 1991, without its case of a reflection.
    pub fn from_landmarks(frame: &[(f32, f32)], tensor: &[(f32, f32)]) -> Option<Self> {
        if frame.len() != tensor.len() || frame.len() < 2 {
            return None;
        }
        let mean = |points: &[(f32, f32)]| {
            let sum = points.iter().fold((0.0, 0.0), |(sx, sy), &(x, y)| {
                (sx + f64::from(x), sy + f64::from(y))
            });
            (sum.0 / points.len() as f64, sum.1 / points.len() as f64)
        };
        let (from, to) = (mean(tensor), mean(frame));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (&(tx, ty), &(fx, fy)) in tensor.iter().zip(frame) {
            let (tx, ty) = (f64::from(tx) - from.0, f64::from(ty) - from.1);
            let (fx, fy) = (f64::from(fx) - to.0, f64::from(fy) - to.1);
            dot += tx * fx + ty * fy;
            cross += tx * fy - ty * fx;
            spread += tx * tx + ty * ty;
        }
        let (a, b) = (dot / spread, cross / spread);
        let affine = Self {
            xx: a as f32,
            xy: -b as f32,
            x0: (to.0 - a * from.0 + b * from.1) as f32,
            yx: b as f32,
            yy: a as f32,
            y0: (to.1 - b * from.0 - a * from.1) as f32,
        };
        (affine.is_finite() && a.hypot(b) > 0.0).then_some(affine)
    }

    /// The crop of a box turned by `angle` radians, clockwise, about its centre, laid into a tensor
    /// of `spec` as its resize mode says. What a letterbox would pad shows the frame around.
    pub fn from_turned(rect: &Rect, angle: f32, spec: &TensorSpec) -> Self {
        let side = |length: f32| length.round().clamp(1.0, MAX_SIDE as f32);
        let (width, height) = (side(rect.w), side(rect.h));
        let region = Region {
            x: 0,
            y: 0,
            width: width as u32,
            height: height as u32,
        };
        // In the box, upright, from its corner on.
        let upright = Fit::new(region, (1, 1), spec).transform();
        let (sx, sy) = (
            rect.w / width / upright.scale_x,
            rect.h / height / upright.scale_y,
        );
        let (ox, oy) = (-upright.offset_x * sx, -upright.offset_y * sy);
        let (sin, cos) = angle.sin_cos();
        let (cx, cy) = rect.center();
        let (left, top) = (ox - rect.w / 2.0, oy - rect.h / 2.0);
        Self {
            xx: cos * sx,
            xy: -sin * sy,
            x0: cx + cos * left - sin * top,
            yx: sin * sx,
            yy: cos * sy,
            y0: cy + sin * left + cos * top,
        }
    }

    /// The point of the frame that a point of the tensor shows.
    pub fn to_frame(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.xx * x + self.xy * y + self.x0,
            self.yx * x + self.yy * y + self.y0,
        )
    }

    /// Whether all its numbers are finite.
    pub fn is_finite(&self) -> bool {
        let Self {
            xx,
            xy,
            x0,
            yx,
            yy,
            y0,
        } = self;
        [xx, xy, x0, yx, yy, y0].iter().all(|v| v.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResizeMode;

    /// Where ArcFace wants eyes, nose and mouth in 112×112 (InsightFace).
    const FACE: [(f32, f32); 5] = [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ];

    #[test]
    fn landmarks_turned_scaled_and_shifted_are_found_again() {
        let there = Affine {
            xx: 1.8,
            xy: -0.6,
            x0: 300.0,
            yx: 0.6,
            yy: 1.8,
            y0: -20.0,
        };
        let seen = FACE.map(|(x, y)| there.to_frame(x, y));
        let found = Affine::from_landmarks(&seen, &FACE).unwrap();
        for (x, y) in [(0.0, 0.0), (112.0, 112.0), (56.0, 20.0)] {
            let (a, b) = (there.to_frame(x, y), found.to_frame(x, y));
            assert!(
                (a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3,
                "{a:?} {b:?}"
            );
        }
    }

    #[test]
    fn points_that_say_nothing_make_no_crop() {
        let one = [(1.0, 2.0)];
        assert_eq!(Affine::from_landmarks(&one, &one), None);
        assert_eq!(Affine::from_landmarks(&[(5.0, 5.0); 5], &FACE), None);
        assert_eq!(Affine::from_landmarks(&FACE, &[(5.0, 5.0); 5]), None);
        assert_eq!(Affine::from_landmarks(&FACE[..4], &FACE), None);
        let mut nan = FACE;
        nan[2].0 = f32::NAN;
        assert_eq!(Affine::from_landmarks(&nan, &FACE), None);
    }

    #[test]
    fn a_turned_box_has_its_corners_in_the_tensors_corners() {
        let rect = Rect::new(100.0, 50.0, 40.0, 20.0);
        let stretch = TensorSpec {
            resize: ResizeMode::Stretch,
            ..TensorSpec::new(80, 20)
        };
        let crop = Affine::from_turned(&rect, std::f32::consts::FRAC_PI_2, &stretch);
        // A quarter turn clockwise: its top left corner is at the top right.
        let (x, y) = crop.to_frame(0.0, 0.0);
        assert!(
            (x - 130.0).abs() < 1e-3 && (y - 40.0).abs() < 1e-3,
            "{x} {y}"
        );
        let (x, y) = crop.to_frame(80.0, 20.0);
        assert!(
            (x - 110.0).abs() < 1e-3 && (y - 80.0).abs() < 1e-3,
            "{x} {y}"
        );
    }

    #[test]
    fn a_turned_box_keeps_its_aspect_ratio_where_the_model_wants_that() {
        // 40x20 into 80x80: scaled by 2, with 20 rows above and below.
        let rect = Rect::new(100.0, 50.0, 40.0, 20.0);
        let crop = Affine::from_turned(&rect, 0.0, &TensorSpec::new(80, 80));
        for ((x, y), expected) in [
            ((0.0, 20.0), (100.0, 50.0)),
            ((80.0, 60.0), (140.0, 70.0)),
            ((40.0, 0.0), (120.0, 40.0)),
        ] {
            let (fx, fy) = crop.to_frame(x, y);
            let near = (fx - expected.0).abs() < 1e-3 && (fy - expected.1).abs() < 1e-3;
            assert!(near, "{x} {y}: {fx} {fy}");
        }
    }
}
