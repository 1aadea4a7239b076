// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detection model wants to see and what it says: the model's description, the kernels
//! that turn a video frame into its input tensor, and the decoders that turn its output tensors
//! into detections. Pure computation: no GStreamer, no ONNX Runtime, no locks, no clock.

pub mod convert;
pub mod decode;
pub mod describe;
mod frame;
mod io;
mod pixel_format;
mod tensor;
mod transform;
mod word;

pub use frame::{Colorimetry, Frame, Matrix, Plane, Range};
pub use io::{ElementType, ModelIo, OutputView, TensorInfo};
pub use pixel_format::{FrameError, PixelFormat};
pub use tensor::{ColorFormat, ResizeMode, TensorLayout, TensorSpec};
pub use transform::Transform;
pub use word::Word;
