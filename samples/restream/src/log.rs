// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::Arc;

/// Where lines for people go; no password is in them.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;
