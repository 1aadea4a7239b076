// SPDX-License-Identifier: MIT OR Apache-2.0

use super::Color;

/// Colours that people with any common colour vision can tell apart: those of Okabe and Ito without
/// black, and a light grey. Of all orders this is the one whose
/// neighbours differ most.
///
/// M. Okabe and K. Ito, "Color Universal Design", 2008.
const COLORS: [Color; 8] = [
    Color::new(0xe6, 0x9f, 0x00),
    Color::new(0xd5, 0x5e, 0x00),
    Color::new(0x00, 0x72, 0xb2),
    Color::new(0x56, 0xb4, 0xe9),
    Color::new(0xdd, 0xdd, 0xdd),
    Color::new(0xcc, 0x79, 0xa7),
    Color::new(0xf0, 0xe4, 0x42),
    Color::new(0x00, 0x9e, 0x73),
];

/// The colour of a track's id or of a class's index: always the same one for the same number,
/// and another one for each of 8 numbers in a row.
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
        assert_eq!(color_for(7), color_for(15));
        assert_ne!(color_for(u64::MAX), color_for(u64::MAX - 1));
    }

    /// What somebody sees who lacks a kind of cones (G. Machado et al., "A Physiologically-based
    /// Model for Simulation of Color Vision Deficiency", IEEE TVCG 2009, severity 1.0).
    fn seen(color: Color, matrix: [[f32; 3]; 3]) -> Color {
        let linear = [color.r, color.g, color.b].map(|v| (f32::from(v) / 255.0).powf(2.2));
        let [r, g, b] = matrix.map(|row| {
            let sum: f32 = row.iter().zip(linear).map(|(m, v)| m * v).sum();
            (sum.clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0).round() as u8
        });
        Color::new(r, g, b)
    }

    const NORMAL: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    const PROTANOPIA: [[f32; 3]; 3] = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ];
    const DEUTERANOPIA: [[f32; 3]; 3] = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ];
    const TRITANOPIA: [[f32; 3]; 3] = [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ];

    #[test]
    fn colours_differ_for_all_and_neighbours_differ_more() {
        for matrix in [NORMAL, PROTANOPIA, DEUTERANOPIA, TRITANOPIA] {
            for (i, &a) in COLORS.iter().enumerate() {
                for &b in &COLORS[i + 1..] {
                    let apart = difference(seen(a, matrix), seen(b, matrix));
                    assert!(apart > 0.05, "{a:?} looks like {b:?}: {apart} {matrix:?}");
                }
                let next = color_for(i as u64 + 1);
                let apart = difference(seen(a, matrix), seen(next, matrix));
                assert!(
                    apart > 0.11,
                    "{a:?} looks like {next:?}: {apart} {matrix:?}"
                );
            }
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
