// SPDX-License-Identifier: MIT OR Apache-2.0
//! A panic is a failure with its message.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls what others wrote. What a panic leaves half done is theirs, and is looked at no more than
/// after an error.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        format!("a panic: {}", text.unwrap_or("without a message"))
    })
}
