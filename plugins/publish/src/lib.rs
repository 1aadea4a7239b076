// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxpublish:
 *
 * Writes one JSON object a frame (JSON Lines) to a file or to the standard output. The video
 * passes untouched. The messages are described in `docs/json-lines.md`; their `schema` field is
 * the version.
 *
 * ```text
 * gst-launch-1.0 -q filesrc location=street.mp4 ! decodebin ! videoconvert \
 *   ! lynxinfer model=yolox.onnx ! lynxpublish ! fakesink
 * ```
 *
 * Metadata: reads objects (whoever wrote them) and the frame meta; writes none.
 */
mod imp;
mod message;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    pub struct Publish(ObjectSubclass<imp::Publish>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

/// Registers the element `lynxpublish`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(
        Some(plugin),
        "lynxpublish",
        gst::Rank::NONE,
        Publish::static_type(),
    )
}
