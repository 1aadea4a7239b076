// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::queues::{Pushed, StreamId};
use super::{Engine, Failure, Request};

pub use super::queues::WhenFull;

/// One camera's way into an [`Engine`]. Its queue, and what waits in it, goes when it is dropped.
pub struct Stream {
    engine: Arc<Engine>,
    id: StreamId,
    flushing: AtomicBool,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It will be answered; where the engine has no worker left, with the failure, already.
    Queued,
    /// There was no room: the oldest request that has not begun has made room, or this very one
    /// found none. Whichever it was has been told that it goes
    /// [`unanswered`](Request::unanswered).
    Displaced,
    /// The stream is flushing. The request is neither answered nor told.
    Flushing,
}

impl Stream {
    pub(super) fn new(engine: Arc<Engine>, depth: usize) -> Self {
        let id = engine.shared.lock().queues.add(depth);
        Self {
            engine,
            id,
            flushing: AtomicBool::new(false),
        }
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Queues a request of some `images`, at least one, that may wait for others to share a run
    /// with for so long. With [`WhenFull::Refuse`] it waits for room.
    pub fn submit(
        &self,
        request: Arc<dyn Request>,
        images: usize,
        wait: Duration,
        full: WhenFull,
    ) -> Submitted {
        let shared = &self.engine.shared;
        let due = Instant::now() + wait;
        let images = images.max(1);
        let mut request = request;
        let mut state = shared.lock();
        loop {
            if self.flushing.load(Ordering::Acquire) {
                return Submitted::Flushing;
            }
            if let Some(reason) = state.lost.clone() {
                state.stats.failed += images as u64;
                drop(state);
                for image in 0..images {
                    request.answer(image, Err(Failure::Run(reason.clone())));
                }
                return Submitted::Queued;
            }
            match state.queues.push(self.id, request, images, due, full) {
                Pushed::Queued => {
                    drop(state);
                    shared.work.notify_one();
                    return Submitted::Queued;
                }
                Pushed::Displaced(other) => {
                    drop(state);
                    shared.work.notify_one();
                    other.unanswered();
                    return Submitted::Displaced;
                }
                Pushed::Refused(back) => request = back,
            }
            state.blocked += 1;
            let waited = shared.room.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.blocked -= 1;
        }
    }

    /// While flushing, requests are turned away; those that wait are told so.
    pub fn set_flushing(&self, flushing: bool) {
        self.flushing.store(flushing, Ordering::Release);
        if flushing {
            let shared = &self.engine.shared;
            let requests = shared.lock().queues.clear(self.id);
            shared.room.notify_all();
            requests.iter().for_each(|request| request.unanswered());
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let shared = &self.engine.shared;
        let requests = shared.lock().queues.remove(self.id);
        requests.iter().for_each(|request| request.unanswered());
    }
}
