// SPDX-License-Identifier: MIT OR Apache-2.0
//! Typed views over what travels on a GStreamer buffer
