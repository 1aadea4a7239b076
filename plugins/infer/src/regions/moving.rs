// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

/// What to look at of a frame of `size` (width, height) pixels in which `moving` moves: that, and
/// around it as much as the model's input of `input` pixels has room for, so that nothing is
/// enlarged that need not be. Moved into the frame where it reaches beyond.
pub(crate) fn around(moving: &Rect, size: (u32, u32), input: (u32, u32)) -> Rect {
    let axis = |from: f32, length: f32, side: u32, room: u32| {
        let side = side as f32;
        let long = length.max(room as f32).min(side);
        let start = from + (length - long) / 2.0;
        (start.clamp(0.0, side - long), long)
    };
    let (x, w) = axis(moving.x, moving.w, size.0, input.0);
    let (y, h) = axis(moving.y, moving.h, size.1, input.1);
    Rect::new(x, y, w, h)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (1920, 1080);

    #[test]
    fn what_is_small_gets_as_much_around_it_as_the_model_takes() {
        let found = around(&Rect::new(900.0, 500.0, 40.0, 80.0), SIZE, (640, 640));
        assert_eq!(found, Rect::new(600.0, 220.0, 640.0, 640.0));
    }

    #[test]
    fn at_an_edge_it_is_moved_into_the_frame() {
        let found = around(&Rect::new(1900.0, 0.0, 20.0, 20.0), SIZE, (640, 640));
        assert_eq!(found, Rect::new(1280.0, 0.0, 640.0, 640.0));
        let found = around(&Rect::new(0.0, 0.0, 9.0, 9.0), (320, 240), (640, 640));
        assert_eq!(
            found,
            Rect::new(0.0, 0.0, 320.0, 240.0),
            "all of a small frame"
        );
    }

    #[test]
    fn what_is_large_is_looked_at_as_it_is() {
        let all = Rect::new(100.0, 50.0, 1500.0, 900.0);
        assert_eq!(around(&all, SIZE, (640, 640)), all);
    }
}
