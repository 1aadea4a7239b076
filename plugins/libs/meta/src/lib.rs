// SPDX-License-Identifier: MIT OR Apache-2.0
//! Typed views over what travels on a GStreamer buffer between Lynx elements and others.
//!
//! * [`objects`]: detections, classes and identities. Backed by
//!   `GstVideoRegionOfInterestMeta` in DL Streamer's form ([`roi`] is the only file that knows);
//!   `GstAnalyticsRelationMeta` will be a second backing on GStreamer 1.24 and newer.
//! * [`frame`]: what happened to the frame: whether inference ran, on which model, how long
//!   each stage took. A custom meta by name, one a frame.
//! * [`tensor`]: the input tensor that `lynxpreprocess` made. A custom meta by name.
//! * [`query`]: how `lynxpreprocess` asks downstream which tensor is wanted.
//! * [`element`]: pads and locks, which every element has alike.
//! * [`video`]: a mapped video frame as the kernels of `lynx-model` read it.
//!
//! Everything here is registered by name, never as a Rust type: elements of other plugins read
//! it without Lynx's types.

pub mod element;
pub mod frame;
pub mod names;
pub mod objects;
pub mod query;
mod roi;
pub mod tensor;
pub mod video;

pub use lynx_model::Word;

pub use frame::{Inference, InferenceInfo, Stage};
pub use objects::{Fate, Identity, Object};
