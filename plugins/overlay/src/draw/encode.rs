// SPDX-License-Identifier: MIT OR Apache-2.0

use super::{Color, Colorimetry, Format};

/// A colour as one sample of each plane; what a plane's samples do not have is left 0.
pub(super) type Ink = [[u8; 4]; 3];

/// Turns colours into a frame's samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoder {
    pub(super) format: Format,
    kr: f32,
    kb: f32,
    black: f32,
    luma_steps: f32,
    chroma_steps: f32,
}

impl Encoder {
    pub(super) fn new(format: Format, colorimetry: Colorimetry) -> Self {
        let (kr, kb) = colorimetry.matrix.luma_weights();
        let (black, luma_steps, chroma_steps) = colorimetry.range.codes(8);
        Self {
            format,
            kr: kr as f32,
            kb: kb as f32,
            black: black as f32,
            luma_steps: luma_steps as f32,
            chroma_steps: chroma_steps as f32,
        }
    }

    /// The colour in this frame's samples.
    pub(super) fn ink(&self, color: Color) -> Ink {
        let Color { r, g, b } = color;
        match self.format {
            Format::Rgb | Format::Rgbx => [[r, g, b, 255], [0; 4], [0; 4]],
            Format::Xrgb => [[255, r, g, b], [0; 4], [0; 4]],
            Format::Xbgr => [[255, b, g, r], [0; 4], [0; 4]],
            Format::Yuy2 => {
                let [y, u, v] = self.yuv(color);
                [[y, u, y, v], [0; 4], [0; 4]]
            }
            Format::Uyvy => {
                let [y, u, v] = self.yuv(color);
                [[u, y, v, y], [0; 4], [0; 4]]
            }
            Format::Bgr | Format::Bgrx | Format::Premultiplied => [[b, g, r, 255], [0; 4], [0; 4]],
            Format::Nv12 => {
                let [y, u, v] = self.yuv(color);
                [[y, 0, 0, 0], [u, v, 0, 0], [0; 4]]
            }
            Format::I420 => self.yuv(color).map(|sample| [sample, 0, 0, 0]),
        }
    }

    fn yuv(&self, color: Color) -> [u8; 3] {
        let [r, g, b] = [color.r, color.g, color.b].map(|v| f32::from(v) / 255.0);
        let y = self.kr * r + (1.0 - self.kr - self.kb) * g + self.kb * b;
        let u = (b - y) / (2.0 * (1.0 - self.kb));
        let v = (r - y) / (2.0 * (1.0 - self.kr));
        // The cast saturates: full-range Cb of pure blue is 255.5.
        [
            (self.black + y * self.luma_steps).round() as u8,
            (128.0 + u * self.chroma_steps).round() as u8,
            (128.0 + v * self.chroma_steps).round() as u8,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, Colorimetry, Encoder, Format};
    use crate::draw::{Matrix, Range};

    fn yuv(matrix: Matrix, range: Range, color: Color) -> [u8; 3] {
        Encoder::new(Format::I420, Colorimetry { matrix, range }).yuv(color)
    }

    /// The 100 % colour bars of the recommendations.
    #[test]
    fn primaries_have_their_published_codes() {
        let [red, green, blue] =
            [(255, 0, 0), (0, 255, 0), (0, 0, 255)].map(|(r, g, b)| Color::new(r, g, b));
        let limited = |matrix, color| yuv(matrix, Range::Limited, color);
        assert_eq!(limited(Matrix::Bt601, red), [81, 90, 240]);
        assert_eq!(limited(Matrix::Bt601, green), [145, 54, 34]);
        assert_eq!(limited(Matrix::Bt601, blue), [41, 240, 110]);
        assert_eq!(limited(Matrix::Bt709, red), [63, 102, 240]);
        assert_eq!(limited(Matrix::Bt709, green), [173, 42, 26]);
        assert_eq!(limited(Matrix::Bt709, blue), [32, 240, 118]);
        assert_eq!(limited(Matrix::Bt2020, red), [74, 97, 240]);
        assert_eq!(yuv(Matrix::Bt601, Range::Full, red), [76, 85, 255]);
        assert_eq!(yuv(Matrix::Bt601, Range::Full, blue), [29, 255, 107]);
    }

    #[test]
    fn greys_have_no_colour() {
        for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
            assert_eq!(yuv(matrix, Range::Limited, Color::WHITE), [235, 128, 128]);
            assert_eq!(yuv(matrix, Range::Limited, Color::BLACK), [16, 128, 128]);
            assert_eq!(yuv(matrix, Range::Full, Color::WHITE), [255, 128, 128]);
            assert_eq!(yuv(matrix, Range::Full, Color::BLACK), [0, 128, 128]);
        }
    }
}
