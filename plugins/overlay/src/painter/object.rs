// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is drawn of one object.

use std::fmt::Write;

use gst::glib;
use lynx_meta::Object;

use crate::draw::{Canvas, Color, color_for};
use crate::settings::Settings;

/// What has a colour of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstLynxOverlayColorBy")]
pub enum ColorBy {
    #[default]
    #[enum_value(
        name = "Each identity; objects without one share their class's",
        nick = "identity"
    )]
    Identity,
    #[enum_value(name = "Each class", nick = "class")]
    Class,
}

/// A class is told by its name where the writer gave no number.
pub(super) fn color(object: &Object, by: ColorBy) -> Color {
    let by_name = || object.label.bytes().map(u64::from).sum();
    let class = || object.class.map_or_else(by_name, u64::from);
    let identity = object.identity.filter(|_| by == ColorBy::Identity);
    color_for(identity.map_or_else(class, |identity| identity.id))
}

/// The box: dashed where it was predicted, unless it is turned.
pub(super) fn outline(
    canvas: &mut Canvas<'_>,
    object: &Object,
    origin: (f32, f32),
    thickness: u32,
    color: Color,
) {
    let rect = super::shifted(&object.rect, origin);
    let coasted = object.identity.is_some_and(|identity| identity.coasted);
    if object.rotation != 0.0 {
        canvas.turned_rectangle(&rect, object.rotation, thickness, color);
    } else if coasted {
        canvas.dashed_rectangle(&rect, thickness, color);
    } else {
        canvas.rectangle(&rect, thickness, color);
    }
}

/// Class, score, what second models `said`, and identity.
pub(super) fn describe<'a>(
    text: &mut String,
    object: &Object,
    said: impl Iterator<Item = &'a str>,
    settings: &Settings,
) {
    text.clear();
    // Writing to a `String` does not fail.
    if settings.draw_labels {
        let _ = write!(text, "{}", object.label);
        if settings.draw_confidence {
            let _ = write!(text, " {:.2}", object.score);
        }
        for class in said {
            let _ = write!(text, " {class}");
        }
    }
    if let (true, Some(identity)) = (settings.draw_tracking_labels, object.identity) {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}#{}", identity.id);
    }
}
