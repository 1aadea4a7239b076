// SPDX-License-Identifier: MIT OR Apache-2.0
//! An eye on a worker, which may hang.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::worker::Image;
use super::{Request, lock};

/// What is known of a worker from outside.
#[derive(Default)]
pub(super) struct Watch(Mutex<Seen>);

/// In one lock: who is dismissed is busy, and comes back to hear of it before it waits for work.
#[derive(Default)]
struct Seen {
    busy: Option<Busy>,
    /// Of its run, the images that are not answered: by whoever takes them from here.
    open: Vec<Image>,
    terminate: Option<Box<dyn Fn() + Send + Sync>>,
    dismissed: bool,
}

#[derive(Clone, Copy)]
struct Busy {
    since: Instant,
    /// How long it may be; `None` for ever.
    patience: Option<Duration>,
    /// It makes what it is to run on.
    making: bool,
}

/// A worker that is to stop when it comes back.
pub(super) struct Dismissed {
    /// What it has not answered.
    pub images: Vec<Image>,
    /// How long it was busy.
    pub busy: Duration,
    /// It had nothing to run on yet.
    pub making: bool,
}

impl Watch {
    /// Takes what ends the worker's run.
    pub fn set_terminate(&self, terminate: Box<dyn Fn() + Send + Sync>) {
        lock(&self.0).terminate = Some(terminate);
    }

    /// It begins to make what it is to run on.
    pub fn begin_making(&self, patience: Option<Duration>) {
        lock(&self.0).begin(patience, true);
    }

    /// It begins a run, which may take as long as the most patient of its requests allows.
    pub fn begin(&self, images: &[Image]) {
        let mut all = images.iter().map(|(request, _)| request.patience());
        let patience = all.try_fold(Duration::ZERO, |most, one| Some(most.max(one?)));
        let mut seen = lock(&self.0);
        seen.open.clear();
        seen.open.extend_from_slice(images);
        seen.begin(patience, false);
    }

    pub fn end(&self) {
        lock(&self.0).busy = None;
    }

    /// Whether an image is the worker's to answer: once, and not after they were taken away.
    pub fn claim(&self, request: &Arc<dyn Request>, image: usize) -> bool {
        let open = &mut lock(&self.0).open;
        let mut places = open.iter();
        let place = places.position(|(other, i)| *i == image && Arc::ptr_eq(other, request));
        place.map(|place| open.swap_remove(place)).is_some()
    }

    /// Whether it is to stop when it comes back.
    pub fn is_dismissed(&self) -> bool {
        lock(&self.0).dismissed
    }

    /// If it is busy for longer than it may be, dismisses it, takes away the images that it has not
    /// answered, and ends its run where that can be.
    pub fn dismiss_late(&self) -> Option<Dismissed> {
        let late = |busy: &Busy| {
            let patience = busy.patience;
            patience.is_some_and(|patience| busy.since.elapsed() >= patience)
        };
        lock(&self.0).dismiss(late)
    }

    /// The same, if it is busy at all.
    pub fn dismiss(&self) -> Option<Dismissed> {
        lock(&self.0).dismiss(|_| true)
    }
}

impl Seen {
    fn begin(&mut self, patience: Option<Duration>, making: bool) {
        self.busy = Some(Busy {
            since: Instant::now(),
            patience,
            making,
        });
    }

    fn dismiss(&mut self, is_to_go: impl Fn(&Busy) -> bool) -> Option<Dismissed> {
        let busy = self.busy.filter(is_to_go)?;
        self.dismissed = true;
        if let Some(terminate) = &self.terminate {
            terminate();
        }
        Some(Dismissed {
            images: std::mem::take(&mut self.open),
            busy: busy.since.elapsed(),
            making: busy.making,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that was dismissed as it waited took a wake-up with it that was meant for another.
    #[test]
    fn who_waits_for_work_is_not_dismissed() {
        let pause = || (0..100).for_each(|_| std::hint::spin_loop());
        for _ in 0..100 {
            let watch = Watch::default();
            std::thread::scope(|scope| {
                scope.spawn(|| while watch.dismiss().is_none() {});
                let mut goes = false;
                while !goes {
                    watch.begin(&[]);
                    pause();
                    watch.end();
                    goes = watch.is_dismissed();
                    pause();
                    assert_eq!(watch.is_dismissed(), goes);
                }
            });
        }
    }
}
