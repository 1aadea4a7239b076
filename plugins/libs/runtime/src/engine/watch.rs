// SPDX-License-Identifier: MIT OR Apache-2.0
//! An eye on a worker, which may hang in a run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::lock;

/// What is known of a worker from outside.
#[derive(Default)]
pub(super) struct Watch {
    /// Since when it has been busy with the same run.
    since: Mutex<Option<Instant>>,
    terminate: Mutex<Option<Box<dyn Fn() + Send + Sync>>>,
    dismissed: AtomicBool,
}

impl Watch {
    /// Takes what ends the worker's run.
    pub fn set_terminate(&self, terminate: Box<dyn Fn() + Send + Sync>) {
        *lock(&self.terminate) = Some(terminate);
    }

    pub fn begin(&self) {
        *lock(&self.since) = Some(Instant::now());
    }

    pub fn end(&self) {
        *lock(&self.since) = None;
    }

    /// Whether it is to stop when it comes back.
    pub fn is_dismissed(&self) -> bool {
        self.dismissed.load(Ordering::Acquire)
    }

    /// Ends its run if that has taken so long, and dismisses it.
    pub fn dismiss_after(&self, patience: Duration) -> bool {
        let since = *lock(&self.since);
        let stuck = since.is_some_and(|since| since.elapsed() >= patience);
        if stuck {
            self.dismissed.store(true, Ordering::Release);
            if let Some(terminate) = &*lock(&self.terminate) {
                terminate();
            }
        }
        stuck
    }
}
