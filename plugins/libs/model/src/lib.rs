// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detection model wants to see and what it says: the model's description, the decoders
//! that turn its output tensors into detections, and the merging of what it sees in several
//! regions. Pure computation: no GStreamer, no ONNX Runtime, no locks, no clock.

pub mod decode;
pub mod describe;
mod io;
pub mod merge;

pub use io::{ElementType, ModelIo, OutputView, TensorInfo};
