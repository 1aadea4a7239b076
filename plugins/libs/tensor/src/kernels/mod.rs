// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loops. `columns` is the horizontal half of the resize, `store` the vertical half with the
//! colours, `pack` and `weave` the element types and layouts, `wide` what antialiasing adds.
//!
//! The horizontal half is in intrinsics, because it gathers bytes, which compilers do not
//! vectorise. The rest is plain loops that they do.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod columns;
mod cpu;
#[cfg(target_arch = "aarch64")]
mod neon;
pub(crate) mod pack;
mod portable;
pub(crate) mod store;
mod weave;
pub(crate) mod wide;

pub(crate) use columns::{Row, one, three, two, words};
pub(crate) use cpu::{Cpu, FUSED, kernel, madd};
