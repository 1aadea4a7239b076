// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a frame lies in a tensor.

use lynx_geometry::Rect;
use proptest::prelude::*;

use crate::fit::{Fit, Region};
use crate::{ResizeMode, TensorSpec, Transform};

fn spec(resize: ResizeMode, width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        resize,
        ..TensorSpec::new(width, height)
    }
}

fn whole(width: u32, height: u32) -> Region {
    Region {
        x: 0,
        y: 0,
        width,
        height,
    }
}

/// The transform and the size of the image in the tensor.
fn fit(width: u32, height: u32, spec: &TensorSpec) -> (Transform, (u32, u32)) {
    let fit = Fit::new(whole(width, height), (1, 1), spec);
    (fit.transform(), (fit.x.len, fit.y.len))
}

#[test]
fn the_sample_clip_fits_as_the_references_fit_it() {
    let (t, size) = fit(768, 576, &spec(ResizeMode::LetterboxTopLeft, 416, 416));
    assert_eq!((size, t.offset_x, t.offset_y), ((416, 312), 0.0, 0.0));
    let (t, size) = fit(768, 576, &spec(ResizeMode::Letterbox, 640, 640));
    assert_eq!((size, t.offset_x, t.offset_y), ((640, 480), 0.0, 80.0));
    assert_eq!((t.scale_x, t.scale_y), (640.0 / 768.0, 480.0 / 576.0));
}

#[test]
fn a_tall_frame_stands_in_the_middle_of_a_wide_tensor() {
    let (t, size) = fit(300, 600, &spec(ResizeMode::Letterbox, 640, 400));
    assert_eq!((size, t.offset_x, t.offset_y), ((200, 400), 220.0, 0.0));
    let frame = t.to_frame(&Rect::new(220.0, 0.0, 200.0, 400.0));
    assert_eq!(frame, Rect::new(0.0, 0.0, 300.0, 600.0));
}

#[test]
fn half_an_element_rounds_to_even_as_python_does_and_yolox_truncates() {
    let size = |w, h, mode| fit(w, h, &spec(mode, 640, 640)).1;
    assert_eq!(size(1280, 721, ResizeMode::Letterbox), (640, 360));
    assert_eq!(size(1280, 723, ResizeMode::Letterbox), (640, 362));
    assert_eq!(size(723, 1280, ResizeMode::Letterbox), (362, 640));
    assert_eq!(size(1280, 723, ResizeMode::LetterboxTopLeft), (640, 361));
}

#[test]
fn an_exact_product_keeps_its_last_element() {
    for side in 1..=2000 {
        let (_, size) = fit(side, side, &spec(ResizeMode::LetterboxTopLeft, 416, 416));
        assert_eq!(size, (416, 416), "a square of {side}");
    }
}

#[test]
fn a_crop_is_the_centre_and_not_resized() {
    let fit = Fit::new(whole(101, 50), (1, 1), &spec(ResizeMode::Crop, 40, 60));
    assert_eq!((fit.x.skip, fit.x.place, fit.x.len), (30, 0, 40));
    assert_eq!((fit.y.skip, fit.y.place, fit.y.len), (0, 5, 50));
    assert_eq!(fit.transform().scale_x, 1.0);
}

#[test]
fn a_resized_crop_fills_the_tensor_from_the_shorter_side() {
    // torchvision: Resize(224) makes 398x224 of 1920x1080, CenterCrop(224) cuts from column 87.
    let fit = Fit::new(
        whole(1920, 1080),
        (1, 1),
        &spec(ResizeMode::CropResize, 224, 224),
    );
    assert_eq!((fit.x.total, fit.x.skip, fit.x.len), (398, 87, 224));
    assert_eq!((fit.y.total, fit.y.skip, fit.y.len), (224, 0, 224));
}

#[test]
fn pixels_that_are_not_square_keep_the_shown_aspect_ratio() {
    // PAL at 16:9: 720x576 of 64:45 is shown 1024 wide.
    let spec = spec(ResizeMode::Letterbox, 640, 640);
    let fit = Fit::new(whole(720, 576), (64, 45), &spec);
    assert_eq!((fit.x.len, fit.y.len, fit.y.place), (640, 360, 140));
    let stretched = TensorSpec {
        resize: ResizeMode::Stretch,
        ..spec
    };
    let fit = Fit::new(whole(720, 576), (64, 45), &stretched);
    assert_eq!((fit.x.len, fit.y.len), (640, 640));
}

fn side() -> impl Strategy<Value = u32> {
    prop_oneof![1..=16_u32, 1..=2000_u32, 1..=16384_u32]
}

proptest! {
    #[test]
    fn a_box_comes_back_from_any_size_within_half_a_pixel(
        frame in (side(), side()),
        tensor in (1..=1280_u32, 1..=1280_u32),
        resize in prop::sample::select(vec![
            ResizeMode::Stretch,
            ResizeMode::Letterbox,
            ResizeMode::LetterboxTopLeft,
            ResizeMode::Crop,
            ResizeMode::CropResize,
        ]),
        aspect in (1..100_u32, 1..100_u32),
        region in prop::array::uniform4(0.0..1.0_f32),
        part in prop::array::uniform4(0.0..1.0_f32),
    ) {
        let (width, height) = (frame.0 as f32, frame.1 as f32);
        let spec = spec(resize, tensor.0, tensor.1);
        let [x, y, w, h] = region;
        let rect = Rect::new(x * width, y * height, w * width + 1.0, h * height + 1.0);
        let region = Region::new(&rect, frame.0, frame.1).unwrap();
        prop_assert!(region.x + region.width <= frame.0 && region.y + region.height <= frame.1);
        let fit = Fit::new(region, aspect, &spec);
        prop_assert!(fit.x.len >= 1 && fit.x.place + fit.x.len <= tensor.0);
        prop_assert!(fit.y.len >= 1 && fit.y.place + fit.y.len <= tensor.1);
        prop_assert!(fit.x.skip + fit.x.len <= fit.x.total && fit.y.skip + fit.y.len <= fit.y.total);

        let t = fit.transform();
        let [x, y, w, h] = part;
        let r = Rect::new(x * width, y * height, w * width, h * height);
        let back = t.to_frame(&t.to_tensor(&r));
        for (a, b) in [(r.x, back.x), (r.y, back.y), (r.w, back.w), (r.h, back.h)] {
            prop_assert!((a - b).abs() < 0.5, "{r:?} became {back:?}");
        }
        // The region's own corner is where its first pixel went.
        let corner = t.to_tensor(&Rect::new(region.x as f32, region.y as f32, 0.0, 0.0));
        let placed = fit.x.place as f32 - fit.x.skip as f32;
        prop_assert!((corner.x - placed).abs() * region.width as f32 <= 0.5 * fit.x.total as f32);
        // And the opposite one where its last pixel went, on both axes.
        let (right, bottom) = (region.x + region.width, region.y + region.height);
        let corner = t.to_tensor(&Rect::new(right as f32, bottom as f32, 0.0, 0.0));
        for (found, axis) in [(corner.x, fit.x), (corner.y, fit.y)] {
            let placed = axis.place as f32 - axis.skip as f32 + axis.total as f32;
            let half_a_pixel = 0.5 * axis.total as f32 / axis.length as f32;
            prop_assert!((found - placed).abs() <= half_a_pixel, "{found} is not {placed}");
        }
    }
}
