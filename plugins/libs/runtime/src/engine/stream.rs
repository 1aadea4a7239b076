// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::queues::{Pushed, StreamId};
use super::{Engine, Request};

pub use super::queues::WhenFull;

/// One camera's way into an [`Engine`]. Its queue, and what waits in it, goes when it is dropped.
pub struct Stream {
    engine: Arc<Engine>,
    id: StreamId,
    flushing: AtomicBool,
}

/// What became of a request.
pub enum Submitted {
    Queued,
    /// There was no room: the oldest request that has not begun has made room, or this one found
    /// none. What is given back is not answered.
    Displaced(Arc<dyn Request>),
    /// The stream is flushing; the request is not answered.
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
        let mut request = request;
        let mut state = shared.lock();
        loop {
            if self.flushing.load(Ordering::Acquire) {
                return Submitted::Flushing;
            }
            let images = images.max(1);
            match state.queues.push(self.id, request, images, due, full) {
                Pushed::Queued => {
                    drop(state);
                    shared.work.notify_one();
                    return Submitted::Queued;
                }
                Pushed::Displaced(oldest) => {
                    drop(state);
                    shared.work.notify_one();
                    return Submitted::Displaced(oldest);
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
            requests.iter().for_each(|request| request.flushed());
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let shared = &self.engine.shared;
        let requests = shared.lock().queues.remove(self.id);
        requests.iter().for_each(|request| request.flushed());
    }
}
