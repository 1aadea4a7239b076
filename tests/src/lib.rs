// SPDX-License-Identifier: MIT OR Apache-2.0
//! Helpers of the pipeline tests.
