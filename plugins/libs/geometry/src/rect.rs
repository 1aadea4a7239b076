// SPDX-License-Identifier: MIT OR Apache-2.0

/// An axis-aligned rectangle: top-left corner, width and height, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Rect {
    /// From the top-left corner and a size.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// From two corners, as `xyxy` model outputs give them.
    pub fn from_corners(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self::new(x0, y0, x1 - x0, y1 - y0)
    }

    /// From the centre and a size, as `cxcywh` model outputs give them.
    pub fn from_center(cx: f32, cy: f32, w: f32, h: f32) -> Self {
        Self::new(cx - w / 2.0, cy - h / 2.0, w, h)
    }

    /// The x of the right edge.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// The y of the bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// The centre as `(cx, cy)`.
    pub fn center(&self) -> (f32, f32) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether a point lies in it, its left and upper edge included.
    pub fn has(&self, x: f32, y: f32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// The area in square pixels; 0 for an empty or inverted rectangle.
    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// The area that two rectangles share, in square pixels.
    pub fn intersection_area(&self, other: &Self) -> f32 {
        let w = self.right().min(other.right()) - self.x.max(other.x);
        let h = self.bottom().min(other.bottom()) - self.y.max(other.y);
        w.max(0.0) * h.max(0.0)
    }

    /// Intersection over union, 0..=1; 0 when both are empty.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection_area(other);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// The rectangle grown on every side by `ratio` of its width and height, as buffered IoU
    /// wants it (C-BIoU, WACV 2023).
    pub fn buffered(&self, ratio: f32) -> Self {
        let (dx, dy) = (self.w * ratio, self.h * ratio);
        Self::new(
            self.x - dx,
            self.y - dy,
            self.w + 2.0 * dx,
            self.h + 2.0 * dy,
        )
    }

    /// The four corners after a turn by `angle` radians, clockwise on screen, about the centre:
    /// what was top left, top right, bottom right, bottom left.
    pub fn turned(&self, angle: f32) -> [(f32, f32); 4] {
        let (cx, cy) = self.center();
        let (sin, cos) = angle.sin_cos();
        let corner = |dx: f32, dy: f32| {
            let (dx, dy) = (dx * self.w / 2.0, dy * self.h / 2.0);
            (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
        };
        [
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ]
    }

    /// The upright rectangle around [`Self::turned`].
    pub fn turned_bounds(&self, angle: f32) -> Self {
        let corners = self.turned(angle);
        let x0 = corners.iter().map(|c| c.0).fold(f32::INFINITY, f32::min);
        let y0 = corners.iter().map(|c| c.1).fold(f32::INFINITY, f32::min);
        let x1 = corners
            .iter()
            .map(|c| c.0)
            .fold(f32::NEG_INFINITY, f32::max);
        let y1 = corners
            .iter()
            .map(|c| c.1)
            .fold(f32::NEG_INFINITY, f32::max);
        Self::from_corners(x0, y0, x1, y1)
    }

    /// The part of the rectangle inside an image of `width` × `height` pixels, `None` when
    /// nothing of it is.
    pub fn clipped(&self, width: f32, height: f32) -> Option<Self> {
        let (x0, y0) = (self.x.max(0.0), self.y.max(0.0));
        let (x1, y1) = (self.right().min(width), self.bottom().min(height));
        (x1 > x0 && y1 > y0).then(|| Self::from_corners(x0, y0, x1, y1))
    }

    /// Whether all four numbers are finite and the size is positive.
    pub fn is_valid(&self) -> bool {
        [self.x, self.y, self.w, self.h]
            .iter()
            .all(|v| v.is_finite())
            && self.w > 0.0
            && self.h > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::Rect;

    #[test]
    fn iou_of_known_pairs() {
        let a = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert_eq!(a.iou(&a), 1.0);
        assert_eq!(
            a.iou(&Rect::new(10.0, 0.0, 10.0, 10.0)),
            0.0,
            "touching edges share nothing"
        );
        assert!((a.iou(&Rect::new(5.0, 0.0, 10.0, 10.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(Rect::default().iou(&Rect::default()), 0.0);
    }

    #[test]
    fn a_buffer_grows_on_every_side() {
        let b = Rect::new(10.0, 20.0, 10.0, 20.0).buffered(0.1);
        assert_eq!(b, Rect::new(9.0, 18.0, 12.0, 24.0));
    }

    #[test]
    fn clipping_keeps_what_is_inside() {
        let r = Rect::new(-5.0, 5.0, 10.0, 100.0);
        assert_eq!(r.clipped(20.0, 20.0), Some(Rect::new(0.0, 5.0, 5.0, 15.0)));
        assert_eq!(Rect::new(30.0, 0.0, 5.0, 5.0).clipped(20.0, 20.0), None);
    }

    #[test]
    fn a_box_is_the_same_by_its_corners_and_by_its_centre() {
        let r = Rect::new(3.0, 50.0, 10.0, 24.0);
        assert_eq!(Rect::from_corners(3.0, 50.0, 13.0, 74.0), r);
        assert_eq!(Rect::from_center(8.0, 62.0, 10.0, 24.0), r);
        assert_eq!(r.center(), (8.0, 62.0));
        assert_eq!((r.right(), r.bottom(), r.area()), (13.0, 74.0, 240.0));
    }

    #[test]
    fn boxes_share_what_lies_in_both() {
        let (a, b) = (
            Rect::new(3.0, 50.0, 10.0, 24.0),
            Rect::new(7.0, 70.0, 30.0, 30.0),
        );
        assert_eq!(a.intersection_area(&b), 6.0 * 4.0);
        assert_eq!(a.iou(&b), 24.0 / (240.0 + 900.0 - 24.0));
    }

    #[test]
    fn what_only_touches_the_frame_is_outside() {
        assert_eq!(Rect::new(20.0, 0.0, 5.0, 5.0).clipped(20.0, 20.0), None);
        assert_eq!(Rect::new(0.0, 20.0, 5.0, 5.0).clipped(20.0, 20.0), None);
    }

    #[test]
    fn a_box_is_valid_with_finite_numbers_and_a_size() {
        assert!(Rect::new(-1.0, -1.0, 0.1, 0.1).is_valid());
        for bad in [
            Rect::new(f32::NAN, 0.0, 1.0, 1.0),
            Rect::new(0.0, f32::INFINITY, 1.0, 1.0),
            Rect::new(0.0, 0.0, 0.0, 1.0),
            Rect::new(0.0, 0.0, 1.0, 0.0),
            Rect::new(0.0, 0.0, -1.0, 1.0),
            Rect::new(0.0, 0.0, 1.0, -1.0),
            Rect::new(0.0, 0.0, f32::INFINITY, 1.0),
        ] {
            assert!(!bad.is_valid(), "{bad:?}");
        }
    }
}
