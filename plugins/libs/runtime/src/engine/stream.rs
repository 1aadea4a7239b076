// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, PoisonError};
use std::time::{Duration, Instant};

use super::queues::{Pushed, StreamId};
use super::{Engine, Failure, Request};

pub use super::queues::WhenFull;

/// One camera's way into an [`Engine`]. Its queue, and what waits in it, goes when it is dropped.
pub struct Stream {
    engine: Arc<Engine>,
    id: StreamId,
    flushing: AtomicBool,
    /// There may be room in its queue.
    room: Arc<Condvar>,
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
        let room = Arc::<Condvar>::default();
        let mut state = engine.shared.lock();
        let id = state.queues.add(depth);
        state.rooms.insert(id, Arc::clone(&room));
        drop(state);
        engine.shared.streams.fetch_add(1, Ordering::Relaxed);
        Self {
            engine,
            id,
            flushing: AtomicBool::new(false),
            room,
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
            let waited = self.room.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// While flushing, requests are turned away; those that wait are told so.
    pub fn set_flushing(&self, flushing: bool) {
        self.flushing.store(flushing, Ordering::Release);
        if flushing {
            let shared = &self.engine.shared;
            let requests = shared.lock().queues.clear(self.id);
            self.room.notify_all();
            requests.iter().for_each(|request| request.unanswered());
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let shared = &self.engine.shared;
        shared.streams.fetch_sub(1, Ordering::Relaxed);
        let mut state = shared.lock();
        state.rooms.remove(&self.id);
        let requests = state.queues.remove(self.id);
        drop(state);
        requests.iter().for_each(|request| request.unanswered());
    }
}
