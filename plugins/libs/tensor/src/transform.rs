// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use crate::{ResizeMode, TensorSpec};

/// Where a frame lies in a tensor: `tensor = frame * scale + offset`, per axis, on pixel edges
/// (a frame `w` wide covers `offset_x .. offset_x + w * scale_x` of the tensor).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    pub scale_x: f32,
    pub scale_y: f32,
    pub offset_x: f32,
    pub offset_y: f32,
}

impl Transform {
    /// The transform that fits a frame of `width` × `height` pixels into `spec`, and the size
    /// in whole elements that the image then has inside the tensor.
    ///
    /// As the reference implementations do, a letterbox scales by the smaller ratio and makes
    /// the image whole elements: Ultralytics rounds (Python's `round`, halves to even), YOLOX
    /// truncates. The centred letterbox puts an odd pad's extra row below and extra column to
    /// the right. A side of 0 counts as 1.
    pub fn fit(width: u32, height: u32, spec: &TensorSpec) -> (Self, (u32, u32)) {
        let (fw, fh) = (width.max(1), height.max(1));
        let (w, h) = match spec.resize {
            ResizeMode::Stretch => (spec.width, spec.height),
            ResizeMode::Letterbox => inside(fw, fh, spec, div_round_ties_even),
            ResizeMode::LetterboxTopLeft => inside(fw, fh, spec, |n, d| n / d),
        };
        let (offset_x, offset_y) = match spec.resize {
            ResizeMode::Letterbox => ((spec.width - w) / 2, (spec.height - h) / 2),
            _ => (0, 0),
        };
        let transform = Self {
            scale_x: w as f32 / fw as f32,
            scale_y: h as f32 / fh as f32,
            offset_x: offset_x as f32,
            offset_y: offset_y as f32,
        };
        (transform, (w, h))
    }

    /// A rectangle of the tensor in pixels of the frame.
    pub fn to_frame(&self, r: &Rect) -> Rect {
        Rect::new(
            (r.x - self.offset_x) / self.scale_x,
            (r.y - self.offset_y) / self.scale_y,
            r.w / self.scale_x,
            r.h / self.scale_y,
        )
    }
}

/// The largest size of the frame's aspect ratio inside the tensor. In whole numbers, because a
/// ratio in floating point makes an exact product such as 416 come out as 415.99997.
fn inside(fw: u32, fh: u32, spec: &TensorSpec, div: impl Fn(u64, u64) -> u64) -> (u32, u32) {
    let [fw, fh, tw, th] = [fw, fh, spec.width, spec.height].map(u64::from);
    let (w, h) = if tw * fh <= th * fw {
        (tw, div(fh * tw, fw))
    } else {
        (div(fw * th, fh), th)
    };
    // Never more than the tensor's side, which is a `u32`.
    (w.clamp(1, tw.max(1)) as u32, h.clamp(1, th.max(1)) as u32)
}

fn div_round_ties_even(n: u64, d: u64) -> u64 {
    let (whole, twice) = (n / d, n % d * 2);
    whole + u64::from(twice > d || (twice == d && whole % 2 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(resize: ResizeMode, width: u32, height: u32) -> TensorSpec {
        TensorSpec {
            resize,
            ..TensorSpec::new(width, height)
        }
    }

    fn to_tensor(t: &Transform, r: &Rect) -> Rect {
        Rect::new(
            r.x * t.scale_x + t.offset_x,
            r.y * t.scale_y + t.offset_y,
            r.w * t.scale_x,
            r.h * t.scale_y,
        )
    }

    #[test]
    fn the_sample_clip_fits_as_the_references_fit_it() {
        let (t, size) = Transform::fit(768, 576, &spec(ResizeMode::LetterboxTopLeft, 416, 416));
        assert_eq!((size, t.offset_x, t.offset_y), ((416, 312), 0.0, 0.0));
        let (t, size) = Transform::fit(768, 576, &spec(ResizeMode::Letterbox, 640, 640));
        assert_eq!((size, t.offset_x, t.offset_y), ((640, 480), 0.0, 80.0));
        assert_eq!((t.scale_x, t.scale_y), (640.0 / 768.0, 480.0 / 576.0));
    }

    #[test]
    fn a_tall_frame_stands_in_the_middle_of_a_wide_tensor() {
        let (t, size) = Transform::fit(300, 600, &spec(ResizeMode::Letterbox, 640, 400));
        assert_eq!((size, t.offset_x, t.offset_y), ((200, 400), 220.0, 0.0));
        let frame = t.to_frame(&Rect::new(220.0, 0.0, 200.0, 400.0));
        assert_eq!(frame, Rect::new(0.0, 0.0, 300.0, 600.0));
    }

    #[test]
    fn half_an_element_rounds_to_even_as_python_does_and_yolox_truncates() {
        let size = |w, h, mode| Transform::fit(w, h, &spec(mode, 640, 640)).1;
        assert_eq!(size(1280, 721, ResizeMode::Letterbox), (640, 360));
        assert_eq!(size(1280, 723, ResizeMode::Letterbox), (640, 362));
        assert_eq!(size(723, 1280, ResizeMode::Letterbox), (362, 640));
        assert_eq!(size(1280, 723, ResizeMode::LetterboxTopLeft), (640, 361));
    }

    #[test]
    fn an_exact_product_keeps_its_last_element() {
        for side in 1..=2000 {
            let (_, size) =
                Transform::fit(side, side, &spec(ResizeMode::LetterboxTopLeft, 416, 416));
            assert_eq!(size, (416, 416), "a square of {side}");
        }
    }

    #[test]
    fn a_box_comes_back_from_any_size_within_half_a_pixel() {
        for (w, h) in [
            (1, 1),
            (1, 4000),
            (4000, 1),
            (641, 359),
            (768, 576),
            (1919, 1081),
        ] {
            for mode in [
                ResizeMode::Stretch,
                ResizeMode::Letterbox,
                ResizeMode::LetterboxTopLeft,
            ] {
                let (t, size) = Transform::fit(w, h, &spec(mode, 640, 416));
                assert!(size.0 >= 1 && size.1 >= 1 && size.0 <= 640 && size.1 <= 416);
                let r = Rect::new(0.3, 0.6, w as f32 * 0.5, h as f32 * 0.25);
                let back = t.to_frame(&to_tensor(&t, &r));
                for (a, b) in [(r.x, back.x), (r.y, back.y), (r.w, back.w), (r.h, back.h)] {
                    assert!(
                        (a - b).abs() < 0.5,
                        "{w}x{h} {mode:?}: {r:?} became {back:?}"
                    );
                }
            }
        }
    }
}
