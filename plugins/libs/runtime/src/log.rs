// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime's own log, handed to whoever embeds this crate instead of being printed.

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

pub(crate) fn forward(level: ort::logging::LogLevel, category: &str, message: &str) {
    use ort::logging::LogLevel as Theirs;
    let Some(handler) = HANDLER.get() else { return };
    let level = match level {
        Theirs::Verbose => LogLevel::Debug,
        Theirs::Info => LogLevel::Info,
        Theirs::Warning => LogLevel::Warning,
        Theirs::Error | Theirs::Fatal => LogLevel::Error,
    };
    handler(level, &format!("{category}: {message}"));
}
