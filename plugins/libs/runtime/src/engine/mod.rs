// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine: images of many streams meet here, and run in batches.
//!
//! A [`Stream`] queues a [`Request`] of some images; it never waits for a run, only, where it
//! wishes to, for room in its own bounded queue. Workers take the images of the next run from all
//! streams ([`Policy`]), have the requests write their tensors straight into the memory of the
//! run, run the model ([`Runner`]) and hand each image's answer to its request.

mod backend;
mod guard;
mod ladder;
mod making;
mod queues;
mod request;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod watch;
mod worker;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use backend::{Backend, Runner};
pub use ladder::{Ladder, Padding};
pub use queues::Policy;
pub use request::{Answer, Failure, Request, Slot, Times};
pub use stream::{Stream, Submitted, WhenFull};

use crate::Error;
pub(crate) use guard::guarded;
pub(crate) use making::runners;
use state::Shared;
use watch::Watch;

/// How an engine works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EngineOptions {
    /// Runs that go on at the same time, at least 1.
    pub requests: usize,
    pub ladder: Ladder,
    pub policy: Policy,
}

/// What an engine has done since it was made, and does now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Workers that run the model, or are about to: as many as there are
    /// [`requests`](EngineOptions::requests) unless some were lost; 0 when all were, and everything
    /// fails.
    pub workers: usize,
    /// Requests that wait for a run, of all streams.
    pub waiting: usize,
    /// The most images of a run: fewer than were asked for where the device has no memory for them.
    pub limit: usize,
    pub runs: u64,
    /// Images in these runs.
    pub images: u64,
    /// Images' worth of padding in them.
    pub padding: u64,
    /// Images that the model said nothing of because something failed.
    pub failed: u64,
    /// Images whose tensors were copied: to try again those that were beside one that failed.
    pub copies: u64,
    /// What a run takes, a moving average.
    pub run_time: Duration,
    /// Runs that did not come back in time; those that failed in spite of that among them.
    pub stuck: u64,
}

/// Workers that run a model for all who have a [`Stream`].
pub struct Engine {
    shared: Arc<Shared>,
    options: EngineOptions,
    workers: Mutex<Vec<Hired>>,
}

/// A worker's thread.
struct Hired {
    thread: JoinHandle<()>,
    watch: Arc<Watch>,
}

/// How long those who let an engine go wait for a run to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// Runs that may hang at the same time before the engine gives up to replace their workers. Those that
/// have ended when they were told to count no more.
const MOST_STUCK: i64 = 8;

impl Engine {
    /// An engine on `backend`. Each worker's memory is there, and has been run on, when it returns;
    /// that this takes longer than the backend's [`patience`](Backend::patience) is an error.
    pub fn new(backend: Arc<dyn Backend>, options: EngineOptions) -> Result<Arc<Self>, Error> {
        let fresh = options.runners(&backend)?;
        let engine = Arc::new(Self {
            shared: Arc::new(Shared::new(backend, fresh, options)),
            options,
            workers: Mutex::new(Vec::new()),
        });
        for _ in 0..options.requests.max(1) {
            engine.shared.lock().workers += 1;
            engine.hire()?;
        }
        Ok(engine)
    }

    pub fn options(&self) -> EngineOptions {
        self.options
    }

    pub fn stats(&self) -> EngineStats {
        let state = self.shared.lock();
        EngineStats {
            workers: state.workers,
            waiting: state.queues.requests(),
            limit: state.queues.ladder().limit(),
            ..state.stats
        }
    }

    /// How many streams there are. Takes no lock.
    pub fn streams(&self) -> usize {
        self.shared.streams.load(Ordering::Relaxed)
    }

    /// A stream of which `depth` requests may wait.
    pub fn stream(self: &Arc<Self>, depth: usize) -> Stream {
        Stream::new(Arc::clone(self), depth)
    }

    /// Goes on with another backend, which gives the same answers: each worker changes between two
    /// runs, and none waits, as their memory is made here. The last to change lets the old backend
    /// go. After an error everything stays as it was.
    ///
    /// An engine that had lost workers has all of them again.
    pub fn replace(&self, backend: Arc<dyn Backend>) -> Result<(), Error> {
        let fresh = self.options.runners(&backend)?;
        let mut state = self.shared.lock();
        let before = std::mem::replace(&mut state.backend, backend);
        let unused = std::mem::replace(&mut state.fresh, fresh);
        state.generation += 1;
        state.queues.set_ladder(self.options.ladder);
        state.lost = None;
        let missing = self.options.requests.max(1).saturating_sub(state.workers);
        state.workers += missing;
        drop(state);
        self.shared.work.notify_all();
        drop((before, unused));
        (0..missing).try_for_each(|_| self.hire())
    }

    /// Ends runs that take longer than the most patient of their requests allows
    /// ([`Request::patience`]); a run that will not end keeps its worker, and another takes its
    /// place. Their images have failed. Gives how many workers did not come back.
    ///
    /// No others come when too many runs hang in spite of that, or the first run of one that came
    /// does, as it does on a device that hangs whatever it runs. When the last worker is lost, all
    /// requests fail.
    pub fn rescue(&self) -> usize {
        let mut stuck = Vec::new();
        lock(&self.workers).retain(|hired| {
            let dismissed = hired.watch.dismiss_late();
            let stays = dismissed.is_none();
            stuck.extend(dismissed);
            stays
        });
        let runs = stuck.len();
        for worker in stuck {
            let mut state = self.shared.lock();
            state.stats.stuck += 1;
            state.hanging += 1;
            let too_many = state.hanging > MOST_STUCK;
            drop(state);
            if worker.making {
                self.shared.lose(
                    "its device hangs: the first run of a new worker did not come back, either; use another execution provider or device",
                );
            } else if too_many {
                self.shared.lose(
                    "too many of its runs did not come back; use another model or execution provider",
                );
            } else {
                // Who is not hired is counted out.
                let _ = self.hire();
            }
            let reason = format!("the run did not come back within {:.1?}", worker.busy);
            self.shared.fail(worker.images, &reason);
        }
        runs
    }

    /// Starts a worker that is counted already.
    fn hire(&self) -> Result<(), Error> {
        let (shared, options) = (Arc::clone(&self.shared), self.options);
        let watch = Arc::new(Watch::default());
        let watched = Arc::clone(&watch);
        let thread = std::thread::Builder::new()
            .name("lynx-infer".into())
            .spawn(move || {
                let worked = guarded(|| shared.work(options, Arc::clone(&watched)));
                let worked = worked.and_then(|end| end.map_err(|error| error.to_string()));
                // Also where it was cut short.
                watched.end();
                match worked {
                    // It was counted out then.
                    _ if watched.is_dismissed() => shared.lock().hanging -= 1,
                    Err(reason) => shared.lose(&reason),
                    Ok(()) => {}
                }
            });
        match thread {
            Ok(thread) => lock(&self.workers).push(Hired { thread, watch }),
            Err(error) => {
                let reason = format!("no thread for the engine: {error}");
                self.shared.lose(&reason);
                return Err(Error::Run { reason });
            }
        }
        Ok(())
    }
}

impl EngineOptions {
    /// What the workers run on.
    fn runners(&self, backend: &Arc<dyn Backend>) -> Result<Vec<Box<dyn Runner>>, Error> {
        let rungs: Vec<_> = self.ladder.rungs().collect();
        runners(backend, &rungs, self.requests.max(1))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.work.notify_all();
        let workers = std::mem::take(&mut *lock(&self.workers));
        let until = Instant::now() + PATIENCE;
        for hired in workers {
            // Whose request had the engine last: it stops by itself.
            if hired.thread.thread().id() == std::thread::current().id() {
                continue;
            }
            while !hired.thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            if hired.thread.is_finished() {
                let _ = hired.thread.join();
            } else if let Some(hangs) = hired.watch.dismiss() {
                self.shared.fail(hangs.images, "the engine has gone");
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
