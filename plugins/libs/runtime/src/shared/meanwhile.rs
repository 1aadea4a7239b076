// SPDX-License-Identifier: MIT OR Apache-2.0
//! A provider compiles in the background, while another serves.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::progress::{Progress, Reports};
use crate::engine::guarded;
use crate::{Error, Provider};

/// What serves meanwhile, and goes on with what was built.
pub(super) trait Serve<T>: Send + Sync + 'static {
    fn reports(&self) -> &Reports;

    fn switch(&self, built: T) -> Result<(), Error>;
}

/// How often it is told that it goes on.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// Has `build` called on a thread of its own, and what it gives used.
///
/// A compilation cannot be ended. When nobody is served any more it is left to itself: what it
/// makes is kept on the disk, and dropped.
pub(super) fn build<S: Serve<T>, T: Send + 'static>(
    serving: &Arc<S>,
    provider: Provider,
    tick: Duration,
    build: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<(), Error> {
    serving.reports().set(Progress::Building {
        provider,
        elapsed: Duration::ZERO,
    });
    let serving = Arc::downgrade(serving);
    let attend = move || attend(&serving, provider, tick, build);
    let thread = Builder::new().name("lynx-attend".into()).spawn(attend);
    thread.map(drop).map_err(|error| Error::Run {
        reason: no_thread(&error),
    })
}

fn attend<S: Serve<T>, T: Send + 'static>(
    serving: &Weak<S>,
    provider: Provider,
    tick: Duration,
    build: impl FnOnce() -> Result<T, String> + Send + 'static,
) {
    let started = Instant::now();
    let (done, built) = mpsc::channel();
    let work = move || {
        // Nobody may wait for it any more.
        let _ = done.send(guarded(build).flatten());
    };
    let thread = Builder::new().name("lynx-compile".into()).spawn(work);
    let built = loop {
        match built.recv_timeout(tick) {
            Ok(built) => break built,
            Err(RecvTimeoutError::Timeout) => {
                let Some(serving) = serving.upgrade() else {
                    return;
                };
                let elapsed = started.elapsed();
                serving
                    .reports()
                    .set(Progress::Building { provider, elapsed });
            }
            Err(RecvTimeoutError::Disconnected) => {
                let reason = thread.as_ref().err().map(no_thread);
                break Err(reason.unwrap_or_default());
            }
        }
    };
    let Some(serving) = serving.upgrade() else {
        return;
    };
    let switched = built.and_then(|built| {
        let switched = serving.switch(built);
        switched.map_err(|error| error.to_string())
    });
    serving.reports().set(match switched {
        Ok(()) => Progress::Ready {
            provider,
            took: started.elapsed(),
        },
        Err(reason) => Progress::Failed { provider, reason },
    });
}

fn no_thread(error: &std::io::Error) -> String {
    format!("no thread to compile the model on: {error}")
}

#[cfg(test)]
mod tests;
