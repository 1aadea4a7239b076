// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras in, annotated RTSP out: many cameras, one model, any number of viewers.
//!
//! * [`config`]: what the user asks for; the file is the state.
//! * [`app`]: what runs: cameras, streams, the RTSP server; everything that can be asked of it.
//! * [`status`]: how it goes.
//! * [`http`]: the same over HTTP, with a page for people.

pub mod app;
pub mod config;
pub mod error;
pub mod http;
pub mod status;
