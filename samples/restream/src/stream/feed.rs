// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gst::prelude::*;

use super::notice::{self, Notice};
use crate::hub::{Hub, Subscription};

/// Pictures that wait for their reader, at most; the oldest goes first. As many as may wait for one
/// that the model looks at.
const WAITING: usize = 16;
/// A camera that gives nothing for so long shows its notice, and again after as long.
const QUIET: Duration = Duration::from_millis(500);

/// Where samples wait from one thread for another.
#[derive(Default)]
struct Mailbox {
    waiting: Mutex<VecDeque<gst::Sample>>,
    came: Condvar,
}

impl Mailbox {
    fn put(&self, sample: &gst::Sample) {
        let mut waiting = self.lock();
        if waiting.len() == WAITING {
            waiting.pop_front();
        }
        waiting.push_back(sample.clone());
        drop(waiting);
        self.came.notify_one();
    }

    fn take(&self, wait: Duration) -> Option<gst::Sample> {
        let waiting = self.lock();
        let (mut waiting, _) = self
            .came
            .wait_timeout_while(waiting, wait, |waiting| waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<gst::Sample>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A camera's pictures for one reader, and its notice while there are none.
pub struct Feed {
    mailbox: Arc<Mailbox>,
    notice: Arc<Notice>,
    pictures: Arc<Hub>,
    last: Option<gst::ClockTime>,
    _subscription: Subscription,
}

impl Feed {
    pub fn new(pictures: &Arc<Hub>, notice: Arc<Notice>) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let into = mailbox.clone();
        Self {
            mailbox,
            notice,
            pictures: pictures.clone(),
            last: None,
            _subscription: pictures.subscribe(move |sample| into.put(sample)),
        }
    }

    /// The next picture; `None` when there is none for half a second, and nothing to be said of
    /// that. Times always grow.
    pub fn next(&mut self) -> Option<gst::Sample> {
        let sample = match self.mailbox.take(QUIET) {
            Some(sample) => sample,
            None => self.stand_in()?,
        };
        let time = sample.buffer()?.pts()?;
        if self.last.is_some_and(|last| time <= last) {
            return None;
        }
        self.last = Some(time);
        Some(sample)
    }

    fn stand_in(&self) -> Option<gst::Sample> {
        let text = self.notice.text()?;
        let like = self.pictures.caps();
        let (caps, mut buffer) = notice::picture(&text, like.as_deref())?;
        buffer.get_mut()?.set_pts(gst::SystemClock::obtain().time());
        Some(gst::Sample::builder().buffer(&buffer).caps(&caps).build())
    }
}
