// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who wants to know how far a provider is with a model that it compiles.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::registry::lock;
use crate::Provider;

/// How far the first provider of the list is, while another serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It compiles the model, since so long; about once a second. How long it will take nobody
    /// knows.
    Building {
        provider: Provider,
        elapsed: Duration,
    },
    /// It serves from now on. How much of the model it took, the session tells.
    Ready { provider: Provider, took: Duration },
    /// It did not take the model; the other serves on.
    Failed { provider: Provider, reason: String },
}

/// How far it is, and who wants to know.
#[derive(Default)]
pub(super) struct Reports {
    now: Mutex<Option<Progress>>,
    listeners: Mutex<Vec<Arc<Listener>>>,
}

struct Listener {
    call: Box<dyn Fn(Progress) + Send + Sync>,
    /// What it was told last. Locked while it is told: it hears all in order.
    told: Mutex<Option<Progress>>,
}

/// Ends, when it goes, what [`Shared::on_progress`](super::Shared::on_progress) began. A call
/// that goes on meanwhile comes to its end.
#[must_use = "nothing is told once it is dropped"]
pub struct Subscription {
    reports: Weak<Reports>,
    listener: Weak<Listener>,
}

impl Reports {
    pub fn now(&self) -> Option<Progress> {
        lock(&self.now).clone()
    }

    pub fn set(&self, progress: Progress) {
        *lock(&self.now) = Some(progress);
        let listeners = lock(&self.listeners).clone();
        for listener in listeners {
            self.tell(&listener);
        }
    }

    pub fn subscribe(self: &Arc<Self>, call: Box<dyn Fn(Progress) + Send + Sync>) -> Subscription {
        let told = Mutex::default();
        let listener = Arc::new(Listener { call, told });
        lock(&self.listeners).push(Arc::clone(&listener));
        self.tell(&listener);
        Subscription {
            reports: Arc::downgrade(self),
            listener: Arc::downgrade(&listener),
        }
    }

    /// Tells it how things are now, unless it knows: what it hears is never older than what it
    /// heard before.
    fn tell(&self, listener: &Listener) {
        let mut told = listener.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        if let Some(progress) = now.clone()
            && now != *told
        {
            *told = now;
            (listener.call)(progress);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(reports) = self.reports.upgrade() {
            let gone = |listener: &Arc<Listener>| Arc::as_ptr(listener) == self.listener.as_ptr();
            let mut listeners = lock(&reports.listeners);
            let index = listeners.iter().position(gone);
            let listener = index.map(|index| listeners.swap_remove(index));
            drop(listeners);
            drop(listener);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn building(seconds: u64) -> Progress {
        Progress::Building {
            provider: Provider::TensorRt,
            elapsed: Duration::from_secs(seconds),
        }
    }

    fn listen(reports: &Arc<Reports>) -> (Subscription, mpsc::Receiver<Progress>) {
        let (sender, heard) = mpsc::channel();
        let call = move |progress| {
            let _ = sender.send(progress);
        };
        (reports.subscribe(Box::new(call)), heard)
    }

    #[test]
    fn who_comes_late_hears_how_things_are_and_then_each_change_once() {
        let reports = Arc::new(Reports::default());
        let (_first, early) = listen(&reports);
        reports.set(building(0));
        let (_second, late) = listen(&reports);
        reports.set(building(1));
        reports.set(building(1));
        let (early, late) = (early.try_iter(), late.try_iter());
        assert_eq!(early.collect::<Vec<_>>(), [building(0), building(1)]);
        assert_eq!(late.collect::<Vec<_>>(), [building(0), building(1)]);
    }

    #[test]
    fn who_goes_hears_no_more_and_is_let_go() {
        let reports = Arc::new(Reports::default());
        let (first, gone) = listen(&reports);
        let (_second, stays) = listen(&reports);
        drop(first);
        reports.set(building(0));
        assert_eq!(gone.recv(), Err(mpsc::RecvError), "its closure is gone");
        assert_eq!(stays.try_recv(), Ok(building(0)));
    }

    #[test]
    fn a_listener_may_go_while_it_is_told() {
        let reports = Arc::new(Reports::default());
        let own = Arc::new(Mutex::new(None::<Subscription>));
        let (held, (sender, heard)) = (Arc::clone(&own), mpsc::channel());
        let subscription = reports.subscribe(Box::new(move |progress| {
            drop(lock(&held).take());
            let _ = sender.send(progress);
        }));
        *lock(&own) = Some(subscription);
        reports.set(building(0));
        reports.set(building(1));
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [building(0)]);
    }
}
