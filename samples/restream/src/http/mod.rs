// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`crate::app::App`] over HTTP.
