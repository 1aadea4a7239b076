// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`crate::app::App`] over HTTP: an API with an OpenAPI description, and a page for people.

mod api;
mod body;
mod guard;
mod live;
mod metrics;
mod page;
mod patient;
mod problem;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::config;
use crate::error::Error;

/// Connections at a time; more wait.
const CONNECTIONS: usize = 256;
/// How long a caller may take for a request's head, for its body, and to take on what is sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest body of a request, in bytes.
const LONGEST: usize = 64 * 1024;

/// All that can be asked, with who may ask it.
pub fn router(app: App, settings: &config::Http) -> Router {
    let guard = Arc::new(guard::Guard::new(settings));
    Router::new()
        .route("/api/status", get(api::status))
        .route("/api/cameras", get(api::cameras).post(api::add))
        .route(
            "/api/cameras/{name}",
            get(api::camera).patch(api::change).delete(api::remove),
        )
        .route("/api/cameras/{name}/live.mjpg", get(live::stream))
        .route("/api/cameras/{name}/snapshot.jpg", get(live::snapshot))
        .route("/api/model", get(api::model).patch(api::change_model))
        .route("/metrics", get(metrics::metrics))
        .route_layer(from_fn_with_state(guard, guard::check))
        .route("/", get(page::page))
        .route("/openapi.json", get(page::openapi))
        .route("/health/live", get(api::live))
        .route("/health/ready", get(api::ready))
        .method_not_allowed_fallback(problem::method)
        .fallback(problem::path)
        .layer(axum::extract::DefaultBodyLimit::max(LONGEST))
        .layer(from_fn(page::headers))
        .with_state(app)
}

/// Listens.
///
/// # Errors
///
/// The address is taken, or is none of this machine.
pub async fn listen(settings: &config::Http) -> Result<(TcpListener, SocketAddr), Error> {
    let cannot = |error: std::io::Error| {
        Error::Failed(format!(
            "HTTP cannot listen on {}: {error}; choose another http.listen",
            settings.listen
        ))
    };
    let listener = TcpListener::bind(settings.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Answers for ever.
pub async fn serve(listener: TcpListener, router: Router) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some will be closed.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let stream = patient::Patient::new(stream, PATIENCE);
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(stream), service);
            // Callers who hang up are no concern of ours.
            let _ = connection.await;
            drop(slot);
        });
    }
}
