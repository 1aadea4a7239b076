// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras in, annotated RTSP out: many cameras, one model, any number of viewers.
//!
//! * [`config`]: what the user asks for; the file is the state.
//! * [`app`]: what runs: cameras, streams, the RTSP server; everything that can be asked of it.
//! * [`status`]: how it goes.
//! * [`http`]: the same over HTTP, with a page for people.

pub mod app;
pub mod backoff;
mod camera;
mod clock;
pub mod config;
mod encoder;
pub mod error;
pub mod http;
mod hub;
mod log;
mod model;
mod properties;
mod record;
pub mod retime;
mod rtsp;
pub mod service;
pub mod status;
mod stream;

pub use log::Say;
