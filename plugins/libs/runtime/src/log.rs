// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime's own log, handed to whoever embeds this crate instead of being printed.

use std::cell::RefCell;

use once_cell::sync::OnceCell;

/// Severity of a line of ONNX Runtime's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
}

type Handler = fn(LogLevel, &str);

static HANDLER: OnceCell<Handler> = OnceCell::new();

/// Sends ONNX Runtime's log lines to `handler`. The first call wins; without one they are lost.
pub fn set_log_handler(handler: Handler) {
    let _ = HANDLER.set(handler);
}

thread_local! {
    /// What is said on this thread while somebody listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Does `work`, and returns the warnings and errors that ONNX Runtime logs on this thread
/// meanwhile. Some providers say in the log alone why they failed: OpenVINO's error is that it
/// "failed to load", and the log names the device or the option.
pub(crate) fn listen<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    HEARD.set(Some(Vec::new()));
    let result = work();
    (result, HEARD.take().unwrap_or_default())
}

/// That some operators run elsewhere, without which and why: [`Placement`](crate::Placement) knows
/// better.
const SAYS_NOTHING: &str = "VerifyEachNodeIsAssignedToAnEp";

pub(crate) fn forward(level: ort::logging::LogLevel, category: &str, place: &str, message: &str) {
    use ort::logging::LogLevel as Theirs;
    let is_quiet = matches!(level, Theirs::Verbose | Theirs::Info);
    if !is_quiet && !place.contains(SAYS_NOTHING) {
        HEARD.with_borrow_mut(|heard| {
            if let Some(heard) = heard {
                heard.push(message.trim().to_owned());
            }
        });
    }
    let Some(handler) = HANDLER.get() else { return };
    let level = match level {
        Theirs::Verbose => LogLevel::Debug,
        Theirs::Info => LogLevel::Info,
        Theirs::Warning => LogLevel::Warning,
        Theirs::Error | Theirs::Fatal => LogLevel::Error,
    };
    handler(level, &format!("{category}: {message}"));
}
