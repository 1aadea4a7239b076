// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a GStreamer frame has what the detector looks at: luma, or green of R'G'B'.

use gst_video::{VideoFormatInfo, VideoInfo};
use lynx_meta::{mapped, video};
use lynx_motion::{Depth, Luma, Samples};

/// The plane that it is in, and where in its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    plane: usize,
    samples: Samples,
}

impl Place {
    /// `None` for a format whose samples are not whole bytes or words.
    pub fn of(format: &VideoFormatInfo) -> Option<Self> {
        let component = usize::from(format.is_rgb());
        let known = !format.is_complex() && !format.is_tiled() && !format.has_palette();
        if !known || format.n_components() as usize <= component {
            return None;
        }
        let high_bits = format.shift()[component] + format.depth()[component];
        let shift = u8::try_from(high_bits.checked_sub(8)?).ok()?;
        let depth = match (format.depth()[component], format.is_le()) {
            (8, _) => Depth::Byte,
            (9..=16, true) => Depth::WordLe { shift },
            (9..=16, false) => Depth::WordBe { shift },
            _ => return None,
        };
        Some(Self {
            plane: format.plane()[component] as usize,
            samples: Samples {
                offset: format.poffset()[component] as usize,
                step: usize::try_from(format.pixel_stride()[component]).ok()?,
                depth,
            },
        })
    }

    /// Hands what there is of the buffer's picture, inside the decoder's crop, to `look`.
    pub fn with<T>(
        &self,
        buffer: &gst::BufferRef,
        info: &VideoInfo,
        look: impl FnOnce(&Luma<'_>) -> Result<T, lynx_motion::Error>,
    ) -> Result<T, String> {
        let (_, crop) = video::crop(buffer, info);
        let (x, y) = crop.map_or((0, 0), |crop| (crop.x as usize, crop.y as usize));
        let (width, height) = match crop {
            Some(crop) => (crop.w as u32, crop.h as u32),
            None => (info.width(), info.height()),
        };
        let looked = mapped::with_frame(buffer, info, |frame| {
            let plane = frame.planes.get(self.plane);
            let (data, stride) = plane.map_or((&[][..], 0), |plane| (plane.data, plane.stride));
            // A crop that begins outside leaves nothing, which the check finds.
            let inside = x + width as usize <= stride / self.samples.step;
            let start = y * stride + x * self.samples.step;
            look(&Luma {
                data: data.get(start..).filter(|_| inside).unwrap_or_default(),
                stride,
                width,
                height,
                samples: self.samples,
            })
        });
        looked
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gst_video::VideoFormat;

    fn place(format: VideoFormat) -> Option<(usize, usize, usize, Depth)> {
        gst::init().unwrap();
        let place = Place::of(&VideoFormatInfo::from_format(format))?;
        let Samples {
            offset,
            step,
            depth,
        } = place.samples;
        Some((place.plane, offset, step, depth))
    }

    #[test]
    fn luma_or_green_is_found_in_every_format_that_elements_take() {
        for format in video::FORMATS {
            assert!(place(format).is_some(), "{format}");
        }
        let word = |shift| Depth::WordLe { shift };
        for (format, expected) in [
            (VideoFormat::Nv12, (0, 0, 1, Depth::Byte)),
            (VideoFormat::Uyvy, (0, 1, 2, Depth::Byte)),
            (VideoFormat::Bgr, (0, 1, 3, Depth::Byte)),
            (VideoFormat::Xrgb, (0, 2, 4, Depth::Byte)),
            (VideoFormat::Rgbp, (1, 0, 1, Depth::Byte)),
            (VideoFormat::Gbr, (0, 0, 1, Depth::Byte)),
            (VideoFormat::P01010le, (0, 0, 2, word(8))),
            (VideoFormat::I42010le, (0, 0, 2, word(2))),
            (VideoFormat::Gray16Be, (0, 0, 2, Depth::WordBe { shift: 8 })),
        ] {
            assert_eq!(place(format), Some(expected), "{format}");
        }
    }

    #[test]
    fn formats_of_no_whole_samples_are_not_read() {
        for format in [VideoFormat::V210, VideoFormat::Rgb16, VideoFormat::Encoded] {
            assert_eq!(place(format), None, "{format}");
        }
    }
}
