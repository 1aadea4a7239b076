// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a camera goes, for whoever asks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;

use super::ingest::{Ingest, Newest};
use super::rates::{Counts, Meter};
use crate::status::{Latency, Rates, State};

#[derive(Default)]
pub struct Current(Mutex<Inner>);

struct Inner {
    state: State,
    error: Option<String>,
    again: Option<Instant>,
    connections: u64,
    playing_since: Option<Instant>,
    /// It has not played since it was lost.
    is_lost: bool,
    newest: Newest,
    latency: Latency,
    meter: Meter,
    /// Frames that were encoded, whichever pipeline the pictures came from.
    out: Meter,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            state: State::Connecting,
            error: None,
            again: None,
            connections: 0,
            playing_since: None,
            is_lost: false,
            newest: Newest::default(),
            latency: Latency::default(),
            meter: Meter::default(),
            out: Meter::default(),
        }
    }
}

/// How it goes just now.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub state: State,
    pub error: Option<String>,
    pub retry_in: Option<Duration>,
    pub connections: u64,
    pub newest: Newest,
    pub latency: Latency,
    pub rates: Rates,
}

impl Current {
    pub fn set(&self, state: State) {
        let mut inner = self.lock();
        inner.state = state;
        inner.quiet();
        inner.error = None;
        inner.is_lost = false;
    }

    pub fn connecting(&self) {
        let mut inner = self.lock();
        inner.state = State::Connecting;
        inner.quiet();
    }

    pub fn playing(&self) {
        let mut inner = self.lock();
        inner.state = State::Playing;
        inner.error = None;
        inner.again = None;
        inner.connections += 1;
        inner.playing_since = Some(Instant::now());
        inner.is_lost = false;
    }

    /// Whether it was not lost before.
    pub fn lost(&self, why: String, again: Option<Instant>) -> bool {
        let mut inner = self.lock();
        inner.state = State::Lost;
        inner.quiet();
        inner.error = Some(why);
        inner.again = again;
        !std::mem::replace(&mut inner.is_lost, true)
    }

    /// How long it has played since it was connected last.
    pub fn played(&self) -> Duration {
        let since = self.lock().playing_since;
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Notes what the pipeline has counted.
    pub fn count(&self, ingest: &Ingest, frames: u64) {
        let now = Instant::now();
        if !self.lock().meter.is_due(now) {
            return;
        }
        let stats: gst::Structure = ingest.infer.property("stats");
        let number = |field: &str| stats.get::<u64>(field).unwrap_or_default();
        let counts = Counts {
            r#in: number("frames").max(frames),
            inferred: number("inferred"),
            skipped: number("skipped") + number("late") + number("dropped") + number("failed"),
            out: 0,
        };
        let newest = ingest.seen.newest();
        let mut inner = self.lock();
        inner.meter.note(now, counts);
        inner.newest = newest;
        inner.latency = ingest.latency();
    }

    /// `out`: frames encoded so far.
    pub fn snapshot(&self, out: u64) -> Snapshot {
        let now = Instant::now();
        let mut inner = self.lock();
        if inner.out.is_due(now) {
            let counts = Counts {
                out,
                ..Counts::default()
            };
            inner.out.note(now, counts);
        }
        Snapshot {
            state: inner.state,
            error: inner.error.clone(),
            retry_in: inner.again.map(|at| at.saturating_duration_since(now)),
            connections: inner.connections,
            newest: inner.newest.clone(),
            latency: inner.latency,
            rates: Rates {
                out: inner.out.rates().out,
                ..inner.meter.rates()
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Nothing comes.
    fn quiet(&mut self) {
        self.again = None;
        self.playing_since = None;
        self.meter.clear();
        self.newest.objects.clear();
    }
}
