// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::FORMATS;
use super::picture::Picture;
use crate::draw::{Color, Face, Format, Labels, TextSize};

const BACK: Color = Color::new(60, 60, 60);
const STRIP: Color = Color::new(250, 200, 30);

/// The bounds `(x0, y0, x1, y1)` of what changed in an RGB frame of 200×100 pixels.
fn changed(draw: impl FnOnce(&mut crate::draw::Canvas<'_>)) -> Option<[usize; 4]> {
    let mut picture = Picture::plain(Format::Rgb, (200, 100), BACK);
    picture.draw(draw);
    let all = (0..100).flat_map(|y| (0..200).map(move |x| (x, y)));
    let hit = all.filter(|&(x, y)| picture.codes(x, y) != [60, 60, 60]);
    hit.fold(None, |bounds, (x, y)| {
        let [x0, y0, x1, y1] = bounds.unwrap_or([x, y, x + 1, y + 1]);
        Some([x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1)])
    })
}

fn label(x: f32, y: f32, text: &str) -> Option<[usize; 4]> {
    let anchor = Rect::new(x, y, 40.0, 30.0);
    changed(|c| {
        c.label(
            &anchor,
            text,
            TextSize::Small,
            STRIP,
            &mut Labels::default(),
        )
    })
}

/// Four characters of 7 pixels and 4 pixels on either side.
const WIDE: usize = 4 * 7 + 8;

#[test]
fn a_label_sits_on_its_box() {
    assert_eq!(label(50.0, 40.0, "cat7"), Some([50, 24, 50 + WIDE, 40]));
}

#[test]
fn a_label_without_room_above_goes_inside() {
    assert_eq!(label(50.0, 10.0, "cat7"), Some([50, 10, 50 + WIDE, 26]));
    assert_eq!(label(50.0, -9.0, "cat7"), Some([50, 0, 50 + WIDE, 16]));
}

#[test]
fn a_label_that_would_leave_at_the_right_moves_left() {
    assert_eq!(label(190.0, 40.0, "cat7"), Some([200 - WIDE, 24, 200, 40]));
    assert_eq!(label(-20.0, 40.0, "cat7"), Some([0, 24, WIDE, 40]));
}

#[test]
fn a_label_wider_than_the_frame_is_cut_off() {
    assert_eq!(label(90.0, 40.0, &"x".repeat(99)), Some([0, 24, 200, 40]));
}

#[test]
fn an_empty_label_and_a_box_outside_draw_nothing() {
    assert_eq!(label(50.0, 40.0, ""), None);
    assert_eq!(label(250.0, 40.0, "cat7"), None);
    assert_eq!(label(50.0, -40.0, "cat7"), None);
}

#[test]
fn what_the_font_lacks_is_a_question_mark() {
    let drawn = |text: &str| {
        let mut picture = Picture::plain(Format::Nv12, (200, 40), BACK);
        picture.draw(|c| c.text(3, 3, text, TextSize::Medium, Color::WHITE));
        picture.planes
    };
    assert_eq!(drawn("a\u{4eba}b\n\u{1f600}"), drawn("a?b??"));
    assert_ne!(drawn("é"), drawn("?"), "Latin-1 is there");
}

#[test]
fn text_longer_than_a_run_goes_on() {
    let text = "The quick brown fox jumps over the lazy dog, twice";
    for format in FORMATS {
        for x in [-41, 6, 7] {
            let mut whole = Picture::plain(format, (640, 32), BACK);
            let mut single = whole.clone();
            whole.draw(|c| c.text(x, 4, text, TextSize::Medium, Color::WHITE));
            single.draw(|c| {
                for (i, letter) in text.chars().enumerate() {
                    let letter = letter.to_string();
                    c.text(
                        x + 11 * i as i32,
                        4,
                        &letter,
                        TextSize::Medium,
                        Color::WHITE,
                    );
                }
            });
            for y in 0..32 {
                for x in 0..640 {
                    let pairs = whole.codes(x, y).into_iter().zip(single.codes(x, y));
                    for (a, b) in pairs {
                        assert!(a.abs_diff(b) <= 1, "{format:?} {x} {y}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_last_column_of_an_odd_frame_gets_the_colour_of_text() {
    for format in FORMATS {
        let mut picture = Picture::plain(format, (5, 24), BACK);
        let before = picture.clone();
        picture.draw(|c| c.text(0, 0, "M", TextSize::Medium, Color::new(255, 0, 0)));
        let changed = |y| picture.codes(4, y)[2] != before.codes(4, y)[2];
        assert!((0..24).any(changed), "{format:?}");
    }
}

#[test]
fn text_is_as_wide_as_it_says() {
    for size in [TextSize::Small, TextSize::Medium, TextSize::Large] {
        let bounds = changed(|c| c.text(20, 10, "@@@@", size, Color::WHITE));
        let [x0, y0, x1, y1] = bounds.unwrap();
        let (w, h) = (size.width("@@@@") as usize, size.height() as usize);
        assert!(x0 >= 20 && x1 <= 20 + w && x1 - x0 > w * 9 / 10, "{size:?}");
        assert!(y0 >= 10 && y1 <= 10 + h && y1 - y0 > h / 2, "{size:?}");
    }
}

#[test]
fn labels_of_boxes_that_lie_close_do_not_cover_each_other() {
    let mut picture = Picture::plain(Format::Rgb, (200, 100), BACK);
    let colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)];
    picture.draw(|c| {
        let mut labels = Labels::default();
        for (i, (r, g, b)) in colors.into_iter().enumerate() {
            let rect = Rect::new(60.0 + 4.0 * i as f32, 40.0, 40.0, 36.0);
            c.label(
                &rect,
                "cat7",
                TextSize::Small,
                Color::new(r, g, b),
                &mut labels,
            );
        }
    });
    // The whole strip of each is there, but for the letters on it.
    for (r, g, b) in colors {
        let all = (0..100).flat_map(|y| (0..200).map(move |x| (x, y)));
        let found = all
            .filter(|&(x, y)| picture.codes(x, y) == [r, g, b])
            .count();
        assert!(found > WIDE * 16 / 2, "{r} {g} {b}: {found}");
    }
}

#[test]
fn where_there_is_no_room_a_label_covers_least() {
    let mut labels = Labels::default();
    let mut picture = Picture::plain(Format::Nv12, (60, 20), BACK);
    picture.draw(|c| {
        for _ in 0..9 {
            c.label(
                &Rect::new(2.0, 2.0, 50.0, 16.0),
                "cat7",
                TextSize::Small,
                STRIP,
                &mut labels,
            );
        }
    });
}

#[test]
fn a_label_lies_in_the_frame_as_long_as_that_is_high_enough() {
    let mut labels = Labels::default();
    for _ in 0..8 {
        let bounds = changed(|c| {
            let anchor = Rect::new(50.0, 94.0, 40.0, 30.0);
            c.label(&anchor, "cat7", TextSize::Small, STRIP, &mut labels);
        });
        let [_, y0, _, y1] = bounds.unwrap();
        assert_eq!(y1 - y0, 16);
    }
}
