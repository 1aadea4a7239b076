// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxpreprocess:
 *
 * Makes a model's input tensor from each video frame and sends it along beside the frame. The
 * pixels pass untouched. Which tensor is wanted is asked of the elements downstream (a
 * `lynxinfer` answers from its model); properties override the answer.
 *
 * Without this element `lynxinfer` makes the same tensor itself, to the bit. Put it before
 * `lynxinfer` with a `queue` between them and the two run on two threads.
 *
 * ```text
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! videoconvert ! lynxpreprocess ! queue \
 *   ! lynxinfer model=yolox.onnx ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * Metadata: writes the tensor meta, which `lynxinfer` takes off again.
 */
mod enums;
mod imp;
mod pool;
mod properties;
mod settings;

use gst::glib;
use gst::prelude::*;

pub use enums::{ColorFormat, Interpolation, ResizeMode, TensorLayout, TensorType};

glib::wrapper! {
    pub struct Preprocess(ObjectSubclass<imp::Preprocess>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

/// Registers the element `lynxpreprocess`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    for (enumeration, api) in enums::enums() {
        enumeration.mark_as_plugin_api(api);
    }
    gst::Element::register(
        Some(plugin),
        "lynxpreprocess",
        gst::Rank::NONE,
        Preprocess::static_type(),
    )
}
