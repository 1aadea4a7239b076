// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxoverlay:
 *
 * Draws boxes, labels and identities of detected objects straight into the frame, in its own
 * format: nothing is converted and nothing but the drawn pixels is touched. Objects predicted
 * on a frame without inference get a dashed box. The font is built in.
 *
 * ```text
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! videoconvert \
 *   ! lynxinfer model=yolox.onnx ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * Metadata: reads objects (whoever wrote them); writes none but the stage's time.
 */
pub mod draw;
mod imp;
pub mod privacy;
mod properties;
mod veil;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    pub struct Overlay(ObjectSubclass<imp::Overlay>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

/// Registers the element `lynxoverlay`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(
        Some(plugin),
        "lynxoverlay",
        gst::Rank::NONE,
        Overlay::static_type(),
    )
}
