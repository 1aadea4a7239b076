// SPDX-License-Identifier: MIT OR Apache-2.0
//! A constant-velocity Kalman filter of a box, in steps of 1/30 s of any length.
//!
//! State: `[cx cy w h | v…]`. Nothing couples the four coordinates in ByteTrack's model, so the
//! 8×8 filter is four 2×2 filters, and no matrix is needed. Deviations are shares of the box's
//! width (for `cx`, `w`) and height (for `cy`, `h`): `σp` = 1/20, `σv` = 1/160 a step.
//!
//! Process noise is that of a random walk in position and velocity, integrated over the step
//! (pp = p·n + v·n³/3, pv = v·n²/2, vv = v·n), so one step of n is exactly n steps of 1. For the
//! same reason the box size that scales the noise is the one at the last correction, not the
//! predicted one.

use lynx_geometry::Rect;
use std::time::Duration;

/// Steps a second: the frame rate that ByteTrack's noise was tuned at.
const STEPS_PER_SECOND: f64 = 30.0;
const SIGMA_POSITION: f64 = 1.0 / 20.0;
const SIGMA_VELOCITY: f64 = 1.0 / 160.0;
/// Noise of a box thinner than this (pixels) would underflow into 0/0.
const MIN_SCALE: f64 = 1e-3;
/// A coasted box does not shrink below this share of its last corrected size: width and height
/// are extrapolated linearly and would otherwise pass zero.
const MIN_SHRINK: f64 = 0.5;

/// Time in the filter's steps of 1/30 s.
pub(crate) fn steps(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * STEPS_PER_SECOND
}

/// One coordinate: value, velocity a step, and their covariance.
#[derive(Debug, Clone, Copy)]
struct Axis {
    position: f64,
    velocity: f64,
    pp: f64,
    pv: f64,
    vv: f64,
}

impl Axis {
    /// ByteTrack's start: twice the position noise, ten times the velocity noise.
    fn new(measured: f64, scale: f64) -> Self {
        let pp = (2.0 * SIGMA_POSITION * scale).powi(2);
        let vv = (10.0 * SIGMA_VELOCITY * scale).powi(2);
        Self {
            position: measured,
            velocity: 0.0,
            pp,
            pv: 0.0,
            vv,
        }
    }

    fn advance(&mut self, n: f64, scale: f64) {
        let p = (SIGMA_POSITION * scale).powi(2);
        let v = (SIGMA_VELOCITY * scale).powi(2);
        self.position += self.velocity * n;
        self.pp += n * (2.0 * self.pv + n * self.vv) + p * n + v * n.powi(3) / 3.0;
        self.pv += n * self.vv + v * n.powi(2) / 2.0;
        self.vv += v * n;
    }

    fn correct(&mut self, measured: f64, scale: f64) {
        let innovation_variance = self.pp + (SIGMA_POSITION * scale).powi(2);
        let gain_position = self.pp / innovation_variance;
        let gain_velocity = self.pv / innovation_variance;
        let innovation = measured - self.position;
        self.position += gain_position * innovation;
        self.velocity += gain_velocity * innovation;
        self.vv -= gain_velocity * self.pv;
        self.pv -= gain_position * self.pv;
        self.pp -= gain_position * self.pp;
    }
}

/// The filtered box of one track.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoxFilter {
    cx: Axis,
    cy: Axis,
    w: Axis,
    h: Axis,
    /// Width and height at the last correction; the unit of all noise.
    scale: (f64, f64),
}

impl BoxFilter {
    pub(crate) fn new(measured: &Rect) -> Self {
        let [cx, cy, w, h] = coordinates(measured);
        let scale = (w.max(MIN_SCALE), h.max(MIN_SCALE));
        Self {
            cx: Axis::new(cx, scale.0),
            cy: Axis::new(cy, scale.1),
            w: Axis::new(w, scale.0),
            h: Axis::new(h, scale.1),
            scale,
        }
    }

    /// Lets `n` steps pass.
    pub(crate) fn advance(&mut self, n: f64) {
        self.cx.advance(n, self.scale.0);
        self.cy.advance(n, self.scale.1);
        self.w.advance(n, self.scale.0);
        self.h.advance(n, self.scale.1);
    }

    /// Takes in a measured box.
    pub(crate) fn correct(&mut self, measured: &Rect) {
        let [cx, cy, w, h] = coordinates(measured);
        self.cx.correct(cx, self.scale.0);
        self.cy.correct(cy, self.scale.1);
        self.w.correct(w, self.scale.0);
        self.h.correct(h, self.scale.1);
        self.scale = (
            self.w.position.max(MIN_SCALE),
            self.h.position.max(MIN_SCALE),
        );
    }

    /// Stops the size from changing, as ByteTrack does with lost tracks: nobody sees how a hidden
    /// object grows, and an extrapolated size soon is nonsense.
    pub(crate) fn freeze_size(&mut self) {
        self.w.velocity = 0.0;
        self.h.velocity = 0.0;
    }

    /// Stops it altogether: the object was seen to stand still.
    pub(crate) fn stop(&mut self) {
        self.cx.velocity = 0.0;
        self.cy.velocity = 0.0;
        self.freeze_size();
    }

    /// The box `n` steps from now, leaving the filter as it is.
    pub(crate) fn rect_after(&self, n: f64) -> Rect {
        let at = |axis: &Axis| axis.position + axis.velocity * n;
        let w = at(&self.w).max(MIN_SHRINK * self.scale.0);
        let h = at(&self.h).max(MIN_SHRINK * self.scale.1);
        Rect::from_center(at(&self.cx) as f32, at(&self.cy) as f32, w as f32, h as f32)
    }
}

fn coordinates(rect: &Rect) -> [f64; 4] {
    let (cx, cy) = rect.center();
    [cx, cy, rect.w, rect.h].map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::BoxFilter;
    use lynx_geometry::Rect;

    fn moving() -> BoxFilter {
        let mut filter = BoxFilter::new(&Rect::new(10.0, 20.0, 30.0, 60.0));
        for i in 1..5 {
            filter.advance(1.0);
            filter.correct(&Rect::new(
                10.0 + 3.0 * i as f32,
                20.0 - i as f32,
                31.0,
                61.0,
            ));
        }
        filter
    }

    /// The numbers are those of the 8x8 filter, written with matrices in numpy.
    #[test]
    fn it_is_the_filter_of_the_papers() {
        let measured = |cx: f32, cy: f32, w, h| Rect::from_center(cx, cy, w, h);
        let mut filter = BoxFilter::new(&measured(100.0, 200.0, 40.0, 80.0));
        for (n, rect) in [
            (1.0, measured(103.0, 199.0, 41.0, 81.0)),
            (2.0, measured(110.0, 197.0, 43.0, 80.0)),
            (1.0, measured(112.0, 197.0, 42.0, 83.0)),
        ] {
            filter.advance(n);
            filter.correct(&rect);
        }
        let BoxFilter { cx, cy, w, h, .. } = filter;
        for (axis, position, velocity, pp, vv) in [
            (cx, 111.91572, 2.39144, 3.371642, 1.539125),
            (cy, 196.87288, -0.58486, 12.042488, 5.906119),
            (w, 42.39742, 0.39953, 3.371642, 1.539125),
            (h, 82.24605, 0.45795, 12.042488, 5.906119),
        ] {
            for (found, expected) in [
                (axis.position, position),
                (axis.velocity, velocity),
                (axis.pp, pp),
                (axis.vv, vv),
            ] {
                assert!((found - expected).abs() < 1e-4, "{found} {expected}");
            }
        }
    }

    #[test]
    fn a_lost_box_moves_on_and_keeps_its_size() {
        let mut filter = moving();
        filter.freeze_size();
        let (now, later) = (filter.rect_after(0.0), filter.rect_after(20.0));
        assert!(later.x > now.x + 10.0, "{now:?} {later:?}");
        assert!((later.w - now.w).abs() < 1e-4 && (later.h - now.h).abs() < 1e-4);
    }

    #[test]
    fn one_step_of_n_equals_n_steps_of_one() {
        let (mut once, mut often) = (moving(), moving());
        once.advance(7.0);
        (0..7).for_each(|_| often.advance(1.0));
        for (a, b) in [
            (once.cx, often.cx),
            (once.cy, often.cy),
            (once.w, often.w),
            (once.h, often.h),
        ] {
            for (a, b) in [
                (a.position, b.position),
                (a.velocity, b.velocity),
                (a.pp, b.pp),
                (a.pv, b.pv),
                (a.vv, b.vv),
            ] {
                assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{a} {b}");
            }
        }
    }

    #[test]
    fn reading_ahead_equals_advancing() {
        let mut filter = moving();
        let ahead = filter.rect_after(4.0);
        filter.advance(4.0);
        assert!(ahead.iou(&filter.rect_after(0.0)) > 0.9999);
    }

    #[test]
    fn velocity_is_learnt_from_positions() {
        let mut filter = BoxFilter::new(&Rect::new(0.0, 0.0, 40.0, 40.0));
        for i in 1..60 {
            filter.advance(1.0);
            filter.correct(&Rect::new(2.0 * i as f32, 0.0, 40.0, 40.0));
        }
        assert!(
            (filter.cx.velocity - 2.0).abs() < 0.01,
            "{}",
            filter.cx.velocity
        );
        assert!(filter.cy.velocity.abs() < 1e-6);
    }

    #[test]
    fn a_shrinking_box_never_coasts_through_zero() {
        let mut filter = BoxFilter::new(&Rect::new(0.0, 0.0, 100.0, 100.0));
        for i in 1..10 {
            filter.advance(1.0);
            filter.correct(&Rect::new(0.0, 0.0, 100.0 - 9.0 * i as f32, 100.0));
        }
        let (last, coasted) = (filter.rect_after(0.0), filter.rect_after(90.0));
        assert!(
            (coasted.w - 0.5 * last.w).abs() < 1e-3,
            "{last:?} {coasted:?}"
        );
    }

    #[test]
    fn covariance_stays_positive_over_hours() {
        let mut filter = BoxFilter::new(&Rect::new(0.0, 0.0, 1e-20, 1e6));
        for _ in 0..200_000 {
            filter.advance(1.0);
            filter.correct(&Rect::new(0.0, 0.0, 1e-20, 1e6));
        }
        for axis in [filter.cx, filter.cy, filter.w, filter.h] {
            assert!(axis.pp > 0.0 && axis.vv > 0.0 && axis.pp * axis.vv > axis.pv * axis.pv);
        }
        assert!(filter.rect_after(0.0).is_valid());
    }
}
