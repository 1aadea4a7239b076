// SPDX-License-Identifier: MIT OR Apache-2.0

/// Why something that was asked for cannot be done. The message says cause and remedy, and never
/// holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such camera (404).
    #[error("there is no camera {0:?}")]
    NotFound(String),
    /// A camera of that name is there already (409).
    #[error("there is a camera {0:?} already; change it, or choose another name")]
    Exists(String),
    /// What was asked for cannot work (400).
    #[error("{0}")]
    Invalid(String),
    /// It was tried and failed; what ran before runs on (409).
    #[error("{0}")]
    Failed(String),
}
