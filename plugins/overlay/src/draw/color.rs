// SPDX-License-Identifier: MIT OR Apache-2.0

/// An opaque colour: gamma-encoded R'G'B', 0..=255 each, read as sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color {
    pub r: u8,
    pub g: u8,
    pub b: u8,
}

impl Color {
    pub const BLACK: Self = Self::new(0, 0, 0);
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// From red, green and blue.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// Relative luminance, 0..=1 (WCAG 2.2, "relative luminance"), with a gamma of 2.2 for the
    /// piecewise curve of sRGB: they differ by less than 0.01.
    pub fn luminance(self) -> f32 {
        let linear = |v: u8| (f32::from(v) / 255.0).powf(2.2);
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// Black or white, whichever is easier to read on this colour: the contrast is 4.5 or more.
    pub fn text(self) -> Self {
        // Where (L + 0.05) / 0.05 and 1.05 / (L + 0.05), the contrasts with black and with
        // white, are the same.
        const EVEN: f32 = 0.179;
        if self.luminance() > EVEN {
            Self::BLACK
        } else {
            Self::WHITE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn text_is_black_on_light_and_white_on_dark_colours() {
        assert_eq!(Color::new(255, 255, 0).text(), Color::BLACK);
        assert_eq!(Color::new(0, 255, 0).text(), Color::BLACK);
        assert_eq!(Color::new(0, 0, 255).text(), Color::WHITE);
        assert_eq!(Color::new(120, 0, 60).text(), Color::WHITE);
        assert_eq!(Color::WHITE.text(), Color::BLACK);
        assert_eq!(Color::BLACK.text(), Color::WHITE);
    }
}
