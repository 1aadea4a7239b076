// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxmotiongate:
 *
 * Says of each frame whether something moves in front of a fixed camera, and where. The pixels
 * pass untouched, and so does every frame: on one that is still, `lynxpreprocess` makes no tensor,
 * `lynxinfer` runs no model and `lynxtrack` keeps the objects where they are.
 *
 * The picture is reduced to blocks, at most 160 along its wider side, and compared with a
 * background that adapts in seconds and knows how much each block changes when nothing moves (see
 * `lynx-motion`). Every now and then a still frame is let through, too (`refresh-interval`).
 *
 * ```text
 * gst-launch-1.0 rtspsrc location=rtsp://camera ! decodebin ! lynxmotiongate ! lynxpreprocess \
 *   ! queue ! lynxinfer model=yolox.onnx ! lynxtrack ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * Metadata: writes the frame meta's fields of motion.
 */
mod imp;
mod luma;
mod properties;
mod settings;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    pub struct MotionGate(ObjectSubclass<imp::MotionGate>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

/// Registers the element `lynxmotiongate`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(
        Some(plugin),
        "lynxmotiongate",
        gst::Rank::NONE,
        MotionGate::static_type(),
    )
}
