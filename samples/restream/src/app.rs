// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs, and everything that can be asked of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::config::{Camera, CameraPatch, Config, Model, ModelPatch};
use crate::error::Error;
use crate::status::{CameraStatus, Status};

/// The newest picture of a camera as a JPEG; empty until there is one.
pub type Picture = Arc<[u8]>;

/// Keeps the configuration: called with all of it after each change, before the change is
/// acknowledged. An error undoes the change.
pub type Keep = Box<dyn Fn(&Config) -> Result<(), Error> + Send + Sync>;

/// The running application; clones are the same one. Everything here may be called from any
/// thread. What changes something blocks until it is done (a model is loaded, say); what reads
/// never waits for a camera.
#[derive(Clone)]
pub struct App {}

impl App {
    /// Starts all cameras and the RTSP server. A camera that is not there does not fail the start.
    ///
    /// # Errors
    ///
    /// The model does not load, the encoder is not there, the address is taken.
    pub fn start(_config: Config, _keep: Keep) -> Result<Self, Error> {
        todo!()
    }

    /// What is asked for just now.
    pub fn config(&self) -> Config {
        todo!()
    }

    pub fn status(&self) -> Status {
        todo!()
    }

    pub fn camera(&self, _name: &str) -> Result<CameraStatus, Error> {
        todo!()
    }

    pub fn add_camera(&self, _camera: Camera) -> Result<(), Error> {
        todo!()
    }

    pub fn remove_camera(&self, _name: &str) -> Result<(), Error> {
        todo!()
    }

    pub fn change_camera(&self, _name: &str, _patch: CameraPatch) -> Result<Camera, Error> {
        todo!()
    }

    /// Changes threshold or model on all cameras. A model that does not load leaves the old one.
    pub fn change_model(&self, _patch: ModelPatch) -> Result<Model, Error> {
        todo!()
    }

    /// Annotated pictures of a camera, the newest only, a few a second. They are made for as long
    /// as somebody holds a receiver.
    pub fn pictures(&self, _name: &str) -> Result<watch::Receiver<Picture>, Error> {
        todo!()
    }

    /// Ends everything: recordings are closed, viewers sent off. Returns false when that took
    /// longer than `within`.
    pub fn stop(&self, _within: Duration) -> bool {
        todo!()
    }
}
