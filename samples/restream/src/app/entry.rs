// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{App, lock};
use crate::camera::{Camera, Plan};
use crate::config::{self, Config, hides};
use crate::error::Error;
use crate::log::Say;
use crate::properties;
use crate::record::Recording;
use crate::rtsp::{Codec, Offer};
use crate::stream::Look;

/// A camera and all that hangs on it.
pub struct Entry {
    pub name: String,
    pub camera: Camera,
    pub recording: Mutex<Option<Recording>>,
    pub raw: Arc<Mutex<Raw>>,
}

/// What is served at `/NAME/raw`.
#[derive(Default)]
pub struct Raw {
    /// Only while this is so: a camera that is connecting may find its stream later than it may be
    /// shown.
    is_allowed: bool,
    pub codec: Option<Codec>,
}

impl Entry {
    /// Starts or ends the recording as the configuration says.
    pub fn record(&self, camera: &config::Camera, say: &Say) -> Result<(), Error> {
        let new = match &camera.record {
            Some(folder) => {
                let encoded = &self.camera.stream.encoded;
                Some(Recording::start(&self.name, folder, encoded, say.clone())?)
            }
            None => None,
        };
        let old = std::mem::replace(&mut *lock(&self.recording), new);
        drop(old);
        Ok(())
    }

    /// Begins to end its recording.
    pub fn end_recording(&self) {
        if let Some(recording) = &mut *lock(&self.recording) {
            recording.end();
        }
    }

    /// Closes the recording and ends the streams.
    pub fn close(&self) {
        let recording = lock(&self.recording).take();
        drop(recording);
        self.camera.snapshots.close();
        self.camera.stream.stop();
    }
}

/// What the camera is to do.
pub fn plan(config: &Config, camera: &config::Camera) -> Plan {
    Plan {
        hides: hides(&config.overlay_of(camera)),
        camera: camera.clone(),
        model: config.model.clone(),
    }
}

/// How its pictures are drawn on and encoded.
pub fn look(config: &Config, camera: &config::Camera, encoder: &str) -> Look {
    Look {
        overlay: config.overlay_of(camera),
        encoder: config.encoder.clone(),
        element: encoder.into(),
    }
}

/// Refuses properties that `lynxoverlay` does not have.
pub fn check_look(look: &Look) -> Result<(), Error> {
    properties::set_all(&properties::make("lynxoverlay")?, &look.overlay)
}

impl App {
    /// Starts a camera and serves its streams.
    pub(super) fn entry(
        &self,
        config: &Config,
        camera: &config::Camera,
    ) -> Result<Arc<Entry>, Error> {
        let inner = &self.0;
        let look = look(config, camera, &inner.encoder);
        check_look(&look)?;
        let name = camera.name.clone();
        let raw = Arc::new(Mutex::new(Raw {
            is_allowed: camera.raw,
            codec: None,
        }));
        // The raw stream's hub is made with the camera, which tells of it later.
        let hub: Arc<Mutex<Option<Arc<crate::hub::Hub>>>> = Arc::default();
        let (server, path) = (Arc::downgrade(&inner.server), format!("{name}/raw"));
        let (served, source) = (raw.clone(), hub.clone());
        let found = move |codec| {
            let hub = lock(&source).clone();
            let (Some(server), Some(encoded)) = (server.upgrade(), hub) else {
                return;
            };
            let mut served = lock(&served);
            if served.is_allowed && served.codec.replace(codec) != Some(codec) {
                let key_frame = Arc::new(|| ());
                server.add(
                    &path,
                    Offer {
                        encoded,
                        codec,
                        key_frame,
                    },
                );
            }
        };
        let plan = plan(config, camera);
        let started = Camera::start(plan, look, inner.say.clone(), Arc::new(found));
        *lock(&hub) = Some(started.raw.clone());
        let stream = Arc::downgrade(&started.stream);
        let offer = Offer {
            encoded: started.stream.encoded.clone(),
            codec: Codec::H264,
            key_frame: Arc::new(move || {
                if let Some(stream) = stream.upgrade() {
                    stream.key_frame();
                }
            }),
        };
        inner.server.add(&name, offer);
        let entry = Arc::new(Entry {
            name,
            camera: started,
            recording: Mutex::default(),
            raw,
        });
        if let Err(error) = entry.record(camera, &inner.say) {
            self.end(&entry, Duration::ZERO);
            return Err(error);
        }
        Ok(entry)
    }

    /// Lets the raw stream be served once it is found, or not any more.
    pub(super) fn allow_raw(&self, entry: &Entry, allowed: bool) {
        let mut raw = lock(&entry.raw);
        raw.is_allowed = allowed;
        if !allowed && raw.codec.take().is_some() {
            self.0.server.remove(&format!("{}/raw", entry.name));
        }
    }

    /// Serves nothing of it any more, and ends it.
    pub(super) fn end(&self, entry: &Entry, wait: Duration) {
        entry.camera.end();
        self.0.server.remove(&entry.name);
        self.allow_raw(entry, false);
        entry.close();
        if !entry.camera.ended(wait) && !wait.is_zero() {
            (self.0.say)(&format!(
                "camera {}: its source does not let go yet; it ends when that does",
                entry.name
            ));
        }
    }
}
