// SPDX-License-Identifier: MIT OR Apache-2.0
//! Live pictures: Motion JPEG as browsers show it, and one picture.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::problem::Problem;
use crate::app::{App, Picture};

/// How long somebody waits for the first picture.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn stream(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let pictures = app.pictures(&name)?;
    let parts = stream::unfold(pictures, |mut pictures| async move {
        let picture = next(&mut pictures).await?;
        let mut part = format!(
            "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
            picture.len()
        )
        .into_bytes();
        part.extend_from_slice(&picture);
        part.extend_from_slice(b"\r\n");
        Some((
            Ok::<_, std::convert::Infallible>(Bytes::from(part)),
            pictures,
        ))
    });
    let kind = "multipart/x-mixed-replace; boundary=frame";
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

pub async fn snapshot(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let mut pictures = app.pictures(&name)?;
    let picture = tokio::time::timeout(PATIENCE, next(&mut pictures)).await;
    let none = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "there is no picture yet");
    let picture = picture.ok().flatten().ok_or_else(none)?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, picture.to_vec()).into_response())
}

/// The next picture; `None` when there will be none any more.
async fn next(pictures: &mut watch::Receiver<Picture>) -> Option<Picture> {
    loop {
        pictures.changed().await.ok()?;
        let picture = pictures.borrow_and_update().clone();
        if !picture.is_empty() {
            return Some(picture);
        }
    }
}
