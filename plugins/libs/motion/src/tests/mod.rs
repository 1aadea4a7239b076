// SPDX-License-Identifier: MIT OR Apache-2.0

mod detector;
mod gate;
mod luma;
mod scene;
