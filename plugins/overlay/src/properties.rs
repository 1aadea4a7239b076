// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's settings and the GObject properties over them.

use gst::glib;
use gst::prelude::*;

use crate::veil;

/// What the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub draw_labels: bool,
    pub draw_tracking_labels: bool,
    pub draw_masks: bool,
    /// Pixels; 0 = by the frame's height.
    pub thickness: u32,
    /// Who is not to be seen.
    pub veil: veil::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            draw_labels: true,
            draw_tracking_labels: true,
            draw_masks: true,
            thickness: 0,
            veil: veil::Settings::default(),
        }
    }
}

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let mut specs = vec![
        glib::ParamSpecBoolean::builder("draw-labels")
            .nick("Draw labels")
            .blurb("Draw class and score above each box, and behind them what second models say of the object")
            .default_value(default.draw_labels)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("draw-tracking-labels")
            .nick("Draw tracking labels")
            .blurb("Draw the identity of tracked objects behind the class")
            .default_value(default.draw_tracking_labels)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("draw-masks")
            .nick("Draw masks")
            .blurb("Tint the pixels that an object's segmentation mask gives to it; needs a build with the cargo feature v1_26 and an element that writes masks, such as yolosegv8tensordec")
            .default_value(default.draw_masks)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("thickness")
            .nick("Thickness")
            .blurb("Thickness of the boxes' lines in pixels (0 = by the frame's height)")
            .maximum(100)
            .default_value(default.thickness)
            .mutable_playing()
            .build(),
    ];
    specs.extend(veil::specs());
    let stats = glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
        .nick("Statistics")
        .blurb("frames: frames seen; objects: objects drawn so far; privacy-regions: places covered so far; privacy-held: frames without inference, covered by what was known before; privacy-whole: frames covered wholly")
        .read_only();
    specs.push(stats.build());
    specs
}

/// Takes a property's value; GObject has checked its name, type and range.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) {
    match name {
        "draw-labels" => settings.draw_labels = value.get().unwrap_or_default(),
        "draw-tracking-labels" => settings.draw_tracking_labels = value.get().unwrap_or_default(),
        "draw-masks" => settings.draw_masks = value.get().unwrap_or_default(),
        "thickness" => settings.thickness = value.get().unwrap_or_default(),
        _ => {
            let known = veil::set(&mut settings.veil, name, value);
            debug_assert!(known, "GObject checks names");
        }
    }
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    match name {
        "draw-labels" => settings.draw_labels.to_value(),
        "draw-tracking-labels" => settings.draw_tracking_labels.to_value(),
        "draw-masks" => settings.draw_masks.to_value(),
        "thickness" => settings.thickness.to_value(),
        _ => match veil::get(&settings.veil, name) {
            Some(value) => value,
            None => unreachable!("GObject checks names"),
        },
    }
}
