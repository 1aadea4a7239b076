// SPDX-License-Identifier: MIT OR Apache-2.0
/**
 * element-lynxtrack:
 *
 * Gives detected objects identities that last from frame to frame. Needs no image: ByteTrack's
 * life-cycle with a Kalman filter and buffered IoU, in seconds of buffer time instead of frames
 * (see `lynx-tracking`). On frames without inference (`lynxinfer inference-interval`) the
 * objects are predicted to the frame's time and marked as coasted; on frames in which nothing moves
 * (`lynxmotiongate`) they stay where they were and do not age.
 *
 * Objects that belong to no confirmed track are taken off the frame unless
 * `keep-untracked=true`. The detector should emit scores down to `low-threshold`: weak
 * detections keep tracks alive through occlusion and start none.
 *
 * ```text
 * gst-launch-1.0 filesrc location=street.mp4 ! decodebin ! videoconvert \
 *   ! lynxinfer model=yolox.onnx threshold=0.1 ! lynxtrack ! lynxoverlay ! videoconvert ! autovideosink
 * ```
 *
 * Metadata: reads objects (whoever wrote them) and the frame meta; writes identities.
 */
mod imp;
mod properties;
mod state;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    pub struct Track(ObjectSubclass<imp::Track>)
        @extends gst_base::BaseTransform, gst::Element, gst::Object;
}

/// Registers the element `lynxtrack`.
pub fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(
        Some(plugin),
        "lynxtrack",
        gst::Rank::NONE,
        Track::static_type(),
    )
}
