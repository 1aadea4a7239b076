// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's settings and the GObject properties over them.

use std::path::PathBuf;

use gst::glib;
use gst::prelude::*;

use crate::draw::FontFile;
use crate::painter::{Clock, ColorBy, DisplayMode, Zones};
use crate::veil;

/// What the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub draw_labels: bool,
    pub draw_tracking_labels: bool,
    pub draw_confidence: bool,
    pub draw_masks: bool,
    pub draw_stats: bool,
    pub clock: Clock,
    pub color_by: ColorBy,
    pub display: DisplayMode,
    pub zones: Zones,
    /// Milliseconds; 0 = no trails.
    pub trail_length: u32,
    /// Pixels; 0 = by the frame's height.
    pub thickness: u32,
    /// Pixels; 0 = by the frame's height.
    pub text_size: u32,
    pub font_file: Option<PathBuf>,
    /// Who is not to be seen.
    pub veil: veil::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            draw_labels: true,
            draw_tracking_labels: true,
            draw_confidence: true,
            draw_masks: true,
            draw_stats: false,
            clock: Clock::None,
            color_by: ColorBy::Identity,
            display: DisplayMode::default(),
            zones: Zones::default(),
            trail_length: 0,
            thickness: 0,
            text_size: 0,
            font_file: None,
            veil: veil::Settings::default(),
        }
    }
}

impl Settings {
    /// The font's file, where there is one, in the least size.
    pub fn font(&self) -> Result<Option<FontFile>, String> {
        let path = self.font_file.as_ref();
        path.map(|path| FontFile::open(path, 0)).transpose()
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
        glib::ParamSpecBoolean::builder("draw-confidence")
            .nick("Draw confidence")
            .blurb("Draw the score (0 to 1) behind the class")
            .default_value(default.draw_confidence)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("draw-stats")
            .nick("Draw statistics")
            .blurb("Draw a line at the bottom: frames a second by their timestamps, what became of inference and how long it took, the model, and objects by class")
            .default_value(default.draw_stats)
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("clock", default.clock)
            .nick("Clock")
            .blurb("Draw the time at the top right: the frame's, where a reference timestamp (timestamp/x-unix or x-ntp) says it, or else now")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("color-by", default.color_by)
            .nick("Color by")
            .blurb("What has a colour of its own")
            .mutable_playing()
            .build(),
        glib::ParamSpecString::builder("display-mode")
            .nick("Display mode")
            .blurb("What is drawn of which class: CLASS=PART+PART,... with the parts box, label, trail, mask, or all or none, and * for all other classes, as in person=box+label,*=none (empty = all of all)")
            .mutable_playing()
            .build(),
        glib::ParamSpecString::builder("zones")
            .nick("Zones")
            .blurb("Places to mark: NAME:X,Y;X,Y;... with spaces between them; two points make a line, more (up to 64) a polygon; in pixels, or in shares of the frame's sides where all numbers are 0 to 1")
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("trail-length")
            .nick("Trail length")
            .blurb("Milliseconds of a tracked object's way that are drawn (0 = none)")
            .maximum(600_000)
            .default_value(default.trail_length)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("text-size")
            .nick("Text size")
            .blurb("Height of a line of text in pixels (0 = by the frame's height); the built-in font has 16, 24, 32 and 48, of which the nearest is taken")
            .maximum(128)
            .default_value(default.text_size)
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("font-file")
            .nick("Font file")
            .blurb("TrueType or OpenType font (empty = the built-in one, which has ASCII and Latin-1)")
            .mutable_ready()
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
///
/// # Errors
///
/// A text that says nothing that is known; the settings are as they were.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) -> Result<(), String> {
    let text = || {
        value
            .get::<Option<String>>()
            .ok()
            .flatten()
            .unwrap_or_default()
    };
    match name {
        "draw-confidence" => settings.draw_confidence = value.get().unwrap_or_default(),
        "draw-stats" => settings.draw_stats = value.get().unwrap_or_default(),
        "clock" => settings.clock = value.get().unwrap_or_default(),
        "color-by" => settings.color_by = value.get().unwrap_or_default(),
        "display-mode" => settings.display = DisplayMode::parse(&text())?,
        "zones" => settings.zones = Zones::parse(&text())?,
        "trail-length" => settings.trail_length = value.get().unwrap_or_default(),
        "text-size" => settings.text_size = value.get().unwrap_or_default(),
        "font-file" => {
            settings.font_file = Some(text()).filter(|t| !t.is_empty()).map(PathBuf::from)
        }
        "draw-labels" => settings.draw_labels = value.get().unwrap_or_default(),
        "draw-tracking-labels" => settings.draw_tracking_labels = value.get().unwrap_or_default(),
        "draw-masks" => settings.draw_masks = value.get().unwrap_or_default(),
        "thickness" => settings.thickness = value.get().unwrap_or_default(),
        _ => {
            let known = veil::set(&mut settings.veil, name, value);
            debug_assert!(known, "GObject checks names");
        }
    }
    Ok(())
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    match name {
        "draw-labels" => settings.draw_labels.to_value(),
        "draw-tracking-labels" => settings.draw_tracking_labels.to_value(),
        "draw-masks" => settings.draw_masks.to_value(),
        "thickness" => settings.thickness.to_value(),
        "draw-confidence" => settings.draw_confidence.to_value(),
        "draw-stats" => settings.draw_stats.to_value(),
        "clock" => settings.clock.to_value(),
        "color-by" => settings.color_by.to_value(),
        "display-mode" => settings.display.text.to_value(),
        "zones" => settings.zones.text.to_value(),
        "trail-length" => settings.trail_length.to_value(),
        "text-size" => settings.text_size.to_value(),
        "font-file" => settings
            .font_file
            .as_ref()
            .map(|p| p.display().to_string())
            .to_value(),
        _ => match veil::get(&settings.veil, name) {
            Some(value) => value,
            None => unreachable!("GObject checks names"),
        },
    }
}
