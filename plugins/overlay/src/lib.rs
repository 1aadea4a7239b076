// SPDX-License-Identifier: MIT OR Apache-2.0
mod beside;
/**
 * element-lynxoverlay:
 *
 * Draws boxes, labels, identities and trails of detected objects, zones, a clock and statistics
 * straight into the frame, in its own format: nothing is converted and nothing but the drawn pixels
 * is touched. Objects predicted on a frame without inference get a dashed box. Hides who is not to
 * be seen.
 *
 * ```text
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! videoconvert \
 *   ! lynxinfer model=yolox.onnx ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * With `privacy-classes=person` objects of that class are hidden first, and where it is not known
 * for certain where they are, all that may be they; see the modules `privacy` and `draw`.
 *
 * Metadata: reads objects (whoever wrote them); writes none but the stage's time.
 */
pub mod draw;
mod imp;
mod painter;
pub mod privacy;
mod settings;
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
