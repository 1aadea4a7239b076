// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors as RFC 9457 has them.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::config::redact;
use crate::error::Error;

/// What an answer says that is none.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Invalid(_) => StatusCode::BAD_REQUEST,
            Error::Exists(_) | Error::Failed(_) => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": redact(&self.detail),
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, problem.to_string()).into_response()
    }
}

/// There is nothing at this path.
pub async fn path(uri: Uri) -> Problem {
    let detail = format!(
        "there is nothing at {}; /openapi.json lists what there is",
        uri.path()
    );
    Problem::new(StatusCode::NOT_FOUND, detail)
}

/// There is, but not by this method.
pub async fn method() -> Problem {
    let detail = "that is not to be had by this method; /openapi.json lists those that are";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
