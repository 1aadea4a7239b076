// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::FORMATS;
use super::picture::Picture;
use crate::draw::{Color, Face, Format, Labels, TextSize, thickness_for};

const RED: Color = Color::new(230, 40, 30);
const GREY: Color = Color::new(90, 90, 90);

fn is(picture: &Picture, x: usize, y: usize, color: Color) -> bool {
    let wanted = [color.r, color.g, color.b].map(f32::from);
    let found = picture.rgb(x, y);
    found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 3.0)
}

fn count(picture: &Picture, color: Color) -> usize {
    let pixels = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    pixels.filter(|&(x, y)| is(picture, x, y, color)).count()
}

#[test]
fn an_outline_is_inside_its_box_and_hollow() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (40, 30), GREY);
        picture.draw(|c| c.rectangle(&Rect::new(4.0, 6.0, 20.0, 16.0), 2, RED));
        assert_eq!(count(&picture, RED), 20 * 16 - 16 * 12, "{format:?}");
        for (x, y) in [(4, 6), (23, 21), (5, 12), (22, 12), (12, 7), (12, 20)] {
            assert!(is(&picture, x, y, RED), "{format:?} {x} {y}");
        }
        for (x, y) in [(3, 5), (24, 22), (6, 8), (21, 19)] {
            assert!(is(&picture, x, y, GREY), "{format:?} {x} {y}");
        }
    }
}

#[test]
fn a_line_one_pixel_wide_keeps_its_colour() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (41, 31), GREY);
        picture.draw(|c| c.rectangle(&Rect::new(4.0, 6.0, 22.0, 16.0), 1, RED));
        for (x, y) in [(4, 6), (25, 21), (4, 14), (25, 14), (12, 6), (12, 21)] {
            assert!(is(&picture, x, y, RED), "{format:?} {x} {y}");
        }
    }
}

#[test]
fn odd_boxes_are_exact_in_rgb_and_grow_to_even_pixels_in_420() {
    for (format, pixels) in [
        (Format::Rgb, 19 * 13),
        (Format::Nv12, 20 * 14),
        (Format::I420, 20 * 14),
    ] {
        let mut filled = Picture::plain(format, (41, 31), GREY);
        let mut outlined = filled.clone();
        let rect = Rect::new(5.0, 7.0, 19.0, 13.0);
        filled.draw(|c| c.fill(&rect, RED, 255));
        outlined.draw(|c| c.rectangle(&rect, 2, RED));
        let around = |p: &Picture| p.width * p.height - count(p, GREY);
        assert_eq!(around(&filled), pixels, "{format:?}");
        let red = count(&outlined, RED);
        assert_eq!(
            around(&outlined),
            red,
            "{format:?}: luma and chroma end together"
        );
    }
}

#[test]
fn the_last_row_and_column_of_an_odd_frame_are_coloured() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (7, 5), GREY);
        picture.draw(|c| c.fill(&Rect::new(6.0, 4.0, 1.0, 1.0), RED, 255));
        assert!(is(&picture, 6, 4, RED), "{format:?}");
        assert!(is(&picture, 5, 3, GREY), "{format:?}");
    }
}

#[test]
fn a_box_beyond_the_frame_is_closed_at_its_edge() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (20, 20), GREY);
        picture.draw(|c| c.rectangle(&Rect::new(-50.0, -50.0, 60.0, 500.0), 2, RED));
        for (x, y) in [(0, 0), (0, 10), (9, 10), (5, 0), (5, 19)] {
            assert!(is(&picture, x, y, RED), "{format:?} {x} {y}");
        }
        assert!(is(&picture, 10, 10, GREY) && is(&picture, 5, 10, GREY));
    }
}

#[test]
fn an_outline_thicker_than_its_box_fills_it() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (20, 20), GREY);
        picture.draw(|c| {
            c.rectangle(&Rect::new(2.0, 2.0, 6.0, 4.0), u32::MAX, RED);
            c.dashed_rectangle(&Rect::new(12.0, 12.0, 2.0, 2.0), u32::MAX, RED);
        });
        assert_eq!(count(&picture, RED), 6 * 4 + 4, "{format:?}");
    }
}

#[test]
fn a_dashed_box_has_corners_and_gaps() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (100, 80), GREY);
        picture.draw(|c| c.dashed_rectangle(&Rect::new(10.0, 10.0, 80.0, 60.0), 2, RED));
        for (x, y) in [(10, 10), (89, 10), (10, 69), (89, 69)] {
            assert!(is(&picture, x, y, RED), "{format:?} {x} {y}");
        }
        let red = count(&picture, RED) as f32 / (2 * 2 * (80 + 60)) as f32;
        assert!((0.4..0.8).contains(&red), "{format:?} {red}");
    }
}

#[test]
fn alpha_mixes_with_what_is_there() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (8, 8), Color::BLACK);
        picture.draw(|c| {
            c.fill(&Rect::new(0.0, 0.0, 4.0, 8.0), Color::WHITE, 128);
            c.fill(&Rect::new(4.0, 0.0, 4.0, 8.0), Color::WHITE, 0);
        });
        assert!(is(&picture, 1, 1, Color::new(128, 128, 128)), "{format:?}");
        assert!(is(&picture, 5, 5, Color::BLACK), "{format:?}");
    }
}

#[test]
fn what_is_drawn_is_opaque_and_the_rest_keeps_its_alpha() {
    for format in [Format::Rgbx, Format::Bgrx] {
        let mut picture = Picture::new(format, (30, 20), super::BT709, 0);
        picture.draw(|c| {
            c.fill(&Rect::new(0.0, 0.0, 2.0, 2.0), RED, 255);
            c.fill(&Rect::new(4.0, 0.0, 2.0, 2.0), RED, 9);
            c.text(10, 0, "#", TextSize::Small, RED);
        });
        let (data, stride) = &picture.planes[0];
        let alpha = |x: usize, y: usize| data[y * stride + x * 4 + 3];
        assert_eq!([alpha(1, 1), alpha(5, 1), alpha(3, 1)], [255, 255, 0]);
        let touched = (0..20).any(|y| (10..20).any(|x| alpha(x, y) == 255));
        let between = (0..20).all(|y| (20..30).all(|x| alpha(x, y) == 0));
        assert!(touched && between, "{format:?}");
    }
}

#[test]
fn nonsense_draws_nothing() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (20, 20), GREY);
        let before = picture.clone();
        picture.draw(|c| {
            for rect in [
                Rect::new(f32::NAN, 0.0, 5.0, 5.0),
                Rect::new(0.0, 0.0, f32::INFINITY, 5.0),
                Rect::new(5.0, 5.0, -3.0, 3.0),
                Rect::new(5.0, 5.0, 0.0, 3.0),
                Rect::new(50.0, 5.0, 9.0, 9.0),
            ] {
                c.rectangle(&rect, 2, RED);
                c.dashed_rectangle(&rect, 2, RED);
                c.fill(&rect, RED, 255);
                c.label(&rect, "label", TextSize::Small, RED, &mut Labels::default());
            }
            c.rectangle(&Rect::new(1.0, 1.0, 9.0, 9.0), 0, RED);
            c.text(i32::MAX, i32::MIN, "text", TextSize::Large, RED);
            c.text(0, 0, "", TextSize::Large, RED);
        });
        assert!(picture == before, "{format:?}");
    }
}

#[test]
fn lines_grow_with_the_frame() {
    let found = [1, 240, 480, 720, 1080, 2160, 16384].map(thickness_for);
    assert_eq!(found, [1, 1, 2, 2, 3, 6, 8]);
    let found = [1, 480, 719, 720, 1080, 2160].map(|h| TextSize::for_height(h).height());
    assert_eq!(found, [16, 16, 16, 24, 24, 48]);
}

/// What is inside keeps its colour: an odd line would leave colour there without its luma.
#[test]
fn an_odd_thickness_has_no_fringe_where_chroma_is_shared() {
    for format in FORMATS {
        for dashed in [false, true] {
            let mut picture = Picture::plain(format, (61, 41), GREY);
            picture.draw(|c| {
                let rect = Rect::new(5.0, 7.0, 49.0, 27.0);
                match dashed {
                    false => c.rectangle(&rect, 3, RED),
                    true => c.dashed_rectangle(&rect, 3, RED),
                }
            });
            let colours = |x, y| is(&picture, x, y, RED) || is(&picture, x, y, GREY);
            for y in 0..41 {
                for x in 0..61 {
                    assert!(colours(x, y), "{format:?} {dashed}: ({x}, {y})");
                }
            }
        }
    }
}
