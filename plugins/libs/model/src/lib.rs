// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detection model wants to see and what it says: the model's description, and the
//! decoders that turn its output tensors into detections. Pure computation: no GStreamer, no ONNX Runtime, no locks, no clock.

pub mod decode;
pub mod describe;
mod io;

pub use io::{ElementType, ModelIo, OutputView, TensorInfo};
