// SPDX-License-Identifier: MIT OR Apache-2.0
//! A camera's annotated stream: drawn and encoded once, and only while somebody wants it.

mod annotate;
mod feed;
mod notice;
mod snapshot;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

pub use annotate::Look;
pub use feed::Feed;
pub use notice::Notice;
pub use snapshot::Snapshots;

use crate::hub::Hub;
use crate::log::Say;
use annotate::Control;

/// See the module. Whoever comes or goes waits for nothing: an encoder that hangs is its own thread's
/// trouble, not that of the RTSP server.
pub struct Stream {
    name: String,
    say: Say,
    look: Mutex<Look>,
    /// What the camera gives, times on the system clock.
    pub pictures: Arc<Hub>,
    /// H.264 in whole access units, as byte stream.
    pub encoded: Arc<Hub>,
    pub notice: Arc<Notice>,
    frames: Arc<AtomicU64>,
    key: Arc<AtomicBool>,
    worker: Mutex<Option<Worker>>,
}

struct Worker {
    control: Arc<Control>,
    ended: Receiver<()>,
}

/// How long the end of drawing and encoding is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Stream {
    pub fn new(name: &str, look: Look, say: Say) -> Arc<Self> {
        Arc::new_cyclic(|stream: &Weak<Self>| {
            let stream = stream.clone();
            let changed = move |_| {
                if let Some(stream) = stream.upgrade() {
                    stream.wanted();
                }
            };
            Self {
                name: name.into(),
                say,
                look: Mutex::new(look),
                pictures: Hub::new(),
                encoded: Hub::watched(changed),
                notice: Arc::default(),
                frames: Arc::default(),
                key: Arc::default(),
                worker: Mutex::default(),
            }
        })
    }

    /// A key frame comes as soon as possible: somebody new watches.
    pub fn key_frame(&self) {
        self.key.store(true, Ordering::Release);
    }

    /// Whether frames are drawn and encoded just now.
    pub fn is_encoding(&self) -> bool {
        lock(&self.worker).is_some()
    }

    /// Frames encoded so far.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    pub fn look(&self) -> Look {
        lock(&self.look).clone()
    }

    /// Draws and encodes otherwise from now on.
    pub fn set_look(&self, look: Look) {
        if std::mem::replace(&mut *lock(&self.look), look.clone()) != look {
            self.end();
            self.wanted();
        }
    }

    /// Starts or stops the worker as is wanted by now.
    fn wanted(&self) {
        let mut worker = lock(&self.worker);
        if self.encoded.count() == 0 {
            *worker = None;
        } else {
            self.key_frame();
            if worker.is_none() {
                *worker = self.start();
            }
        }
    }

    fn start(&self) -> Option<Worker> {
        let control = Arc::new(Control {
            key: self.key.clone(),
            ..Control::default()
        });
        let feed = Feed::new(&self.pictures, self.notice.clone());
        let (look, encoded, frames) = (self.look(), self.encoded.clone(), self.frames.clone());
        let (name, say, mine) = (self.name.clone(), self.say.clone(), control.clone());
        let (done, ended) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name(format!("annotate {name}"))
            .spawn(move || {
                let complain = |error: String| say(&format!("camera {name}: {error}"));
                annotate::run(feed, &look, &encoded, &mine, &frames, &complain);
                // Nobody may be there any more to hear it.
                let _ = done.send(());
            });
        match thread {
            Ok(_) => Some(Worker { control, ended }),
            Err(error) => {
                (self.say)(&format!(
                    "camera {}: no thread to encode on: {error}",
                    self.name
                ));
                None
            }
        }
    }

    /// Ends drawing and encoding, whoever watches.
    fn end(&self) -> Option<Worker> {
        let old = lock(&self.worker).take()?;
        old.end();
        Some(old)
    }

    /// Ends drawing and encoding, and waits for it; an encoder that hangs is left to its thread.
    pub fn stop(&self) {
        if let Some(old) = self.end() {
            let _ = old.ended.recv_timeout(PATIENCE);
        }
    }
}

impl Worker {
    /// Its pipeline gives nothing any more from now on, and goes soon.
    fn end(&self) {
        self.control.stop.store(true, Ordering::Release);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
