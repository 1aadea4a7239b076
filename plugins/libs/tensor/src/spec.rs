// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::Word;

/// Order of the channels in a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorFormat {
    #[default]
    Rgb,
    Bgr,
}

impl Word for ColorFormat {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Rgb, "rgb"), (Self::Bgr, "bgr")];
}

/// Order of the dimensions of an image tensor with a batch of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TensorLayout {
    /// `[1, 3, H, W]`, planar.
    #[default]
    Nchw,
    /// `[1, H, W, 3]`, interleaved.
    Nhwc,
}

impl Word for TensorLayout {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Nchw, "nchw"), (Self::Nhwc, "nhwc")];
}

/// How a frame is fitted into a tensor of another aspect ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResizeMode {
    /// Fill the tensor, aspect ratio lost (DETR family).
    Stretch,
    /// Keep the aspect ratio, centre the image, pad around it (YOLOv5, v8, 11, 12).
    #[default]
    Letterbox,
    /// Keep the aspect ratio, image at the top left, pad right and below (YOLOX, SCRFD).
    LetterboxTopLeft,
}

impl Word for ResizeMode {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Stretch, "stretch"),
        (Self::Letterbox, "letterbox"),
        (Self::LetterboxTopLeft, "letterbox-top-left"),
    ];
}

/// The input tensor that a model wants: `f32`, batch of 1, three channels.
///
/// A channel's value is `(v - mean) / std` with `v` in 0..=255, so a model that takes 0..=1 has
/// `mean` 0 and `std` 255.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorSpec {
    /// Width in elements, 1..=16384.
    pub width: u32,
    /// Height in elements, 1..=16384.
    pub height: u32,
    pub layout: TensorLayout,
    pub color: ColorFormat,
    pub resize: ResizeMode,
    /// Value of padded pixels before mean and std, 0..=255, the same in every channel.
    pub pad_value: u8,
    /// Subtracted from each channel, in the tensor's channel order.
    pub mean: [f32; 3],
    /// Divides each channel, in the tensor's channel order; never 0.
    pub std: [f32; 3],
}

impl TensorSpec {
    /// RGB, planar, 0..=1, centred letterbox with 114: what YOLOv8 and its successors want.
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            layout: TensorLayout::Nchw,
            color: ColorFormat::Rgb,
            resize: ResizeMode::Letterbox,
            pad_value: 114,
            mean: [0.0; 3],
            std: [255.0; 3],
        }
    }

    /// Number of `f32` elements.
    pub const fn len(&self) -> usize {
        3 * self.width as usize * self.height as usize
    }

    /// Whether the tensor has no element.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensor's four dimensions in its layout's order.
    pub const fn shape(&self) -> [usize; 4] {
        let (w, h) = (self.width as usize, self.height as usize);
        match self.layout {
            TensorLayout::Nchw => [1, 3, h, w],
            TensorLayout::Nhwc => [1, h, w, 3],
        }
    }
}
