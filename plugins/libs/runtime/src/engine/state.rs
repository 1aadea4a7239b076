// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an engine's workers and streams share.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::guard::guarded;
use super::queues::{Next, Queues, StreamId};
use super::watch::Watch;
use super::worker::{Event, Image, Worker};
use super::{Backend, EngineOptions, EngineStats, Failure, Request, Runner, lock};
use crate::Error;

pub(super) struct Shared {
    state: Mutex<State>,
    /// Asked about for each frame, which is no reason to wait for the lock.
    pub streams: AtomicUsize,
    /// There may be images to run, a runner to take, or it is time to stop.
    pub work: Condvar,
}

pub(super) struct State {
    pub queues: Queues<Arc<dyn Request>>,
    /// Where each stream waits for room. One for all would wake all for the sake of one.
    pub rooms: HashMap<StreamId, Arc<Condvar>>,
    pub stop: bool,
    /// Those that work, and those that are about to.
    pub workers: usize,
    /// Dismissed workers whose run has not ended; below 0 for the moment in which one ends before it is
    /// counted.
    pub hanging: i64,
    /// Why there are none left.
    pub lost: Option<String>,
    pub backend: Arc<dyn Backend>,
    /// Counts the backends.
    pub generation: u64,
    /// Runners of the backend that no worker has taken yet.
    pub fresh: Vec<Box<dyn Runner>>,
    pub stats: EngineStats,
}

/// What a worker does next.
enum Task {
    /// Run the images that were taken.
    Run,
    /// Go on with a runner of this generation.
    Take(Box<dyn Runner>, u64),
    Stop,
}

impl Shared {
    pub fn new(
        backend: Arc<dyn Backend>,
        fresh: Vec<Box<dyn Runner>>,
        options: EngineOptions,
    ) -> Self {
        let state = State {
            queues: Queues::new(options.policy, options.ladder),
            rooms: HashMap::new(),
            stop: false,
            workers: 0,
            hanging: 0,
            lost: None,
            backend,
            generation: 0,
            fresh,
            stats: EngineStats::default(),
        };
        Self {
            state: Mutex::new(state),
            streams: AtomicUsize::new(0),
            work: Condvar::new(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// What a worker does all day.
    pub fn work(&self, options: EngineOptions, watch: Arc<Watch>) -> Result<(), Error> {
        let (runner, mut generation) = self.runner(options, &watch)?;
        let mut worker = Worker::new(runner, options.ladder, watch);
        let mut images = Vec::new();
        loop {
            match self.next(&mut images, worker.watch(), generation) {
                Task::Run => {
                    worker.watch().begin(&images);
                    worker.run(&mut images, &|event| self.lock().note(event));
                    worker.watch().end();
                }
                Task::Take(runner, of) => {
                    worker.take(runner);
                    generation = of;
                }
                Task::Stop => return Ok(()),
            }
        }
    }

    /// A runner, made here if none lies ready: that takes runs, which may hang, too.
    fn runner(
        &self,
        options: EngineOptions,
        watch: &Watch,
    ) -> Result<(Box<dyn Runner>, u64), Error> {
        let mut state = self.lock();
        let generation = state.generation;
        if let Some(runner) = state.fresh.pop() {
            return Ok((runner, generation));
        }
        let backend = Arc::clone(&state.backend);
        drop(state);
        let rungs: Vec<_> = options.ladder.rungs().collect();
        watch.begin_making(backend.patience(&rungs, false));
        let runner = backend.runner(&rungs);
        watch.end();
        Ok((runner?, generation))
    }

    /// Waits for something to do.
    fn next(&self, images: &mut Vec<Image>, watch: &Watch, generation: u64) -> Task {
        let mut state = self.lock();
        loop {
            if state.stop || watch.is_dismissed() {
                return Task::Stop;
            }
            if state.generation > generation
                && let Some(runner) = state.fresh.pop()
            {
                return Task::Take(runner, state.generation);
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
        let (left, rooms) = (state.queues.len(), state.rooms_again());
        drop(state);
        if left > 0 {
            self.work.notify_one();
        }
        rooms.iter().for_each(|room| room.notify_all());
        Task::Run
    }

    /// Counts a worker out. With the last, what waits fails, and so does what comes.
    pub fn lose(&self, reason: &str) {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        if state.workers > 0 || state.stop {
            return;
        }
        let reason = format!("the engine has no worker left: {reason}");
        state.lost = Some(reason.clone());
        let images = state.queues.drain();
        let rooms = state.rooms_again();
        drop(state);
        rooms.iter().for_each(|room| room.notify_all());
        self.fail(images, &reason);
    }

    /// Tells requests that their images have no answer.
    pub fn fail(&self, images: Vec<Image>, reason: &str) {
        self.lock().stats.failed += images.len() as u64;
        for (request, image) in images {
            let failure = Failure::Run(reason.to_owned());
            let _ = guarded(|| request.answer(image, Err(failure)));
        }
    }
}

impl State {
    /// Where those wait who have room again.
    fn rooms_again(&mut self) -> Vec<Arc<Condvar>> {
        let streams = self.queues.with_room();
        let rooms = streams.filter_map(|stream| self.rooms.get(&stream));
        rooms.map(Arc::clone).collect()
    }

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
            Event::Copied => stats.copies += 1,
            Event::TooMany { most } => self.queues.limit(most),
        }
    }
}
