// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxinfer:
 *
 * Runs a model on each frame, on parts of it or on the objects that are on it, with ONNX Runtime,
 * and adds what it finds to the frame. The pixels pass untouched.
 *
 * What the model wants to see and what its outputs mean is read, in this order, from the
 * element's properties, from a sidecar beside the model (`<model>.json`), from the model's own
 * metadata and from the names, shapes and types of its tensors. A model that stays unclear is
 * refused with the reasons. Families: YOLOX (raw, and `dets`/`labels` with NMS inside),
 * YOLOv8, v9, 11, 12; classifiers, which look at the objects of a detector before them
 * (`inference-region=roi-list`).
 *
 * ONNX Runtime's library is opened when the element starts: the one that `ORT_DYLIB_PATH`
 * names, or else the system's.
 *
 * ```text
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! videoconvert \
 *   ! lynxinfer model=yolox.onnx threshold=0.3 ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * Metadata: takes off the tensor meta that `lynxpreprocess` made (and makes the tensor itself
 * without one); writes objects and the frame meta.
 */
mod back;
mod cache;
mod dump;
mod files;
mod front;
mod imp;
mod input;
mod line;
mod loaded;
mod model;
mod outputs;
mod pads;
mod properties;
mod reader;
mod regions;
mod results;
mod running;
mod settings;
mod spent;
mod stats;
mod ticket;

use gst::glib;
use gst::prelude::*;

pub use settings::{InferenceRegion, Overload, Precision, ProviderPolicy, Scheduling};

glib::wrapper! {
    pub struct Infer(ObjectSubclass<imp::Infer>)
        @extends gst::Element, gst::Object;
}

/// Registers the element `lynxinfer`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    for kind in [
        InferenceRegion::static_type(),
        Overload::static_type(),
        Precision::static_type(),
        ProviderPolicy::static_type(),
        Scheduling::static_type(),
    ] {
        kind.mark_as_plugin_api(gst::PluginAPIFlags::empty());
    }
    gst::Element::register(
        Some(plugin),
        "lynxinfer",
        gst::Rank::NONE,
        Infer::static_type(),
    )
}
