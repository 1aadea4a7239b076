// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties that say where on a frame the model looks.

use gst::glib;
use gst::prelude::*;

use crate::settings::{InferenceRegion, Settings};

pub(super) fn specs() -> Vec<glib::ParamSpec> {
    let mut specs = area_specs();
    specs.extend(object_specs());
    specs
}

fn text(name: &str, nick: &str, blurb: &str, value: &str) -> glib::ParamSpec {
    glib::ParamSpecString::builder(name)
        .nick(nick)
        .blurb(blurb)
        .default_value(Some(value))
        .mutable_ready()
        .build()
}

fn area_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecEnum::builder_with_default("inference-region", default.inference_region)
            .nick("Inference region")
            .blurb("Which parts of a frame the model looks at; each part is scaled to the model's input. In any but the whole frame, lynxpreprocess has nothing to do")
            .mutable_ready()
            .build(),
        text(
            "regions",
            "Regions",
            "Parts of the frame to look at instead of all of it, as x,y,width,height with semicolons between them; in pixels, or in shares of the frame where all numbers are up to 1 (empty = all of the frame). More and larger ones take longer",
            &default.regions,
        ),
        text(
            "tiles",
            "Tiles",
            "Columns x rows that the frame, or each of regions, is cut into, as 3x2; each is looked at on its own, for objects that are too small for the model in the whole frame (empty = none). Costs a run of the model for each tile",
            &default.tiles,
        ),
        glib::ParamSpecFloat::builder("tile-overlap")
            .nick("Tile overlap")
            .blurb("Share of a tile's width and height (0 to 0.5) that the next tile covers, too; should be as large as the objects, as an object that no tile has whole may be found in pieces. Higher makes tiles larger, and small objects smaller in them")
            .minimum(0.0)
            .maximum(0.5)
            .default_value(default.tile_overlap)
            .mutable_ready()
            .build(),
        glib::ParamSpecBoolean::builder("tile-full-frame")
            .nick("Full frame besides tiles")
            .blurb("Also look at what was cut into tiles in one piece, for objects that are larger than a tile")
            .default_value(default.tile_full_frame)
            .mutable_ready()
            .build(),
    ]
}

fn object_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        text(
            "object-class",
            "Object class",
            "With inference-region=roi-list: names of the classes to look at, with commas between them, as car,truck (empty = all)",
            &default.object_class,
        ),
        text(
            "object-min-size",
            "Smallest object",
            "With inference-region=roi-list: width x height in pixels, as 24x48, or one number for both, below which an object is not looked at (empty = none is too small)",
            &default.object_min_size,
        ),
        glib::ParamSpecUInt::builder("max-objects")
            .nick("Maximum of objects")
            .blurb("With inference-region=roi-list: most objects that are looked at on a frame, the largest first (0 = all)")
            .maximum(10_000)
            .default_value(default.max_objects)
            .mutable_playing()
            .build(),
        glib::ParamSpecFloat::builder("object-margin")
            .nick("Object margin")
            .blurb("With inference-region=roi-list: share of an object's width and height (0 to 1) that is added on each side before it is cut out; what the model was trained with is best")
            .minimum(0.0)
            .maximum(1.0)
            .default_value(default.object_margin)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("reclassify-interval")
            .nick("Reclassify interval")
            .blurb("Of a classifier with inference-region=roi-list: classify a tracked object on every n-th frame that shows it, and keep what was said in between (0 = once, 1 = on every frame). Needs lynxtrack before this element; objects without an identity are classified on every frame. Higher is faster, and later to notice a mistake")
            .maximum(10_000)
            .default_value(default.reclassify_interval)
            .mutable_playing()
            .build(),
    ]
}

/// Takes a property's value; `false` for one of another file.
pub(super) fn set(settings: &mut Settings, name: &str, value: &glib::Value) -> bool {
    let text = || {
        let text = value.get::<Option<String>>().ok().flatten();
        text.unwrap_or_default()
    };
    match name {
        "inference-region" => {
            settings.inference_region = value.get::<InferenceRegion>().unwrap_or_default();
        }
        "regions" => settings.regions = text(),
        "tiles" => settings.tiles = text().trim().to_owned(),
        "tile-overlap" => settings.tile_overlap = value.get().unwrap_or_default(),
        "tile-full-frame" => settings.tile_full_frame = value.get().unwrap_or_default(),
        "object-class" => settings.object_class = text(),
        "object-min-size" => settings.object_min_size = text(),
        "max-objects" => settings.max_objects = value.get().unwrap_or_default(),
        "object-margin" => settings.object_margin = value.get().unwrap_or_default(),
        "reclassify-interval" => settings.reclassify_interval = value.get().unwrap_or_default(),
        _ => return false,
    }
    true
}

/// Gives a property's value; `None` for one of another file.
pub(super) fn get(settings: &Settings, name: &str) -> Option<glib::Value> {
    Some(match name {
        "inference-region" => settings.inference_region.to_value(),
        "regions" => settings.regions.to_value(),
        "tiles" => settings.tiles.to_value(),
        "tile-overlap" => settings.tile_overlap.to_value(),
        "tile-full-frame" => settings.tile_full_frame.to_value(),
        "object-class" => settings.object_class.to_value(),
        "object-min-size" => settings.object_min_size.to_value(),
        "max-objects" => settings.max_objects.to_value(),
        "object-margin" => settings.object_margin.to_value(),
        "reclassify-interval" => settings.reclassify_interval.to_value(),
        _ => return None,
    })
}
