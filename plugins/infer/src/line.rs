// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frames and events of one stream, in order, on their way from the sink pad's thread to the
//! source pad's.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lynx_meta::element::lock;

/// What stands in the line: frames whose turn may come before they are ready to go on.
pub(crate) trait Pending {
    /// Whether it can go on. Who makes it so calls [`Line::wake`] afterwards.
    fn is_done(&self) -> bool;
}

/// A line of frames, of which who pushes says how many there may be, and events, which need no room.
/// Who is at its head leaves when it is done.
pub(crate) struct Line<T> {
    state: Mutex<State<T>>,
    /// The head may be able to leave.
    head: Condvar,
    /// There may be room.
    room: Condvar,
    /// There may be nothing left.
    empty: Condvar,
}

struct State<T> {
    items: VecDeque<Item<T>>,
    frames: usize,
    /// What has left last is still being pushed.
    pushing: bool,
    /// Downstream wants no more frames of this segment.
    ended: bool,
    flow: Result<(), gst::FlowError>,
    /// Who sleeps. To wake nobody is a system call, too.
    sleeps: Sleeps,
}

#[derive(Default)]
struct Sleeps {
    head: bool,
    room: bool,
    empty: bool,
}

enum Item<T> {
    Frame(Arc<T>),
    Event(gst::Event),
}

/// What the source pad's thread is to do next.
pub(crate) enum Next<T> {
    Frame(Arc<T>),
    Event(gst::Event),
    /// This frame is at the head, and not done yet.
    Wait(Arc<T>),
    Stop,
}

impl<T: Pending> Line<T> {
    /// An empty line, stopped.
    pub fn new() -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                frames: 0,
                pushing: false,
                ended: false,
                flow: Err(gst::FlowError::Flushing),
                sleeps: Sleeps::default(),
            }),
            head: Condvar::new(),
            room: Condvar::new(),
            empty: Condvar::new(),
        }
    }

    /// Whether it takes frames, or why not.
    pub fn flow(&self) -> Result<(), gst::FlowError> {
        lock(&self.state).takes_frames()
    }

    /// Waits until there are fewer frames than `limit`, at least 1, and puts one more at the end.
    pub fn push_frame(&self, frame: Arc<T>, limit: usize) -> Result<(), gst::FlowError> {
        let mut state = lock(&self.state);
        while state.takes_frames().is_ok() && state.frames >= limit.max(1) {
            state.sleeps.room = true;
            let waited = self.room.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.takes_frames()?;
        state.frames += 1;
        self.push(state, Item::Frame(frame));
        Ok(())
    }

    /// Puts an event at the end.
    pub fn push_event(&self, event: gst::Event) -> Result<(), gst::FlowError> {
        let mut state = lock(&self.state);
        state.flow?;
        use gst::EventType::{Segment, StreamStart};
        if matches!(event.type_(), Segment | StreamStart) {
            state.ended = false;
        }
        self.push(state, Item::Event(event));
        Ok(())
    }

    fn push(&self, mut state: MutexGuard<'_, State<T>>, item: Item<T>) {
        // What stands behind another is looked at when that leaves.
        let wake = state.items.is_empty() && std::mem::take(&mut state.sleeps.head);
        state.items.push_back(item);
        drop(state);
        if wake {
            self.head.notify_one();
        }
    }

    /// Waits until all that stands in the line has been pushed.
    pub fn drain(&self) -> Result<(), gst::FlowError> {
        let mut state = lock(&self.state);
        while state.flow.is_ok() && (state.pushing || !state.items.is_empty()) {
            state.sleeps.empty = true;
            let waited = self.empty.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.flow
    }

    /// Says that a frame has become done.
    pub fn wake(&self) {
        // Who has looked at the frame before it was done waits by now.
        let mut state = lock(&self.state);
        let is_done = matches!(state.items.front(), Some(Item::Frame(f)) if f.is_done());
        let wake = is_done && std::mem::take(&mut state.sleeps.head);
        drop(state);
        if wake {
            self.head.notify_one();
        }
    }

    /// Waits for what goes on next, at most for `patience` where a frame stands at the head. What was
    /// given before has been pushed.
    pub fn next(&self, patience: Duration) -> Next<T> {
        let mut state = lock(&self.state);
        state.pushing = false;
        if std::mem::take(&mut state.sleeps.empty) {
            self.empty.notify_all();
        }
        let mut waited = false;
        loop {
            if state.flow.is_err() {
                return Next::Stop;
            }
            let head = match state.items.front() {
                Some(Item::Frame(frame)) if !frame.is_done() => Some(Arc::clone(frame)),
                Some(_) => break,
                None => None,
            };
            state.sleeps.head = true;
            state = match head {
                Some(frame) if waited => return Next::Wait(frame),
                Some(_) => {
                    let result = self.head.wait_timeout(state, patience);
                    let (state, timeout) = result.unwrap_or_else(PoisonError::into_inner);
                    waited = timeout.timed_out();
                    state
                }
                None => {
                    let result = self.head.wait(state);
                    result.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        state.pushing = true;
        state.sleeps.head = false;
        let next = match state.items.pop_front() {
            Some(Item::Frame(frame)) => {
                state.frames -= 1;
                Next::Frame(frame)
            }
            Some(Item::Event(event)) => Next::Event(event),
            None => Next::Stop,
        };
        let wake = std::mem::take(&mut state.sleeps.room);
        drop(state);
        if wake {
            self.room.notify_all();
        }
        next
    }

    /// Lets the frames go and takes no more of them before another segment. Events go on.
    pub fn refuse_frames(&self) {
        let mut state = lock(&self.state);
        state.ended = true;
        state.frames = 0;
        let items = std::mem::take(&mut state.items);
        let (events, frames) = items
            .into_iter()
            .partition::<VecDeque<_>, _>(|item| matches!(item, Item::Event(_)));
        state.items = events;
        drop(state);
        drop(frames);
        self.room.notify_all();
    }

    /// Empties the line and takes no more; who waits is told why. Gives whether the stream's end was
    /// in it.
    pub fn stop(&self, why: gst::FlowError) -> bool {
        let mut state = lock(&self.state);
        state.flow = Err(why);
        state.frames = 0;
        (state.pushing, state.ended) = (false, false);
        let items = std::mem::take(&mut state.items);
        drop(state);
        self.head.notify_all();
        self.room.notify_all();
        self.empty.notify_all();
        items.iter().any(|item| match item {
            Item::Event(event) => event.type_() == gst::EventType::Eos,
            Item::Frame(_) => false,
        })
    }

    /// Takes frames, from now on.
    pub fn start(&self) {
        let mut state = lock(&self.state);
        state.items.clear();
        state.frames = 0;
        state.flow = Ok(());
    }
}

impl<T> State<T> {
    fn takes_frames(&self) -> Result<(), gst::FlowError> {
        match self.ended {
            true => Err(gst::FlowError::Eos),
            false => self.flow,
        }
    }
}

#[cfg(test)]
mod tests;
