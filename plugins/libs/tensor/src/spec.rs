// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::Word;

/// Type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Element {
    /// IEEE 754 binary32.
    #[default]
    F32,
    /// IEEE 754 binary16.
    F16,
    /// 0..=255, rounded (halves up) and saturated.
    U8,
    /// -128..=127, rounded (halves up) and saturated.
    I8,
}

impl Element {
    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
            Self::U8 | Self::I8 => 1,
        }
    }
}

impl Word for Element {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::F32, "f32"),
        (Self::F16, "f16"),
        (Self::U8, "u8"),
        (Self::I8, "i8"),
    ];
}

/// The channels of a tensor and their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorFormat {
    #[default]
    Rgb,
    Bgr,
    /// One channel: luma of a Y'CbCr frame, 0.299 R + 0.587 G + 0.114 B of an RGB one (ITU-R
    /// BT.601, as `cv2.COLOR_RGB2GRAY`).
    Gray,
}

impl Word for ColorFormat {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Rgb, "rgb"), (Self::Bgr, "bgr"), (Self::Gray, "gray")];
}

/// Order of the dimensions of an image tensor with a batch of 1 and `C` channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TensorLayout {
    /// `[1, C, H, W]`, planar.
    #[default]
    Nchw,
    /// `[1, H, W, C]`, interleaved.
    Nhwc,
}

impl Word for TensorLayout {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Nchw, "nchw"), (Self::Nhwc, "nhwc")];
}

/// How a frame is fitted into a tensor of another size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResizeMode {
    /// Fill the tensor, aspect ratio lost (DETR family).
    Stretch,
    /// Keep the aspect ratio, centre the image, pad around it (YOLOv5, v8, 11, 12).
    #[default]
    Letterbox,
    /// Keep the aspect ratio, image at the top left, pad right and below (YOLOX, SCRFD).
    LetterboxTopLeft,
    /// Cut the tensor's size out of the frame's centre, not resized; a smaller frame is centred
    /// and padded.
    Crop,
    /// Keep the aspect ratio, fill the tensor, cut off what is too much on either side
    /// (classification: `Resize` of the shorter side, then `CenterCrop`).
    CropResize,
}

impl Word for ResizeMode {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Stretch, "stretch"),
        (Self::Letterbox, "letterbox"),
        (Self::LetterboxTopLeft, "letterbox-top-left"),
        (Self::Crop, "crop"),
        (Self::CropResize, "crop-resize"),
    ];
}

/// How a tensor's pixel is made of the frame's. Pixels have their centres at halves in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Filter {
    /// Of the four nearest, as `cv2.resize` with `INTER_LINEAR`, which models are trained with.
    #[default]
    Bilinear,
    /// Of the nearest one, as `cv2.resize` with `INTER_NEAREST_EXACT`.
    Nearest,
    /// A triangle as wide as two pixels of the smaller of both images, as Pillow's `BILINEAR`
    /// and torchvision's `antialias=True`. Enlarging, the same as bilinear.
    Antialias,
}

impl Word for Filter {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Bilinear, "bilinear"),
        (Self::Nearest, "nearest"),
        (Self::Antialias, "antialias"),
    ];
}

/// The input tensor that a model wants: a batch of 1 with three channels, or one of grey.
///
/// A channel's value is `(v - mean) / std` with `v` in 0..=255, so a model that takes 0..=1 has
/// `mean` 0 and `std` 255.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorSpec {
    /// Width in elements, 1..=16384.
    pub width: u32,
    /// Height in elements, 1..=16384.
    pub height: u32,
    pub element: Element,
    pub layout: TensorLayout,
    pub color: ColorFormat,
    pub resize: ResizeMode,
    pub filter: Filter,
    /// Value of padded pixels before mean and std, 0..=255, the same in every channel.
    pub pad_value: u8,
    /// Subtracted from each channel, in the tensor's channel order. Grey has the first alone.
    pub mean: [f32; 3],
    /// Divides each channel, in the tensor's channel order; never 0. Grey has the first alone.
    pub std: [f32; 3],
}

impl TensorSpec {
    /// `f32` RGB, planar, 0..=1, centred letterbox with 114: what YOLOv8 and its successors want.
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            element: Element::F32,
            layout: TensorLayout::Nchw,
            color: ColorFormat::Rgb,
            resize: ResizeMode::Letterbox,
            filter: Filter::Bilinear,
            pad_value: 114,
            mean: [0.0; 3],
            std: [255.0; 3],
        }
    }

    /// Number of channels.
    pub const fn channels(&self) -> usize {
        match self.color {
            ColorFormat::Rgb | ColorFormat::Bgr => 3,
            ColorFormat::Gray => 1,
        }
    }

    /// Number of elements.
    pub const fn len(&self) -> usize {
        self.channels() * self.width as usize * self.height as usize
    }

    /// Whether the tensor has no element.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of bytes.
    pub const fn bytes(&self) -> usize {
        self.len() * self.element.size()
    }

    /// The tensor's four dimensions in its layout's order.
    pub const fn shape(&self) -> [usize; 4] {
        let (c, w, h) = (self.channels(), self.width as usize, self.height as usize);
        match self.layout {
            TensorLayout::Nchw => [1, c, h, w],
            TensorLayout::Nhwc => [1, h, w, c],
        }
    }
}
