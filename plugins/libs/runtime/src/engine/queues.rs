// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which images the next run takes, of all that wait.
//!
//! Knows no clock and no threads: who asks says what time it is.

use std::collections::VecDeque;
use std::time::Instant;

use super::Ladder;

/// Who goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The image whose time is up first (earliest deadline first). Streams that wait for more than
    /// one run go in turn.
    #[default]
    Latency,
    /// Each stream in turn: the one that was served longest ago (round robin).
    Throughput,
}

/// What happens to a request for which its stream has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// It is given back, to be tried again.
    Refuse,
    /// The oldest that has not begun makes room for it.
    Displace,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed<T> {
    Queued,
    /// This one went, to make room: an older one, or the request itself if all others have begun.
    Displaced(T),
    /// There is no room.
    Refused(T),
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Run the images that were taken.
    Run,
    /// Nothing has to leave before this.
    Wait(Instant),
    /// Nothing waits.
    Idle,
}

/// A stream's place in [`Queues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId(usize);

/// The images that wait for a run: a queue a stream, each bounded.
#[derive(Debug)]
pub struct Queues<T> {
    streams: Vec<Option<Queue<T>>>,
    policy: Policy,
    ladder: Ladder,
    /// Images that were taken.
    taken: u64,
    /// Images in all queues.
    images: usize,
    /// Streams that have room again after a request of theirs was refused.
    roomy: Vec<StreamId>,
}

#[derive(Debug)]
struct Queue<T> {
    waiting: VecDeque<Waiting<T>>,
    depth: usize,
    /// A request was refused since there was room last.
    refused: bool,
    /// A request has made room for another since it was empty last.
    displaced: bool,
    /// When an image of it was taken last, and which of all taken it was, counted from 1.
    served: (Option<Instant>, u64),
}

#[derive(Debug)]
struct Waiting<T> {
    request: T,
    images: usize,
    /// How many of them were taken.
    taken: usize,
    due: Instant,
}

impl<T: Clone> Queues<T> {
    pub fn new(policy: Policy, ladder: Ladder) -> Self {
        Self {
            streams: Vec::new(),
            policy,
            ladder,
            taken: 0,
            images: 0,
            roomy: Vec::new(),
        }
    }

    /// Adds a stream of which `depth` requests may wait.
    pub fn add(&mut self, depth: usize) -> StreamId {
        let queue = Queue {
            waiting: VecDeque::with_capacity(depth),
            depth: depth.max(1),
            refused: false,
            displaced: false,
            served: (None, 0),
        };
        let free = self.streams.iter().position(Option::is_none);
        let id = free.unwrap_or_else(|| {
            self.streams.push(None);
            self.streams.len() - 1
        });
        self.streams[id] = Some(queue);
        StreamId(id)
    }

    /// Takes a stream away, and gives back what of it waits.
    pub fn remove(&mut self, stream: StreamId) -> Vec<T> {
        let requests = self.clear(stream);
        self.streams[stream.0] = None;
        requests
    }

    /// Empties a stream's queue and gives back what was in it.
    pub fn clear(&mut self, stream: StreamId) -> Vec<T> {
        let Some(queue) = self.queue(stream) else {
            return Vec::new();
        };
        let waiting = std::mem::take(&mut queue.waiting);
        queue.displaced = false;
        self.images -= waiting.iter().map(Waiting::left).sum::<usize>();
        waiting.into_iter().map(|w| w.request).collect()
    }

    /// Queues a request of some `images`, of which the first is to run by `due`.
    pub fn push(
        &mut self,
        stream: StreamId,
        request: T,
        images: usize,
        due: Instant,
        full: WhenFull,
    ) -> Pushed<T> {
        let Some(queue) = self.queue(stream) else {
            return Pushed::Refused(request);
        };
        let mut result = Pushed::Queued;
        let mut less = 0;
        if queue.waiting.len() >= queue.depth {
            if full == WhenFull::Refuse {
                queue.refused = true;
                return Pushed::Refused(request);
            }
            queue.displaced = true;
            // What has begun is finished: half a frame is of no use.
            match queue.waiting.iter().position(|w| w.taken == 0) {
                Some(oldest) => {
                    if let Some(waiting) = queue.waiting.remove(oldest) {
                        less = waiting.images;
                        result = Pushed::Displaced(waiting.request);
                    }
                }
                None => return Pushed::Displaced(request),
            }
        }
        queue.waiting.push_back(Waiting {
            request,
            images,
            taken: 0,
            due,
        });
        self.images = self.images + images - less;
        result
    }

    /// Takes the images of the next run, if one is to leave by `now`: when the run is full, the
    /// time of the oldest image is up, or a stream has no room for what comes.
    pub fn take(&mut self, now: Instant, run: &mut Vec<(T, usize)>) -> Next {
        run.clear();
        let queues = self.streams.iter().flatten();
        let Some(due) = queues.filter_map(|queue| queue.leaves(now)).min() else {
            return Next::Idle;
        };
        if self.images < self.ladder.limit() && due > now {
            return Next::Wait(due);
        }
        for _ in 0..self.ladder.take(self.images) {
            let next = self.next();
            run.extend(next.and_then(|stream| self.take_one(stream, Some(now))));
        }
        Next::Run
    }

    /// The streams that were refused and, by what was taken, have room again; each once.
    pub fn with_room(&mut self) -> impl Iterator<Item = StreamId> {
        self.roomy.drain(..)
    }

    /// Whether somebody waits for room.
    #[cfg(test)]
    pub fn has_refused(&self) -> bool {
        self.streams.iter().flatten().any(|queue| queue.refused)
    }

    /// Takes all images that wait.
    pub fn drain(&mut self) -> Vec<(T, usize)> {
        std::iter::from_fn(|| self.next().and_then(|stream| self.take_one(stream, None))).collect()
    }

    /// Takes no more images than so many a run from now on.
    pub fn limit(&mut self, most: usize) {
        self.ladder = self.ladder.limited(most);
    }

    /// The sizes of runs.
    pub fn ladder(&self) -> Ladder {
        self.ladder
    }

    /// Takes runs of these sizes from now on.
    pub fn set_ladder(&mut self, ladder: Ladder) {
        self.ladder = ladder;
    }

    /// How many images wait.
    pub fn len(&self) -> usize {
        self.images
    }

    /// How many requests wait.
    pub fn requests(&self) -> usize {
        let queues = self.streams.iter().flatten();
        queues.map(|queue| queue.waiting.len()).sum()
    }

    /// The stream whose first image goes first.
    fn next(&self) -> Option<usize> {
        let queues = self.streams.iter().enumerate();
        let heads = queues.filter_map(|(nth, queue)| Some((nth, queue.as_ref()?.claim()?)));
        // Of equals each is first in turn.
        let first = heads.min_by_key(|(_, (since, turn))| match self.policy {
            Policy::Latency => (*since, *turn),
            Policy::Throughput => (None, *turn),
        });
        first.map(|(nth, _)| nth)
    }

    fn take_one(&mut self, stream: usize, now: Option<Instant>) -> Option<(T, usize)> {
        let queue = self.streams[stream].as_mut()?;
        self.taken += 1;
        queue.served = (now.or(queue.served.0), self.taken);
        let waiting = queue.waiting.front_mut()?;
        let taken = (waiting.request.clone(), waiting.taken);
        waiting.taken += 1;
        if waiting.left() == 0 {
            queue.waiting.pop_front();
            queue.displaced &= !queue.waiting.is_empty();
            if std::mem::take(&mut queue.refused) {
                self.roomy.push(StreamId(stream));
            }
        }
        self.images -= 1;
        Some(taken)
    }

    fn queue(&mut self, stream: StreamId) -> Option<&mut Queue<T>> {
        self.streams.get_mut(stream.0)?.as_mut()
    }
}

impl<T> Queue<T> {
    /// When its first image is to run: now, if it waits in the way of others.
    fn leaves(&self, now: Instant) -> Option<Instant> {
        let due = self.waiting.front()?.due;
        Some(if self.displaced { due.min(now) } else { due })
    }

    /// Since when its first image has a claim to the next place in a run, and when it was the
    /// stream's turn last; of two the earlier goes first.
    ///
    /// No claim is older than the last turn: a long queue is worth no more than a short one. Nor
    /// does the image's own time count where others have made room, as what is left is always
    /// young then: what counts is how long the stream has not been served.
    fn claim(&self) -> Option<(Option<Instant>, u64)> {
        let due = self.waiting.front()?.due;
        let (served, turn) = self.served;
        let since = match self.displaced {
            true => served,
            false => served.max(Some(due)),
        };
        Some((since, turn))
    }
}

impl<T> Waiting<T> {
    fn left(&self) -> usize {
        self.images - self.taken
    }
}

#[cfg(test)]
mod tests;
