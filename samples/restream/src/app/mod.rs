// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs, and everything that can be asked of it.

mod change;
mod entry;
mod report;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::{Camera, CameraPatch, Config, Model, ModelPatch};
use crate::encoder;
use crate::error::Error;
use crate::log::Say;
use crate::model::Loaded;
use crate::rtsp::Server;
use crate::status::{CameraStatus, Status};
use entry::Entry;

/// The newest picture of a camera as a JPEG; empty until there is one.
pub type Picture = Arc<[u8]>;

/// Keeps the configuration: called with all of it after each change, before the change is
/// acknowledged. An error undoes the change.
pub type Keep = Box<dyn Fn(&Config) -> Result<(), Error> + Send + Sync>;

/// The running application; clones are the same one. Everything here may be called from any
/// thread. What changes something blocks until it is done (a model is loaded, say); what reads
/// never waits for a camera.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// Locks are taken in this order: `changing`, then any one of the others, and no two of those.
struct Inner {
    started: Instant,
    say: Say,
    keep: Keep,
    /// The encoder's element.
    encoder: String,
    server: Arc<Server>,
    /// One change at a time.
    changing: Mutex<()>,
    config: Mutex<Config>,
    loaded: Mutex<Option<Loaded>>,
    cameras: Mutex<Vec<Arc<Entry>>>,
}

impl App {
    /// Starts all cameras and the RTSP server. A camera that is not there does not fail the start.
    /// `say` is given a line for people, at start and whenever something changes.
    ///
    /// # Errors
    ///
    /// The model does not load, the encoder is not there, the address is taken.
    pub fn start(config: Config, keep: Keep, say: Say) -> Result<Self, Error> {
        config.check()?;
        let encoder = encoder::choose(&config.encoder)?;
        let server = Arc::new(Server::start(&config.rtsp)?);
        let started = Instant::now();
        let loaded = Loaded::new(&config.model)?;
        say(&format!(
            "model {} on {} (loaded in {:.1} s), encoder {encoder}, {}",
            config.model.path.display(),
            loaded.provider(),
            started.elapsed().as_secs_f64(),
            server.address(),
        ));
        let app = Self(Arc::new(Inner {
            started,
            say,
            keep,
            encoder,
            server,
            changing: Mutex::default(),
            loaded: Mutex::new(Some(loaded)),
            cameras: Mutex::default(),
            config: Mutex::new(config.clone()),
        }));
        for camera in &config.cameras {
            let entry = app.entry(&config, camera)?;
            lock(&app.0.cameras).push(entry);
        }
        Ok(app)
    }

    /// What is asked for just now.
    pub fn config(&self) -> Config {
        lock(&self.0.config).clone()
    }

    pub fn status(&self) -> Status {
        report::status(&self.0)
    }

    /// Whether it serves; not any more while it ends.
    pub fn is_ready(&self) -> bool {
        lock(&self.0.loaded).is_some()
    }

    pub fn camera(&self, name: &str) -> Result<CameraStatus, Error> {
        Ok(report::camera(&self.0, &*self.find(name)?))
    }

    pub fn add_camera(&self, camera: Camera) -> Result<(), Error> {
        change::add(self, camera)
    }

    pub fn remove_camera(&self, name: &str) -> Result<(), Error> {
        change::remove(self, name)
    }

    pub fn change_camera(&self, name: &str, patch: CameraPatch) -> Result<Camera, Error> {
        change::camera(self, name, patch)
    }

    /// Changes threshold or model on all cameras. A model that does not load leaves the old one.
    pub fn change_model(&self, patch: ModelPatch) -> Result<Model, Error> {
        change::model(self, patch)
    }

    /// Annotated pictures of a camera, the newest only, a few a second. They are made for as long
    /// as somebody holds a receiver.
    pub fn pictures(&self, name: &str) -> Result<watch::Receiver<Picture>, Error> {
        let entry = self.find(name)?;
        entry.camera.snapshots.watch(&entry.camera.stream)
    }

    /// Ends everything: recordings are closed, viewers sent off. Returns false when that took
    /// longer than `within`.
    pub fn stop(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let _changing = lock(&self.0.changing);
        let cameras = std::mem::take(&mut *lock(&self.0.cameras));
        for entry in &cameras {
            entry.camera.end();
            entry.end_recording();
        }
        self.0.server.stop();
        for entry in &cameras {
            entry.close();
        }
        let left = || until.saturating_duration_since(Instant::now());
        let ended = cameras.iter().all(|entry| entry.camera.ended(left()));
        lock(&self.0.loaded).take();
        ended
    }

    fn find(&self, name: &str) -> Result<Arc<Entry>, Error> {
        let cameras = lock(&self.0.cameras);
        let found = cameras.iter().find(|entry| entry.name == name);
        found.cloned().ok_or_else(|| Error::NotFound(name.into()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
