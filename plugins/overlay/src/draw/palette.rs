// SPDX-License-Identifier: MIT OR Apache-2.0

use super::Color;

/// Hues a golden angle (137.508°) apart in OKLCH from green on, so that neighbouring numbers look
/// most different. Each has nearly the most chroma that sRGB has for its hue. The first twelve
/// are vivid (lightness 0.63..=0.84), the others deep (0.50..=0.60).
///
/// OKLCH: B. Ottosson, "A perceptual color space for image processing", 2020.
const COLORS: [Color; 24] = [
    Color::new(0x49, 0xf0, 0x5e),
    Color::new(0x7c, 0x71, 0xfc),
    Color::new(0xfc, 0x91, 0x18),
    Color::new(0x23, 0xe6, 0xea),
    Color::new(0xeb, 0x51, 0xd1),
    Color::new(0xcd, 0xd5, 0x1e),
    Color::new(0x14, 0x95, 0xfb),
    Color::new(0xf6, 0x2e, 0x2c),
    Color::new(0x23, 0xed, 0xaf),
    Color::new(0xa7, 0x57, 0xfa),
    Color::new(0xfd, 0xb8, 0x1c),
    Color::new(0x20, 0xd6, 0xfc),
    Color::new(0xb1, 0x0d, 0x69),
    Color::new(0x58, 0x93, 0x0f),
    Color::new(0x37, 0x48, 0xe5),
    Color::new(0xa2, 0x48, 0x09),
    Color::new(0x12, 0x94, 0x88),
    Color::new(0x9b, 0x0e, 0xad),
    Color::new(0x91, 0x81, 0x0e),
    Color::new(0x0c, 0x72, 0xa3),
    Color::new(0xb7, 0x0d, 0x3d),
    Color::new(0x12, 0x99, 0x52),
    Color::new(0x6a, 0x34, 0xda),
    Color::new(0xaa, 0x6a, 0x0d),
];

/// The colour of a track's id or of a class's index: always the same one for the same number,
/// and another one for each of 24 numbers in a row.
pub fn color_for(id: u64) -> Color {
    COLORS[(id % COLORS.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::{COLORS, Color, color_for};

    /// Where a colour is in OKLab: distances there are how different colours look.
    fn oklab(color: Color) -> [f32; 3] {
        let [r, g, b] = [color.r, color.g, color.b].map(|v| (f32::from(v) / 255.0).powf(2.2));
        let l = (0.41222 * r + 0.53633 * g + 0.05145 * b).cbrt();
        let m = (0.21190 * r + 0.68070 * g + 0.10740 * b).cbrt();
        let s = (0.08830 * r + 0.28172 * g + 0.62998 * b).cbrt();
        [
            0.21045 * l + 0.79362 * m - 0.00407 * s,
            1.97800 * l - 2.42859 * m + 0.45059 * s,
            0.02590 * l + 0.78277 * m - 0.80868 * s,
        ]
    }

    fn difference(a: Color, b: Color) -> f32 {
        let (a, b) = (oklab(a), oklab(b));
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>().sqrt()
    }

    #[test]
    fn an_id_keeps_its_colour() {
        assert_eq!(color_for(7), color_for(7));
        assert_eq!(color_for(7), color_for(31));
        assert_ne!(color_for(u64::MAX), color_for(u64::MAX - 1));
    }

    #[test]
    fn colours_differ_and_neighbours_differ_more() {
        for (i, &a) in COLORS.iter().enumerate() {
            for &b in &COLORS[i + 1..] {
                assert!(difference(a, b) > 0.05, "{a:?} looks like {b:?}");
            }
            let next = color_for(i as u64 + 1);
            assert!(difference(a, next) > 0.17, "{a:?} looks like {next:?}");
        }
    }

    #[test]
    fn text_can_be_read_on_every_colour() {
        for color in COLORS {
            let (on, under) = (color.text().luminance(), color.luminance());
            let contrast = (on.max(under) + 0.05) / (on.min(under) + 0.05);
            assert!(contrast >= 4.5, "{color:?}: {contrast}");
        }
    }
}
