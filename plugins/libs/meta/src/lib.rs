// SPDX-License-Identifier: MIT OR Apache-2.0
//! Typed views over what travels on a GStreamer buffer between Lynx elements and others.
//!
//! * [`objects`]: detections, classes and identities, in GStreamer's `GstAnalyticsRelationMeta`
//!   (folder `analytics`, with the cargo feature `v1_24`) and in `GstVideoRegionOfInterestMeta`
//!   as DL Streamer has it (file `roi`). Which is written is decided in [`Forms`].
//! * [`classes`]: what a second model says of an object.
//! * [`masks`]: which pixels are an object's.
//! * [`frame`]: what happened to the frame: whether inference ran, on which model, how long
//!   each stage took. A custom meta by name, one a frame.
//! * [`account`]: whether all that was detected is still on the frame.
//! * [`tensor`]: the input tensor that `lynxpreprocess` made. A custom meta by name.
//! * [`output`]: output tensors for the tensor decoders of others.
//! * [`query`]: how `lynxpreprocess` asks downstream which tensor is wanted, and when.
//! * [`Scheduler`]: on which frames inference is to run.
//! * [`FrameClock`]: what time it is in a stream.
//! * [`element`]: pads and locks, which every element has alike.
//! * [`TensorMaker`]: from a buffer's picture to a tensor.
//! * [`video`]: what caps and decoders say of a picture.
//! * [`mapped`]: the planes of a frame, no longer than their memory.
//!
//! Everything here is registered by name, never as a Rust type: elements of other plugins read
//! it without Lynx's types.

pub mod account;
#[cfg_attr(not(feature = "v1_24"), path = "analytics/absent.rs")]
mod analytics;
pub mod classes;
mod clock;
mod custom;
pub mod element;
mod exact;
pub mod frame;
mod maker;
pub mod mapped;
pub mod masks;
pub mod names;
pub mod objects;
pub mod output;
pub mod query;
mod roi;
mod schedule;
pub mod tensor;
pub mod video;

pub use lynx_tensor::Word;

pub use classes::Classification;
pub use clock::FrameClock;
pub use frame::{Inference, InferenceInfo, Motion, Stage};
pub use maker::TensorMaker;
pub use objects::{Fate, Forms, Identity, NewObject, Object};
pub use schedule::{Schedule, Scheduler};
