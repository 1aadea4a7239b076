// SPDX-License-Identifier: MIT OR Apache-2.0
//! One scene in every format. With `LYNX_DRAW_PICTURES=<folder>` set it is also written there as
//! PNG files, to be looked at.

use lynx_geometry::Rect;

use super::picture::Picture;
use super::{BT709, FORMATS};
use crate::draw::{
    Canvas, Color, Colorimetry, Format, Labels, Matrix, Range, TextSize, color_for, thickness_for,
};

/// Something like a street at dusk, one colour for 2×2 pixels.
fn street(x: usize, y: usize, (width, height): (usize, usize)) -> Color {
    let (x, y) = (x & !1, y & !1);
    let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
    let noise = ((x / 2 * 7919 + y / 2 * 104_729) % 13) as f32;
    let (r, g, b) = if v < 0.45 {
        (120.0 + 90.0 * u, 150.0 + 40.0 * v, 205.0 - 60.0 * u)
    } else if (u - 0.5).abs() < 0.12 + (v - 0.45) * 0.6 {
        (70.0 + 30.0 * v, 70.0 + 30.0 * v, 76.0 + 28.0 * v)
    } else {
        (60.0, 96.0 - 40.0 * v, 52.0)
    };
    Color::new((r + noise) as u8, (g + noise) as u8, (b + noise) as u8)
}

fn objects(canvas: &mut Canvas<'_>, width: f32, height: f32) {
    let size = TextSize::for_height(height as u32);
    // Even, as 4:2:0 has it.
    let thickness = thickness_for(height as u32).next_multiple_of(2);
    let names = [
        "person",
        "car",
        "bicycle",
        "dog",
        "truck",
        "motorcycle",
        "café",
    ];
    let mut labels = Labels::default();
    // Even, so that 4:2:0 need not grow them.
    let even = |v: f32| (v / 2.0).round() * 2.0;
    for i in 0..14_u64 {
        let (column, row) = ((i % 5) as f32, (i / 5) as f32);
        let rect = Rect::new(
            even((column * 0.21 - 0.02) * width + 3.0 * row),
            even((row * 0.36 - 0.03 + column * 0.03) * height),
            even((0.08 + 0.02 * row) * width + column),
            even(0.22 * height + column),
        );
        let color = color_for(i);
        let name = names[i as usize % names.len()];
        let text = format!("{name} 0.{} #{i}", 93 - i * 4);
        if i % 5 == 3 {
            canvas.dashed_rectangle(&rect, thickness, color);
        } else {
            canvas.rectangle(&rect, thickness, color);
        }
        canvas.label(&rect, &text, size, color, &mut labels);
    }
    let zone = Rect::new(
        even(0.62 * width),
        even(0.8 * height),
        even(0.3 * width),
        even(0.15 * height),
    );
    canvas.fill(&zone, Color::new(246, 46, 44), 90);
    let (x, y) = (zone.x as i32 + 9, zone.y as i32 + 5);
    canvas.text(x, y, "zone A: 3", size, Color::WHITE);
}

fn scene(format: Format, size: (usize, usize), colorimetry: Colorimetry) -> Picture {
    let mut picture = Picture::new(format, size, colorimetry, 5);
    picture.paint(|x, y| street(x, y, size));
    picture.draw(|c| objects(c, size.0 as f32, size.1 as f32));
    if let Some(folder) = std::env::var_os("LYNX_DRAW_PICTURES") {
        let pixel = |x, y| picture.rgb(x as usize, y as usize).map(|v| v.round() as u8);
        let image =
            image::RgbImage::from_fn(size.0 as u32, size.1 as u32, |x, y| image::Rgb(pixel(x, y)));
        let name = format!("draw-{format:?}-{}.png", size.1).to_lowercase();
        image
            .save(std::path::Path::new(&folder).join(name))
            .unwrap();
    }
    picture
}

#[test]
fn formats_of_one_family_agree_exactly() {
    let size = (641, 361);
    let [nv12, i420, rgb, bgr, rgbx, bgrx, xrgb, xbgr, yuy2, uyvy] =
        FORMATS.map(|format| scene(format, size, BT709));
    for y in 0..size.1 {
        for x in 0..size.0 {
            assert_eq!(nv12.codes(x, y), i420.codes(x, y), "{x} {y}");
            assert_eq!(yuy2.codes(x, y), uyvy.codes(x, y), "{x} {y}");
            for other in [&bgr, &rgbx, &bgrx, &xrgb, &xbgr] {
                assert_eq!(
                    rgb.codes(x, y),
                    other.codes(x, y),
                    "{x} {y} {:?}",
                    other.format
                );
            }
        }
    }
}

/// Luma has to agree everywhere. Colour has to wherever 2×2 pixels are the same, which is all
/// that 4:2:0 can show.
#[test]
fn yuv_shows_what_rgb_shows() {
    let size = (640, 360);
    let rgb = scene(Format::Rgb, size, BT709);
    for matrix in [Matrix::Bt2020, Matrix::Bt601, Matrix::Bt709] {
        for range in [Range::Full, Range::Limited] {
            for format in [Format::Nv12, Format::Yuy2] {
                agree(&rgb, &scene(format, size, Colorimetry { matrix, range }));
            }
        }
    }
}

fn agree(rgb: &Picture, yuv: &Picture) {
    let (kr, kb) = match yuv.colorimetry.matrix {
        Matrix::Bt601 => (0.299, 0.114),
        Matrix::Bt709 => (0.2126, 0.0722),
        Matrix::Bt2020 => (0.2627, 0.0593),
    };
    let mut compared = 0;
    for y in 0..rgb.height {
        for x in 0..rgb.width {
            let [r, g, b] = rgb.rgb(x, y);
            let luma = kr * r + (1.0 - kr - kb) * g + kb * b;
            let code = f32::from(yuv.codes(x, y)[0]);
            let found = match yuv.colorimetry.range {
                Range::Limited => (code - 16.0) * 255.0 / 219.0,
                Range::Full => code,
            };
            assert!(
                (luma - found).abs() < 2.0,
                "luma at ({x}, {y}): {luma} {found}"
            );

            let (x2, y2) = (x & !1, y & !1);
            let block = [(x2, y2), (x2 + 1, y2), (x2, y2 + 1), (x2 + 1, y2 + 1)];
            if block.iter().all(|&(x, y)| rgb.rgb(x, y) == [r, g, b]) {
                compared += 1;
                let found = yuv.rgb(x, y);
                let differs = found
                    .iter()
                    .zip([r, g, b])
                    .any(|(a, b)| (a - b).abs() > 5.0);
                assert!(!differs, "colour at ({x}, {y}): {:?} {found:?}", [r, g, b]);
            }
        }
    }
    let share = compared as f32 / (rgb.width * rgb.height) as f32;
    assert!(share > 0.8, "{share}");
}

#[test]
fn pictures_of_common_sizes_can_be_drawn() {
    for size in [(320, 240), (1280, 720), (1920, 1080)] {
        scene(Format::Nv12, size, BT709);
    }
}
