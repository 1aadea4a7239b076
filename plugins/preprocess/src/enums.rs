// SPDX-License-Identifier: MIT OR Apache-2.0
//! The choices that properties offer: those of `lynx-tensor`, and none.

use gst::glib;
use gst::prelude::*;
use lynx_tensor::Word;

/// Type of the tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxTensorType")]
pub enum TensorType {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "32-bit floating point", nick = "f32")]
    F32,
    #[enum_value(name = "16-bit floating point", nick = "f16")]
    F16,
    #[enum_value(name = "0 to 255, rounded and saturated", nick = "u8")]
    U8,
    #[enum_value(name = "-128 to 127, rounded and saturated", nick = "i8")]
    I8,
}

/// The channels of the tensor and their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxColorFormat")]
pub enum ColorFormat {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "Red, green, blue", nick = "rgb")]
    Rgb,
    #[enum_value(name = "Blue, green, red", nick = "bgr")]
    Bgr,
    #[enum_value(name = "One channel of grey", nick = "gray")]
    Gray,
}

/// Order of the tensor's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxTensorLayout")]
pub enum TensorLayout {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "[1, channels, height, width], planar", nick = "nchw")]
    Nchw,
    #[enum_value(name = "[1, height, width, channels], interleaved", nick = "nhwc")]
    Nhwc,
}

/// How a frame is fitted into a tensor of another aspect ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxResizeMode")]
pub enum ResizeMode {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "Fill the tensor, aspect ratio lost", nick = "stretch")]
    Stretch,
    #[enum_value(
        name = "Keep the aspect ratio, pad around the image",
        nick = "letterbox"
    )]
    Letterbox,
    #[enum_value(
        name = "Keep the aspect ratio, pad right and below",
        nick = "letterbox-top-left"
    )]
    LetterboxTopLeft,
    #[enum_value(
        name = "Cut the tensor's size out of the centre, not resized",
        nick = "crop"
    )]
    Crop,
    #[enum_value(
        name = "Keep the aspect ratio, fill the tensor, cut off what is too much",
        nick = "crop-resize"
    )]
    CropResize,
}

/// Which of the frame's pixels make one of the tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxInterpolation")]
pub enum Interpolation {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "The four nearest", nick = "bilinear")]
    Bilinear,
    #[enum_value(name = "The nearest", nick = "nearest")]
    Nearest,
    #[enum_value(name = "All that it covers", nick = "antialias")]
    Antialias,
}

/// The enumerations that the element's properties use.
pub(crate) fn enums() -> [(glib::Type, gst::PluginAPIFlags); 5] {
    [
        TensorType::static_type(),
        ColorFormat::static_type(),
        TensorLayout::static_type(),
        ResizeMode::static_type(),
        Interpolation::static_type(),
    ]
    .map(|t| (t, gst::PluginAPIFlags::empty()))
}

/// The value of `lynx-tensor` with the same word; `None` for `auto`, which has none.
pub(crate) fn chosen<T: Word>(value: impl ToValue) -> Option<T> {
    let value = value.to_value();
    let (_, value) = glib::EnumValue::from_value(&value)?;
    T::from_word(value.nick())
}

#[cfg(test)]
mod tests {
    use lynx_tensor::Word;

    use super::*;

    /// The nicks have to be literals; this holds them to the words that sidecars use.
    fn nicks_are_words<T: Word>(enumeration: glib::Type) {
        let class = glib::EnumClass::with_type(enumeration).unwrap();
        let nicks: Vec<_> = class.values().iter().map(|v| v.nick().to_owned()).collect();
        let words = T::WORDS.iter().map(|(_, word)| *word);
        let expected: Vec<_> = std::iter::once("auto").chain(words).collect();
        assert_eq!(nicks, expected);
    }

    #[test]
    fn the_nicks_of_enumerations_are_the_words_of_sidecars() {
        nicks_are_words::<lynx_tensor::Element>(TensorType::static_type());
        nicks_are_words::<lynx_tensor::Filter>(Interpolation::static_type());
        nicks_are_words::<lynx_tensor::ColorFormat>(ColorFormat::static_type());
        nicks_are_words::<lynx_tensor::TensorLayout>(TensorLayout::static_type());
        nicks_are_words::<lynx_tensor::ResizeMode>(ResizeMode::static_type());
    }
}
