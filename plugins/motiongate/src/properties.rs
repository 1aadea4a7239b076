// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's GObject properties over [`Settings`].

use gst::glib;
use gst::prelude::*;

use crate::settings::Settings;

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let number = |name: &str, nick: &str, blurb: &str, range: (u32, u32), value: u32| {
        glib::ParamSpecUInt::builder(name)
            .nick(nick)
            .blurb(blurb)
            .minimum(range.0)
            .maximum(range.1)
            .default_value(value)
            .mutable_playing()
            .build()
    };
    vec![
        number(
            "threshold",
            "Threshold",
            "Levels (of 0 to 255) by which a block's mean must differ from the background to have moved; higher misses what hardly differs from what is behind it, lower opens for compression and shadows. Blocks that always change need more",
            (1, 255),
            default.threshold,
        ),
        glib::ParamSpecFloat::builder("min-area")
            .nick("Minimum area")
            .blurb("Share of the frame (0 to 1) that must move; higher misses what is small or far away, lower opens for leaves and insects. Never less than two blocks that touch")
            .minimum(0.0)
            .maximum(1.0)
            .default_value(default.min_area)
            .mutable_playing()
            .build(),
        number(
            "min-frames",
            "Minimum of frames",
            "Frames in a row that must show motion before frames count as moving; higher starts later, lower starts for a flash. A picture that is new as a whole needs one",
            (1, 1000),
            default.min_frames,
        ),
        number(
            "hold",
            "Hold",
            "Milliseconds after the last motion in which frames still count as moving; longer costs power, shorter ends while somebody pauses",
            (0, 3_600_000),
            default.hold,
        ),
        number(
            "refresh-interval",
            "Refresh interval",
            "Milliseconds after which one still frame counts as moving all the same (0 = never), so that what stopped, or came too slowly, is seen; longer costs less power and sees such later",
            (0, 86_400_000),
            default.refresh_interval,
        ),
        glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
            .nick("Statistics")
            .blurb("frames: frames seen; still: frames in which nothing moves; moving: the others; refreshed: those of them that count as moving only for refresh-interval")
            .read_only()
            .build(),
    ]
}

/// Takes a property's value; GObject has checked its name, type and range.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) {
    let uint = || value.get().unwrap_or_default();
    match name {
        "threshold" => settings.threshold = uint(),
        "min-area" => settings.min_area = value.get().unwrap_or_default(),
        "min-frames" => settings.min_frames = uint(),
        "hold" => settings.hold = uint(),
        "refresh-interval" => settings.refresh_interval = uint(),
        _ => unreachable!("GObject checks names"),
    }
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    match name {
        "threshold" => settings.threshold.to_value(),
        "min-area" => settings.min_area.to_value(),
        "min-frames" => settings.min_frames.to_value(),
        "hold" => settings.hold.to_value(),
        "refresh-interval" => settings.refresh_interval.to_value(),
        _ => unreachable!("GObject checks names"),
    }
}
