// SPDX-License-Identifier: MIT OR Apache-2.0
//! Multi-object trackers that need no image; no GStreamer
