// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's GObject properties over [`Settings`].

use gst::glib;
use gst::prelude::*;

use crate::settings::Settings;

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let numbers = |name: &str, nick: &str, blurb: &str| {
        let element = glib::ParamSpecDouble::builder("value").build();
        gst::ParamSpecArray::builder(name)
            .element_spec(&element)
            .nick(nick)
            .blurb(blurb)
            .mutable_playing()
            .build()
    };
    vec![
        glib::ParamSpecUInt::builder("tensor-width")
            .nick("Tensor width")
            .blurb("Width of the tensor in elements (0 = what downstream wants)")
            .maximum(16384)
            .default_value(default.width)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("tensor-height")
            .nick("Tensor height")
            .blurb("Height of the tensor in elements (0 = what downstream wants)")
            .maximum(16384)
            .default_value(default.height)
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("tensor-type", default.element)
            .nick("Tensor type")
            .blurb("Type of the tensor's elements")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("color-format", default.color)
            .nick("Colour format")
            .blurb("The channels of the tensor and their order; the wrong one costs accuracy, not an error")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("tensor-layout", default.layout)
            .nick("Tensor layout")
            .blurb("Order of the tensor's dimensions")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("resize-mode", default.resize)
            .nick("Resize mode")
            .blurb("How a frame is fitted into a tensor of another aspect ratio; other than in training costs accuracy")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("interpolation", default.interpolation)
            .nick("Interpolation")
            .blurb("Which of the frame's pixels make one of the tensor; other than in training costs accuracy")
            .mutable_playing()
            .build(),
        glib::ParamSpecInt::builder("pad-value")
            .nick("Pad value")
            .blurb("Value of padded pixels before mean and std, 0 to 255 (-1 = what downstream wants)")
            .minimum(-1)
            .maximum(255)
            .default_value(default.pad_value)
            .mutable_playing()
            .build(),
        numbers(
            "range",
            "Range",
            "What 0 and 255 become before mean and std, two numbers, as in range=\"<0.0,1.0>\" (empty = 0 and 255)",
        ),
        numbers(
            "mean",
            "Mean",
            "Subtracted from each channel, a number each in the tensor's channel order, as in mean=\"<0.0,0.0,0.0>\" (empty = what downstream wants; 0 with a range or scale)",
        ),
        numbers(
            "std",
            "Standard deviation",
            "Divides each channel after the mean, a number each other than 0, as in std=\"<255.0,255.0,255.0>\" (empty = what downstream wants; 1 with a range or scale)",
        ),
        numbers(
            "scale",
            "Scale",
            "Multiplies each channel after mean and std, a number each other than 0 (empty = 1)",
        ),
        glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
            .nick("Statistics")
            .blurb("frames: tensors made; skipped: frames without one, since inference is not to run on them")
            .read_only()
            .build(),
    ]
}

/// Takes a property's value; the message says why it cannot work.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) -> Result<(), String> {
    fn get<'a, T: glib::value::FromValue<'a>>(value: &'a glib::Value) -> Result<T, String> {
        value
            .get()
            .map_err(|_| "a value of another type".to_owned())
    }
    match name {
        "tensor-width" => settings.width = get(value)?,
        "tensor-height" => settings.height = get(value)?,
        "tensor-type" => settings.element = get(value)?,
        "color-format" => settings.color = get(value)?,
        "tensor-layout" => settings.layout = get(value)?,
        "resize-mode" => settings.resize = get(value)?,
        "interpolation" => settings.interpolation = get(value)?,
        "pad-value" => settings.pad_value = get(value)?,
        "range" => settings.range = list(value)?,
        "mean" => settings.mean = list(value)?,
        "std" => settings.std = list(value)?,
        "scale" => settings.scale = list(value)?,
        _ => unreachable!("GObject checks names"),
    }
    Ok(())
}

fn list(value: &glib::Value) -> Result<Vec<f32>, String> {
    let array: gst::Array = value.get().map_err(|_| "expected an array".to_owned())?;
    let numbers = array.iter().filter_map(|v| v.get::<f64>().ok());
    Ok(numbers.map(|v| v as f32).collect())
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    let array = |values: &[f32]| {
        let values = values.iter().map(|v| f64::from(*v).to_send_value());
        gst::Array::from_values(values).to_value()
    };
    match name {
        "tensor-width" => settings.width.to_value(),
        "tensor-height" => settings.height.to_value(),
        "tensor-type" => settings.element.to_value(),
        "color-format" => settings.color.to_value(),
        "tensor-layout" => settings.layout.to_value(),
        "resize-mode" => settings.resize.to_value(),
        "interpolation" => settings.interpolation.to_value(),
        "pad-value" => settings.pad_value.to_value(),
        "range" => array(&settings.range),
        "mean" => array(&settings.mean),
        "std" => array(&settings.std),
        "scale" => array(&settings.scale),
        _ => unreachable!("GObject checks names"),
    }
}
