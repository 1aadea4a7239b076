// SPDX-License-Identifier: MIT OR Apache-2.0
//! A labelled box as text. `UPDATE_GOLDEN=1 cargo test -p lynx-overlay` writes it anew.

use lynx_geometry::Rect;

use super::picture::Picture;
use crate::draw::{Color, Format, Labels, TextSize};

const GOLDEN: &str = include_str!("label.txt");

#[test]
fn a_labelled_box_looks_as_it_did() {
    let mut picture = Picture::plain(Format::Rgb, (64, 40), Color::BLACK);
    let color = Color::new(100, 0, 100);
    picture.draw(|c| {
        let rect = Rect::new(4.0, 18.0, 50.0, 20.0);
        c.dashed_rectangle(&rect, 2, color);
        c.label(
            &rect,
            "Jag 94%",
            TextSize::Small,
            color,
            &mut Labels::default(),
        );
    });
    let mut found = String::new();
    for y in 0..picture.height {
        let row = (0..picture.width).map(|x| match picture.codes(x, y)[0] {
            0 => ' ',
            100 => '.',
            101..150 => ':',
            150..205 => 'o',
            205..250 => '0',
            250..=255 => '#',
            _ => '!',
        });
        let row: String = row.collect();
        found.push_str(row.trim_end());
        found.push('\n');
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/draw/tests/label.txt");
        std::fs::write(path, &found).unwrap();
    } else {
        assert_eq!(found, GOLDEN, "UPDATE_GOLDEN=1 writes it anew");
    }
}
