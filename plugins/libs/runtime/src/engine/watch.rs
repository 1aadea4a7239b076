// SPDX-License-Identifier: MIT OR Apache-2.0
//! An eye on a worker, which may hang in a run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::worker::Image;
use super::{Request, lock};

/// What is known of a worker from outside.
#[derive(Default)]
pub(super) struct Watch {
    /// Since when it has been busy with the same run.
    since: Mutex<Option<Instant>>,
    /// Of that run, the images that are not answered: by whoever takes them from here.
    open: Mutex<Vec<Image>>,
    terminate: Mutex<Option<Box<dyn Fn() + Send + Sync>>>,
    dismissed: AtomicBool,
}

impl Watch {
    /// Takes what ends the worker's run.
    pub fn set_terminate(&self, terminate: Box<dyn Fn() + Send + Sync>) {
        *lock(&self.terminate) = Some(terminate);
    }

    pub fn begin(&self, images: &[Image]) {
        let mut open = lock(&self.open);
        open.clear();
        open.extend_from_slice(images);
        drop(open);
        *lock(&self.since) = Some(Instant::now());
    }

    pub fn end(&self) {
        *lock(&self.since) = None;
    }

    /// Whether an image is the worker's to answer: once, and not after they were taken away.
    pub fn claim(&self, request: &Arc<dyn Request>, image: usize) -> bool {
        let mut open = lock(&self.open);
        let mut places = open.iter();
        let place = places.position(|(other, i)| *i == image && Arc::ptr_eq(other, request));
        place.map(|place| open.swap_remove(place)).is_some()
    }

    /// Whether it is to stop when it comes back.
    pub fn is_dismissed(&self) -> bool {
        self.dismissed.load(Ordering::Acquire)
    }

    /// If its run has taken so long, dismisses it, takes away the images that it has not answered,
    /// and ends the run where that can be.
    pub fn dismiss_after(&self, patience: Duration) -> Option<Vec<Image>> {
        let since = *lock(&self.since);
        since.filter(|since| since.elapsed() >= patience)?;
        self.dismissed.store(true, Ordering::Release);
        let images = std::mem::take(&mut *lock(&self.open));
        if let Some(terminate) = &*lock(&self.terminate) {
            terminate();
        }
        Some(images)
    }
}
