// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's settings and the GObject properties over them.

use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use lynx_tracking::Config;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub tracker: Config,
    pub keep_untracked: bool,
}

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let score = |name: &str, nick: &str, blurb: &str, value: f32| {
        glib::ParamSpecFloat::builder(name)
            .nick(nick)
            .blurb(blurb)
            .minimum(0.0)
            .maximum(1.0)
            .default_value(value)
            .mutable_playing()
            .build()
    };
    vec![
        score(
            "high-threshold",
            "High threshold",
            "Score (0 to 1) from which a detection is matched first; higher loses weak objects, lower lets clutter take identities",
            default.tracker.high_threshold,
        ),
        score(
            "low-threshold",
            "Low threshold",
            "Score (0 to 1) from which a detection may keep a track alive; lower survives more occlusion and more clutter. The detector must emit scores down to it",
            default.tracker.low_threshold,
        ),
        score(
            "new-threshold",
            "New-track threshold",
            "Score (0 to 1) from which a detection starts a track; higher starts later, lower starts false tracks",
            default.tracker.new_threshold,
        ),
        glib::ParamSpecUInt::builder("max-age")
            .nick("Maximum age")
            .blurb("Milliseconds that a track may go undetected before it ends; longer bridges longer occlusion and hands identities to strangers more often")
            .maximum(600_000)
            .default_value(default.tracker.max_age.as_millis() as u32)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("confirm-hits")
            .nick("Hits to confirm")
            .blurb("Detections after which a track is shown; more suppresses flicker and shows objects later")
            .minimum(1)
            .maximum(1000)
            .default_value(default.tracker.confirm_hits)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("keep-untracked")
            .nick("Keep untracked")
            .blurb("Leave objects that belong to no confirmed track on the frame, without an identity")
            .default_value(default.keep_untracked)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
            .nick("Statistics")
            .blurb("frames: frames seen; predicted: frames without inference; tracks: identities on the newest frame; identities: identities given so far")
            .read_only()
            .build(),
    ]
}

/// Takes a property's value; GObject has checked its name, type and range.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) {
    let float = || value.get::<f32>().unwrap_or_default();
    let uint = || value.get::<u32>().unwrap_or_default();
    match name {
        "high-threshold" => settings.tracker.high_threshold = float(),
        "low-threshold" => settings.tracker.low_threshold = float(),
        "new-threshold" => settings.tracker.new_threshold = float(),
        "max-age" => {
            settings.tracker.max_age = Duration::from_millis(u64::from(uint()));
            // A gap that the tracker takes for a jump is never shorter than its memory.
            settings.tracker.max_gap = Config::default().max_gap.max(settings.tracker.max_age);
        }
        "confirm-hits" => settings.tracker.confirm_hits = uint(),
        "keep-untracked" => settings.keep_untracked = value.get().unwrap_or_default(),
        _ => unreachable!("GObject checks names"),
    }
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    match name {
        "high-threshold" => settings.tracker.high_threshold.to_value(),
        "low-threshold" => settings.tracker.low_threshold.to_value(),
        "new-threshold" => settings.tracker.new_threshold.to_value(),
        "max-age" => (settings.tracker.max_age.as_millis() as u32).to_value(),
        "confirm-hits" => settings.tracker.confirm_hits.to_value(),
        "keep-untracked" => settings.keep_untracked.to_value(),
        _ => unreachable!("GObject checks names"),
    }
}
