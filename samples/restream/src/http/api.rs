// SPDX-License-Identifier: MIT OR Apache-2.0

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::Json;
use super::problem::Problem;
use crate::app::App;
use crate::config::{Camera, CameraPatch, Model, ModelPatch};
use crate::error::Error;
use crate::status::{CameraStatus, Status};

type Answer<T> = Result<Json<T>, Problem>;

/// What blocks, off the thread that answers everybody.
async fn apart<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => Ok(result?),
        Err(_) => {
            let why = "that went wrong in a way it should not have; the log says more";
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why))
        }
    }
}

pub async fn status(State(app): State<App>) -> Json<Status> {
    Json(app.status())
}

/// How all cameras go.
pub async fn cameras(State(app): State<App>) -> Json<Vec<CameraStatus>> {
    Json(app.status().cameras)
}

pub async fn add(State(app): State<App>, Json(camera): Json<Camera>) -> Result<Response, Problem> {
    let shown = camera.shown();
    apart(move || app.add_camera(camera)).await?;
    let place = [(header::LOCATION, format!("/api/cameras/{}", shown.name))];
    Ok((StatusCode::CREATED, place, Json(shown)).into_response())
}

/// How a camera goes, and what is asked of it.
pub async fn camera(State(app): State<App>, Path(name): Path<String>) -> Answer<serde_json::Value> {
    let status = app.camera(&name)?;
    let config = app.config();
    let asked = config.cameras.iter().find(|camera| camera.name == name);
    let asked = asked.ok_or(Error::NotFound(name))?.shown();
    Ok(Json(json!({"config": asked, "status": status})))
}

pub async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    Json(patch): Json<CameraPatch>,
) -> Answer<Camera> {
    let changed = apart(move || app.change_camera(&name, patch)).await?;
    Ok(Json(changed.shown()))
}

pub async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    apart(move || app.remove_camera(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn model(State(app): State<App>) -> Json<Model> {
    Json(app.config().model)
}

pub async fn change_model(State(app): State<App>, Json(patch): Json<ModelPatch>) -> Answer<Model> {
    Ok(Json(apart(move || app.change_model(patch)).await?))
}

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// The model is loaded and RTSP is served, or nothing would be served here. Cameras that are lost
/// do not change that: others, and the viewers of all, are served.
pub async fn ready(State(app): State<App>) -> Response {
    match app.is_ready() {
        true => "ready\n".into_response(),
        false => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "it is ending").into_response(),
    }
}
