// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties that say who is not to be seen.

use std::sync::Arc;
use std::time::Duration;

use gst::glib;
use gst::prelude::*;

use crate::draw::Hiding;
use crate::privacy::Limits;

/// How objects are made unrecognisable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxOverlayPrivacy")]
pub enum Mode {
    #[default]
    #[enum_value(name = "One colour: nothing is left", nick = "fill")]
    Fill,
    #[enum_value(name = "A coarse mosaic", nick = "pixelate")]
    Pixelate,
    #[enum_value(name = "A coarse mosaic, smoothed", nick = "blur")]
    Blur,
}

impl From<Mode> for Hiding {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Fill => Self::Fill,
            Mode::Pixelate => Self::Pixelate,
            Mode::Blur => Self::Blur,
        }
    }
}

/// Which classes are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Classes {
    text: String,
    all: bool,
    names: Vec<String>,
}

impl Classes {
    fn parse(text: &str) -> Self {
        let names = text.split(',').map(str::trim);
        let names: Vec<String> = names.filter(|n| !n.is_empty()).map(str::to_owned).collect();
        Self {
            text: text.to_owned(),
            all: names.iter().any(|name| name == "*"),
            names,
        }
    }

    /// Whether objects of that class are hidden.
    pub fn has(&self, label: &str) -> bool {
        self.all
            || self
                .names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(label))
    }
}

/// What the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub classes: Arc<Classes>,
    pub mode: Mode,
    /// How many times as coarse as at least.
    pub strength: u32,
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            classes: Arc::default(),
            mode: Mode::default(),
            strength: 1,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// Whether anybody is hidden, ever.
    pub fn is_on(&self) -> bool {
        !self.classes.names.is_empty()
    }

    /// Whether objects of that class are hidden.
    pub fn hides(&self, label: &str) -> bool {
        self.classes.has(label)
    }
}

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let ms = |time: Duration| time.as_millis() as u32;
    vec![
        glib::ParamSpecString::builder("privacy-classes")
            .nick("Privacy classes")
            .blurb("Classes of objects that nobody may recognise, with commas between them; * for every object, empty for none. A frame of which it is not known where they are is covered wholly")
            .mutable_playing()
            .build(),
        glib::ParamSpecEnum::builder_with_default("privacy-mode", default.mode)
            .nick("Privacy mode")
            .blurb("How objects of privacy-classes are made unrecognisable; only fill leaves nothing of them")
            .mutable_playing()
            .build(),
        glib::ParamSpecFloat::builder("privacy-margin")
            .nick("Privacy margin")
            .blurb("Share of an object's width and height (0 to 10) that is covered beyond it on each side, 4 pixels at least; higher hides what a detector's box cuts off, and more of what is beside it")
            .minimum(0.0)
            .maximum(10.0)
            .default_value(default.limits.margin)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("privacy-strength")
            .nick("Privacy strength")
            .blurb("How many times as coarse as it must be a mosaic is: 1 for cells of at least a quarter of an object's shorter side, 4 for all of it. Higher hides more; fill hides everything")
            .minimum(1)
            .maximum(16)
            .default_value(default.strength)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("privacy-hold")
            .nick("Privacy hold")
            .blurb("Milliseconds without inference after which the whole frame is covered; until then the last known objects are, and all places that they can have got to. Lower covers whole frames more often, higher trusts older knowledge")
            .maximum(600_000)
            .default_value(ms(default.limits.hold))
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("privacy-linger")
            .nick("Privacy linger")
            .blurb("Milliseconds that an object is covered for after inference has not found it any more; higher bridges longer gaps of the detector and covers empty places longer")
            .maximum(600_000)
            .default_value(ms(default.limits.linger))
            .mutable_playing()
            .build(),
    ]
}

/// Takes a property's value; GObject has checked its type and range. False for a property that is
/// none of these.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) -> bool {
    let ms = || Duration::from_millis(value.get::<u32>().unwrap_or_default().into());
    match name {
        "privacy-classes" => {
            let text = value.get::<Option<&str>>().ok().flatten();
            settings.classes = Classes::parse(text.unwrap_or_default()).into();
        }
        "privacy-mode" => settings.mode = value.get().unwrap_or_default(),
        "privacy-margin" => settings.limits.margin = value.get().unwrap_or_default(),
        "privacy-strength" => settings.strength = value.get().unwrap_or_default(),
        "privacy-hold" => settings.limits.hold = ms(),
        "privacy-linger" => settings.limits.linger = ms(),
        _ => return false,
    }
    true
}

/// Gives a property's value; `None` for a property that is none of these.
pub(crate) fn get(settings: &Settings, name: &str) -> Option<glib::Value> {
    let ms = |time: Duration| (time.as_millis() as u32).to_value();
    Some(match name {
        "privacy-classes" => settings.classes.text.to_value(),
        "privacy-mode" => settings.mode.to_value(),
        "privacy-margin" => settings.limits.margin.to_value(),
        "privacy-strength" => settings.strength.to_value(),
        "privacy-hold" => ms(settings.limits.hold),
        "privacy-linger" => ms(settings.limits.linger),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use gst::prelude::*;

    use super::{Classes, Settings, set};

    #[test]
    fn classes_are_named_with_commas_between_them() {
        let classes = Classes::parse(" person,license plate ,, Face");
        assert!(["person", "Person", "license plate", "face"].map(|l| classes.has(l)) == [true; 4]);
        assert!(!classes.has("license") && !classes.has("") && !classes.has("car"));
    }

    #[test]
    fn a_star_is_everybody_and_nothing_is_nobody() {
        assert!(Classes::parse("*").has("") && Classes::parse("car, *").has("person"));
        for nobody in ["", " ", ","] {
            let mut settings = Settings::default();
            assert!(set(&mut settings, "privacy-classes", &nobody.to_value()));
            assert!(!settings.is_on() && !settings.hides(""));
        }
    }
}
