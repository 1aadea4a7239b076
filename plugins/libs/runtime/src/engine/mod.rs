// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine: images of many streams meet here, and run in batches.
//!
//! A [`Stream`] queues a [`Request`] of some images; it never waits for a run, only, where it
//! wishes to, for room in its own bounded queue. Workers take the images of the next run from all
//! streams ([`Policy`]), have the requests write their tensors straight into the memory of the
//! run, run the model ([`Runner`]) and hand each image's answer to its request.

mod backend;
mod ladder;
mod queues;
mod request;
mod stream;
#[cfg(test)]
mod tests;
mod watch;
mod worker;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use backend::{Backend, Runner};
pub use ladder::{Ladder, Padding};
pub use queues::Policy;
pub use request::{Answer, Failure, Request, Slot, Times};
pub use stream::{Stream, Submitted, WhenFull};

use crate::Error;
use queues::{Next, Queues};
use watch::Watch;
use worker::{Event, Image, Worker};

/// How an engine works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EngineOptions {
    /// Runs that go on at the same time, at least 1.
    pub requests: usize,
    pub ladder: Ladder,
    pub policy: Policy,
}

/// What an engine has done since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    pub runs: u64,
    /// Images in these runs.
    pub images: u64,
    /// Images' worth of padding in them.
    pub padding: u64,
    /// Images that the model said nothing of because something failed.
    pub failed: u64,
    /// What a run takes, a moving average.
    pub run_time: Duration,
    /// Runs that did not come back in time.
    pub stuck: u64,
}

/// Workers that run a model for all who have a [`Stream`].
pub struct Engine {
    shared: Arc<Shared>,
    backend: Arc<dyn Backend>,
    options: EngineOptions,
    workers: Mutex<Vec<Hired>>,
}

/// A worker's thread.
struct Hired {
    thread: JoinHandle<()>,
    watch: Arc<Watch>,
}

struct Shared {
    state: Mutex<State>,
    /// There may be images to run, or it is time to stop.
    work: Condvar,
    /// There may be room in a queue.
    room: Condvar,
}

struct State {
    queues: Queues<Arc<dyn Request>>,
    /// Streams that wait for room.
    blocked: usize,
    stop: bool,
    stats: EngineStats,
}

/// How long those who let an engine go wait for a run to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// Runs that may hang before the engine gives up to replace their workers.
const MOST_STUCK: u64 = 8;

impl Engine {
    /// An engine on `backend`. Each worker's memory is there, and has been run on, when it returns.
    pub fn new(backend: Arc<dyn Backend>, options: EngineOptions) -> Result<Arc<Self>, Error> {
        let state = State {
            queues: Queues::new(options.policy, options.ladder),
            blocked: 0,
            stop: false,
            stats: EngineStats::default(),
        };
        let engine = Arc::new(Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                work: Condvar::new(),
                room: Condvar::new(),
            }),
            backend,
            options,
            workers: Mutex::new(Vec::new()),
        });
        let rungs: Vec<_> = options.ladder.rungs().collect();
        for _ in 0..options.requests.max(1) {
            let runner = engine.backend.runner(&rungs)?;
            engine.hire(move || Ok(runner))?;
        }
        Ok(engine)
    }

    pub fn options(&self) -> EngineOptions {
        self.options
    }

    pub fn stats(&self) -> EngineStats {
        self.shared.lock().stats
    }

    /// A stream of which `depth` requests may wait.
    pub fn stream(self: &Arc<Self>, depth: usize) -> Stream {
        Stream::new(Arc::clone(self), depth)
    }

    /// Ends runs that have taken longer than `patience`; a run that will not end keeps its worker,
    /// and another takes its place. Gives how many there were.
    pub fn rescue(&self, patience: Duration) -> usize {
        let mut workers = lock(&self.workers);
        let (stuck, rest) = std::mem::take(&mut *workers)
            .into_iter()
            .partition::<Vec<_>, _>(|hired| hired.watch.dismiss_after(patience));
        *workers = rest;
        drop(workers);
        let mut before = 0;
        if !stuck.is_empty() {
            let mut state = self.shared.lock();
            before = state.stats.stuck;
            state.stats.stuck += stuck.len() as u64;
        }
        let rungs: Vec<_> = self.options.ladder.rungs().collect();
        for _ in stuck
            .iter()
            .take((MOST_STUCK.saturating_sub(before)) as usize)
        {
            let (backend, rungs) = (Arc::clone(&self.backend), rungs.clone());
            // Its memory is made on its own thread: that takes a run, which may hang, too.
            let _ = self.hire(move || backend.runner(&rungs));
        }
        stuck.len()
    }

    fn hire(
        &self,
        runner: impl FnOnce() -> Result<Box<dyn Runner>, Error> + Send + 'static,
    ) -> Result<(), Error> {
        let (shared, ladder) = (Arc::clone(&self.shared), self.options.ladder);
        let watch = Arc::new(Watch::default());
        let watched = Arc::clone(&watch);
        let thread = std::thread::Builder::new()
            .name("lynx-infer".into())
            .spawn(move || {
                if let Ok(runner) = runner() {
                    watched.set_terminate(runner.terminate());
                    shared.work(Worker::new(runner, ladder, watched));
                }
            })
            .map_err(|error| Error::Run {
                reason: format!("no thread for the engine: {error}"),
            })?;
        lock(&self.workers).push(Hired { thread, watch });
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.work.notify_all();
        let workers = std::mem::take(&mut *lock(&self.workers));
        let until = Instant::now() + PATIENCE;
        for hired in workers {
            while !hired.thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            if hired.thread.is_finished() {
                let _ = hired.thread.join();
            } else {
                hired.watch.dismiss_after(Duration::ZERO);
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// What a worker does all day.
    fn work(&self, mut worker: Worker) {
        let mut images = Vec::new();
        while self.next(&mut images, worker.watch()) {
            worker.watch().begin();
            worker.run(&mut images, &|event| self.lock().note(event));
            worker.watch().end();
        }
    }

    /// Waits for the images of the next run; false when it is time to stop.
    fn next(&self, images: &mut Vec<Image>, watch: &Watch) -> bool {
        let mut state = self.lock();
        loop {
            if state.stop || watch.is_dismissed() {
                return false;
            }
            let now = Instant::now();
            state = match state.queues.take(now, images) {
                Next::Run => break,
                Next::Wait(until) => {
                    let waited = self.work.wait_timeout(state, until - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Next::Idle => {
                    let waited = self.work.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        let (left, blocked) = (state.queues.len(), state.blocked);
        drop(state);
        if left > 0 {
            self.work.notify_one();
        }
        if blocked > 0 {
            self.room.notify_all();
        }
        true
    }
}

impl State {
    fn note(&mut self, event: Event) {
        let stats = &mut self.stats;
        match event {
            Event::Ran {
                images,
                padding,
                time,
            } => {
                let before = match stats.run_time.is_zero() {
                    true => time,
                    false => stats.run_time,
                };
                stats.run_time = (before * 7 + time) / 8;
                stats.runs += 1;
                stats.images += images as u64;
                stats.padding += padding as u64;
            }
            Event::Failed => stats.failed += 1,
            Event::TooMany { most } => self.queues.limit(most),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
