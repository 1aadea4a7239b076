// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every contract string that travels on a buffer or in a query, once.

use std::ffi::CStr;

/// Custom meta: what happened to this frame.
pub const FRAME_META: &str = "LynxFrameMeta";
/// Custom meta: the params of regions of interest, once more.
pub const REGIONS_META: &str = "LynxRegionsMeta";
/// Custom meta: the model's input tensor, made from this frame.
pub const TENSOR_META: &str = "LynxTensorMeta";
/// Custom query: which input tensor is wanted.
pub const TENSOR_QUERY: &str = "lynx-tensor-spec";
/// Custom event upstream: the answer to the query has changed.
pub const TENSOR_CHANGED: &str = "lynx-tensor-spec-changed";

/// A stream's name when nobody says one.
pub const DEFAULT_STREAM: &str = "cam0";

/// Analytics metadata of Lynx's own, related to a detection: what the standard ones do not hold.
pub const DETECTION_MTD: &CStr = c"lynx-detection";

/// Params of `GstVideoRegionOfInterestMeta` in DL Streamer's form.
pub mod roi {
    /// The structure that keeps a region's params together.
    pub const PARAMS: &str = "params";
    pub const DETECTION: &str = "detection";
    pub const CONFIDENCE: &str = "confidence";
    pub const LABEL_ID: &str = "label_id";
    pub const X_MIN: &str = "x_min";
    pub const X_MAX: &str = "x_max";
    pub const Y_MIN: &str = "y_min";
    pub const Y_MAX: &str = "y_max";
    /// Radians, clockwise, about the box's centre.
    pub const ROTATION: &str = "rotation";
    pub const OBJECT_ID: &str = "object_id";
    pub const ID: &str = "id";
    /// Begins the name of the param of a classification; the model's name follows.
    pub const CLASSIFICATION: &str = "classification";
    pub const LABEL: &str = "label";
    pub const MODEL_NAME: &str = "model_name";
    /// What DL Streamer's JSON calls the classification.
    pub const ATTRIBUTE_NAME: &str = "attribute_name";
    /// Lynx's own field of `object_id`: the box was predicted, not detected, on this frame.
    pub const COASTED: &str = "coasted";
}

/// Fields of [`FRAME_META`].
pub mod frame {
    pub const INFERENCE: &str = "inference";
    pub const STREAM: &str = "stream";
    pub const MODEL: &str = "model";
    pub const VERSION: &str = "model-version";
    pub const PROVIDER: &str = "provider";
    pub const THRESHOLD: &str = "threshold";
    /// Whether inference is scheduled, from whoever decided it to the next `lynxinfer`.
    pub const DUE: &str = "inference-due";
    pub const MOTION: &str = "motion";
    /// The moving region, in pixels.
    pub const MOTION_X: &str = "motion-x";
    pub const MOTION_Y: &str = "motion-y";
    pub const MOTION_WIDTH: &str = "motion-width";
    pub const MOTION_HEIGHT: &str = "motion-height";
    /// The frame that it is in, in pixels.
    pub const MOTION_FRAME_WIDTH: &str = "motion-frame-width";
    pub const MOTION_FRAME_HEIGHT: &str = "motion-frame-height";
    /// The part of the frame that inference looked at: x, y, width and height in pixels.
    pub const LOOKED: &str = "looked-at";
    /// How many objects are on the frame.
    pub const OBJECTS: &str = "objects";
    /// The frame that those are in, in pixels.
    pub const WIDTH: &str = "frame-width";
    pub const HEIGHT: &str = "frame-height";
    /// What became of a detector that looks at another one's objects, where it did not run.
    pub const SECOND: &str = "second-inference";
    /// Objects that were detected and are not on the frame any more: their classes' names.
    pub const TAKEN_OFF: &str = "taken-off";
    /// Of each of those x, y, width and height, in pixels.
    pub const TAKEN_OFF_PLACES: &str = "taken-off-places";
    /// The frame that those are in, in pixels.
    pub const TAKEN_OFF_WIDTH: &str = "taken-off-frame-width";
    pub const TAKEN_OFF_HEIGHT: &str = "taken-off-frame-height";
    /// Nanoseconds that a stage took.
    pub const TIME_PREPROCESS: &str = "time-preprocess";
    pub const TIME_INFERENCE: &str = "time-inference";
    pub const TIME_DECODE: &str = "time-decode";
    pub const TIME_TRACK: &str = "time-track";
    pub const TIME_OVERLAY: &str = "time-overlay";
}

/// Fields of [`TENSOR_META`] and [`TENSOR_QUERY`].
pub mod tensor {
    /// Of the query alone: false where no tensor is wanted.
    pub const WANTED: &str = "wanted";
    pub const DATA: &str = "data";
    pub const SHAPE: &str = "shape";
    pub const WIDTH: &str = "width";
    pub const HEIGHT: &str = "height";
    pub const ELEMENT: &str = "tensor-type";
    pub const LAYOUT: &str = "tensor-layout";
    pub const COLOR: &str = "color-format";
    pub const RESIZE: &str = "resize-mode";
    pub const FILTER: &str = "filter";
    pub const PAD: &str = "pad-value";
    pub const MEAN: &str = "mean";
    pub const STD: &str = "std";
    pub const SCALE_X: &str = "scale-x";
    pub const SCALE_Y: &str = "scale-y";
    pub const OFFSET_X: &str = "offset-x";
    pub const OFFSET_Y: &str = "offset-y";
    pub const FRAME_WIDTH: &str = "frame-width";
    pub const FRAME_HEIGHT: &str = "frame-height";
    /// Of the query alone.
    pub const INTERVAL: &str = "inference-interval";
    pub const MAX_RATE: &str = "max-rate";
}
