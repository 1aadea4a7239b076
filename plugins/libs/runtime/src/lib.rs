// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime sessions and execution providers; the only crate that sees ort
