// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who wants what a camera gives.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

type Subscriber = Arc<dyn Fn(&gst::Sample) + Send + Sync>;
type Watcher = Box<dyn Fn(usize) + Send + Sync>;

/// Hands each sample to all who subscribed. Nobody here waits for a subscriber: it must not block.
///
/// Samples have their time in the buffer's PTS: that of GStreamer's system clock.
#[derive(Default)]
pub struct Hub {
    inner: Mutex<Inner>,
    /// Called with how many there are, whenever one comes or goes.
    watcher: Option<Watcher>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    subscribers: Arc<[(u64, Subscriber)]>,
    caps: Option<gst::Caps>,
}

/// Somebody who wants samples, for as long as this lives.
#[must_use]
pub struct Subscription {
    hub: Weak<Hub>,
    id: u64,
}

impl Hub {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A hub that says how many want its samples, on the thread of who comes or goes.
    pub fn watched(watcher: impl Fn(usize) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            watcher: Some(Box::new(watcher)),
            ..Self::default()
        })
    }

    /// Calls `take` with every sample from now on.
    pub fn subscribe(
        self: &Arc<Self>,
        take: impl Fn(&gst::Sample) + Send + Sync + 'static,
    ) -> Subscription {
        let mut inner = self.lock();
        let id = inner.next;
        inner.next += 1;
        let old = inner.subscribers.iter().cloned();
        inner.subscribers = old.chain([(id, Arc::new(take) as Subscriber)]).collect();
        let count = inner.subscribers.len();
        drop(inner);
        self.tell(count);
        Subscription {
            hub: Arc::downgrade(self),
            id,
        }
    }

    pub fn send(&self, sample: &gst::Sample) {
        let subscribers = {
            let mut inner = self.lock();
            if inner.caps.as_deref() != sample.caps() {
                inner.caps = sample.caps_owned();
            }
            inner.subscribers.clone()
        };
        for (_, take) in subscribers.iter() {
            take(sample);
        }
    }

    /// What the newest sample was. The sample itself is not kept: its memory may be the camera's.
    pub fn caps(&self) -> Option<gst::Caps> {
        self.lock().caps.clone()
    }

    pub fn count(&self) -> usize {
        self.lock().subscribers.len()
    }

    fn tell(&self, count: usize) {
        if let Some(watcher) = &self.watcher {
            watcher(count);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else {
            return;
        };
        let mut inner = hub.lock();
        let rest = inner.subscribers.iter().filter(|(id, _)| *id != self.id);
        let rest: Arc<[_]> = rest.cloned().collect();
        // What the subscriber holds goes after the lock.
        let gone = std::mem::replace(&mut inner.subscribers, rest);
        let count = inner.subscribers.len();
        drop(inner);
        drop(gone);
        hub.tell(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn sample() -> gst::Sample {
        gst::init().unwrap();
        gst::Sample::builder().buffer(&gst::Buffer::new()).build()
    }

    #[test]
    fn a_subscriber_gets_samples_until_it_goes() {
        let hub = Hub::new();
        let got = Arc::new(AtomicUsize::new(0));
        let count = got.clone();
        let subscription = hub.subscribe(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        hub.send(&sample());
        hub.send(&sample());
        drop(subscription);
        hub.send(&sample());
        assert_eq!(got.load(Ordering::Relaxed), 2);
        assert_eq!(hub.count(), 0);
        assert_eq!(Arc::strong_count(&got), 1, "nothing is kept of it");
    }

    #[test]
    fn the_watcher_hears_who_comes_and_goes() {
        let (tell, heard) = std::sync::mpsc::channel();
        let hub = Hub::watched(move |count| tell.send(count).unwrap());
        let one = hub.subscribe(|_| ());
        let two = hub.subscribe(|_| ());
        drop(one);
        drop(two);
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [1, 2, 1, 0]);
    }

    #[test]
    fn a_subscriber_may_go_while_it_is_called() {
        let hub = Hub::new();
        let slot = Arc::new(Mutex::new(None));
        let mine = slot.clone();
        *slot.lock().unwrap() = Some(hub.subscribe(move |_| drop(mine.lock().unwrap().take())));
        hub.send(&sample());
        assert_eq!(hub.count(), 0);
    }
}
