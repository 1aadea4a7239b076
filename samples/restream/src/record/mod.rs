// SPDX-License-Identifier: MIT OR Apache-2.0
//! Annotated video into files, on a thread of its own: a disk that hangs or is full holds up
//! nobody, and is tried again for ever.

mod files;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::hub::{Hub, Subscription};
use crate::log::Say;
use files::{Files, is_key};

/// Length of a file.
const FILE: Duration = Duration::from_secs(600);
/// How long the last file may take to be closed.
const PATIENCE: Duration = Duration::from_secs(1);
/// Frames that wait for their file, at most: a few seconds.
const WAITING: usize = 120;
/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// Writes `FOLDER/NAME-20261126-231205.mp4` (UTC), ten minutes each, until it goes. The files are
/// fragmented: one that was not closed can be played up to its last second.
pub struct Recording {
    subscription: Option<Subscription>,
    ended: Receiver<()>,
}

/// What a recording's thread has.
struct Writer {
    name: String,
    folder: PathBuf,
    length: Duration,
    samples: Receiver<gst::Sample>,
    say: Say,
}

impl Recording {
    /// # Errors
    ///
    /// The folder cannot be written to, or there is no thread.
    pub fn start(name: &str, folder: &Path, encoded: &Arc<Hub>, say: Say) -> Result<Self, Error> {
        Self::start_with(name, folder, encoded, say, FILE)
    }

    fn start_with(
        name: &str,
        folder: &Path,
        encoded: &Arc<Hub>,
        say: Say,
        length: Duration,
    ) -> Result<Self, Error> {
        try_writing(name, folder).map_err(|error| {
            Error::Invalid(format!("cannot record into {}: {error}", folder.display()))
        })?;
        let (put, samples) = mpsc::sync_channel(WAITING);
        let (done, ended) = mpsc::channel();
        let writer = Writer {
            name: name.into(),
            folder: folder.into(),
            length,
            samples,
            say,
        };
        std::thread::Builder::new()
            .name(format!("record {name}"))
            .spawn(move || {
                writer.run();
                // Nobody may be there any more to hear it.
                let _ = done.send(());
            })
            .map_err(|error| Error::Failed(format!("no thread to record on: {error}")))?;
        Ok(Self {
            subscription: Some(encoded.subscribe(put_into(put))),
            ended,
        })
    }

    /// Begins to close its file; that it goes waits for it.
    pub fn end(&mut self) {
        self.subscription.take();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.end();
        // A disk that hangs longer is waited for by the thread alone.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

/// The reason not to begin.
fn try_writing(name: &str, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".{name}.{}", std::process::id()));
    std::fs::write(&probe, [])?;
    std::fs::remove_file(probe)
}

/// Never waits; what does not fit goes, up to the next key frame.
fn put_into(put: SyncSender<gst::Sample>) -> impl Fn(&gst::Sample) + Send + Sync {
    let missed = AtomicBool::new(false);
    move |sample| {
        if missed.load(Ordering::Relaxed) && !is_key(sample) {
            return;
        }
        missed.store(put.try_send(sample.clone()).is_err(), Ordering::Relaxed);
    }
}

impl Writer {
    /// Until nothing comes any more: the subscription has gone.
    fn run(&self) {
        let mut first = None;
        let mut is_failing = false;
        loop {
            // A file begins with a key frame.
            let sample = match first.take().map_or_else(|| self.samples.recv(), Ok) {
                Ok(sample) if is_key(&sample) => sample,
                Ok(_) => continue,
                Err(_) => return,
            };
            let files = Files::start(&self.name, &self.folder, self.length);
            match files.and_then(|files| files.write(sample, &self.samples)) {
                Ok(None) => return,
                Ok(next) => {
                    first = next;
                    if std::mem::take(&mut is_failing) {
                        self.say("it is recorded again");
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        self.say(&format!(
                            "{error}; trying again every {} s",
                            AGAIN.as_secs()
                        ));
                    }
                    if !self.skip(AGAIN) {
                        return;
                    }
                }
            }
        }
    }

    /// Lets samples go for so long; false when there are none any more.
    fn skip(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.samples.recv_timeout(left) {
                Ok(_) if !left.is_zero() => {}
                Ok(_) | Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    fn say(&self, text: &str) {
        (self.say)(&format!("camera {}: {text}", self.name));
    }
}
