// SPDX-License-Identifier: MIT OR Apache-2.0
//! Helpers of the pipeline tests and of the throughput bench: where things are, and running a
//! launch line to its end while looking at each frame, and probing the files it leaves.

#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod paint;
pub mod places;
pub mod probe;
pub mod rig;
pub mod run;
pub mod soak;
