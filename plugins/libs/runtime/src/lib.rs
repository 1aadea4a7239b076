// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime, opened at run time: the library, its execution providers and its sessions.
//!
//! The library is opened once per process by [`Library::open`], on first use, so that a plugin
//! loads and inspects on a machine that has none. This is the only crate that sees `ort`,
//! because an ONNX Runtime environment may be created once per process. The [`engine`] runs the
//! images of many streams in batches; a [`Binding`] is the memory that one of its workers runs on.
//! Those who want the same model share its weights and its engine ([`shared`]).

mod affinity;
mod cache;
pub mod engine;
mod error;
mod file;
mod library;
mod log;
mod options;
mod placement;
mod provider;
mod refusal;
mod session;
pub mod shared;

pub use affinity::CpuSet;
pub use error::Error;
pub use library::{Library, MIN_VERSION};
pub use log::{LogLevel, set_log_handler};
pub use options::{Precision, SessionOptions};
pub use placement::{Part, Placement, ProviderPolicy, Verdict, verdict};
pub use provider::{Provider, parse_providers};
pub use session::{Binding, Loaded, Refusal, Session, Shape};
