// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the user asked for: every value may stay "auto", which is what downstream wants.

use gst::glib;
use gst::prelude::*;
use lynx_tensor::TensorSpec;

/// Order of the channels in the tensor.
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
}

/// Order of the tensor's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxTensorLayout")]
pub enum TensorLayout {
    #[default]
    #[enum_value(name = "What downstream wants", nick = "auto")]
    Auto,
    #[enum_value(name = "[1, 3, height, width], planar", nick = "nchw")]
    Nchw,
    #[enum_value(name = "[1, height, width, 3], interleaved", nick = "nhwc")]
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
}

/// The enumerations that the element's properties use.
pub(crate) fn enums() -> [(glib::Type, gst::PluginAPIFlags); 3] {
    [
        ColorFormat::static_type(),
        TensorLayout::static_type(),
        ResizeMode::static_type(),
    ]
    .map(|t| (t, gst::PluginAPIFlags::empty()))
}

/// An empty list, 0, -1 and `Auto` leave a value to downstream.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub width: u32,
    pub height: u32,
    pub color: ColorFormat,
    pub layout: TensorLayout,
    pub resize: ResizeMode,
    pub pad_value: i32,
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            width: 0,
            height: 0,
            color: ColorFormat::default(),
            layout: TensorLayout::default(),
            resize: ResizeMode::default(),
            pad_value: -1,
            mean: Vec::new(),
            std: Vec::new(),
        }
    }
}

impl Settings {
    /// The tensor to make: what downstream wants, overridden by what the user asked for.
    /// The error says what is missing or cannot work.
    pub fn spec(&self, wanted: Option<TensorSpec>) -> Result<TensorSpec, String> {
        let mut spec = match wanted {
            Some(spec) => spec,
            None if self.width > 0 && self.height > 0 => TensorSpec::new(self.width, self.height),
            None => {
                return Err(
                    "no element downstream says which tensor it wants; put a lynxinfer after this \
                     element or set tensor-width and tensor-height"
                        .into(),
                );
            }
        };
        if self.width > 0 {
            spec.width = self.width;
        }
        if self.height > 0 {
            spec.height = self.height;
        }
        match self.color {
            ColorFormat::Auto => (),
            ColorFormat::Rgb => spec.color = lynx_tensor::ColorFormat::Rgb,
            ColorFormat::Bgr => spec.color = lynx_tensor::ColorFormat::Bgr,
        }
        match self.layout {
            TensorLayout::Auto => (),
            TensorLayout::Nchw => spec.layout = lynx_tensor::TensorLayout::Nchw,
            TensorLayout::Nhwc => spec.layout = lynx_tensor::TensorLayout::Nhwc,
        }
        match self.resize {
            ResizeMode::Auto => (),
            ResizeMode::Stretch => spec.resize = lynx_tensor::ResizeMode::Stretch,
            ResizeMode::Letterbox => spec.resize = lynx_tensor::ResizeMode::Letterbox,
            ResizeMode::LetterboxTopLeft => spec.resize = lynx_tensor::ResizeMode::LetterboxTopLeft,
        }
        if let Ok(value) = u8::try_from(self.pad_value) {
            spec.pad_value = value;
        }
        spec.mean = triple("mean", &self.mean)?.unwrap_or(spec.mean);
        spec.std = triple("std", &self.std)?.unwrap_or(spec.std);
        Ok(spec)
    }
}

/// A number a channel; `None` for none at all.
fn triple(name: &str, numbers: &[f32]) -> Result<Option<[f32; 3]>, String> {
    match *numbers {
        [] => Ok(None),
        [a, b, c] => Ok(Some([a, b, c])),
        _ => Err(format!(
            "{name} has {} numbers, expected one for each of 3 channels; set {name}=\"<0.0,0.0,0.0>\" or leave it empty",
            numbers.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use gst::prelude::*;
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
        nicks_are_words::<lynx_tensor::ColorFormat>(ColorFormat::static_type());
        nicks_are_words::<lynx_tensor::TensorLayout>(TensorLayout::static_type());
        nicks_are_words::<lynx_tensor::ResizeMode>(ResizeMode::static_type());
    }
}
