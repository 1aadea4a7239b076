// SPDX-License-Identifier: MIT OR Apache-2.0
//! All tests that need more than one crate. `tests/run.sh` prepares what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod bad_input;
mod bad_models;
mod bad_runs;
mod bad_runtime;
mod bench;
mod beside;
mod cache;
mod cameras;
mod clip;
mod dependencies;
mod documentation;
mod downstream;
mod dumped;
mod embedded;
mod encoded;
mod engine;
mod flushes;
mod inputs;
mod inspection;
#[cfg(feature = "v1_26")]
mod interop;
mod latency;
mod leaks;
mod lifecycle;
mod lines;
mod looks;
mod motion;
mod neighbours;
mod on_what;
mod order;
mod overload;
mod pages;
mod placement;
mod preprocess;
mod privacy;
mod properties;
mod providers;
mod publish;
mod quickstart;
mod recovery;
mod regions;
mod second_model;
mod shared;
mod survival;
mod tiles;
mod tiny_models;
mod track_overlay;
