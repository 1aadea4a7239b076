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
    /// The image whose time is up first (earliest deadline first).
    #[default]
    Latency,
    /// Each stream in turn (round robin).
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
    /// The stream whose turn it is.
    turn: usize,
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
            turn: 0,
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

    /// Takes the images of the next run, if one is to leave by `now`: when the run is full, or the
    /// time of the oldest image is up.
    pub fn take(&mut self, now: Instant, run: &mut Vec<(T, usize)>) -> Next {
        run.clear();
        let heads = self.streams.iter().flatten();
        let due = heads
            .filter_map(|queue| queue.waiting.front())
            .map(|w| w.due);
        let Some(due) = due.min() else {
            return Next::Idle;
        };
        if self.images < self.ladder.limit() && due > now {
            return Next::Wait(due);
        }
        for _ in 0..self.ladder.take(self.images) {
            let next = self.next();
            run.extend(next.and_then(|stream| self.take_one(stream)));
        }
        Next::Run
    }

    /// The streams that were refused and, by what was taken, have room again; each once.
    pub fn with_room(&mut self) -> impl Iterator<Item = StreamId> {
        self.roomy.drain(..)
    }

    /// Whether a request was refused for which there is no room yet.
    #[cfg(test)]
    pub fn has_refused(&self) -> bool {
        self.streams.iter().flatten().any(|queue| queue.refused)
    }

    /// Takes all images that wait.
    pub fn drain(&mut self) -> Vec<(T, usize)> {
        std::iter::from_fn(|| self.next().and_then(|stream| self.take_one(stream))).collect()
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
    fn next(&mut self) -> Option<usize> {
        let count = self.streams.len();
        let due = |stream: &usize| {
            let queue = self.streams[*stream].as_ref()?;
            Some((queue.waiting.front()?.due, *stream))
        };
        // From the stream whose turn it is on, so that of equals each is first in turn.
        let turns = (0..count).map(|step| (self.turn + step) % count);
        let mut heads = turns.filter_map(|stream| due(&stream));
        let (_, stream) = match self.policy {
            Policy::Latency => heads.min_by_key(|(due, _)| *due),
            Policy::Throughput => heads.next(),
        }?;
        self.turn = (stream + 1) % count;
        Some(stream)
    }

    fn take_one(&mut self, stream: usize) -> Option<(T, usize)> {
        let queue = self.streams[stream].as_mut()?;
        let waiting = queue.waiting.front_mut()?;
        let taken = (waiting.request.clone(), waiting.taken);
        waiting.taken += 1;
        if waiting.left() == 0 {
            queue.waiting.pop_front();
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

impl<T> Waiting<T> {
    fn left(&self) -> usize {
        self.images - self.taken
    }
}

#[cfg(test)]
mod tests;
