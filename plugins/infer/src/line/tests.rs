// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

struct Frame {
    number: u32,
    done: AtomicBool,
}

impl Pending for Frame {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }
}

const SOON: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(60);

fn line() -> Arc<Line<Frame>> {
    gst::init().unwrap();
    let line = Line::new();
    line.start();
    Arc::new(line)
}

/// Pushes where there is room for two.
fn push(line: &Line<Frame>, number: u32, done: bool) -> Arc<Frame> {
    let done = AtomicBool::new(done);
    let frame = Arc::new(Frame { number, done });
    line.push_frame(Arc::clone(&frame), 2).unwrap();
    frame
}

fn number(next: Next<Frame>) -> u32 {
    match next {
        Next::Frame(frame) => frame.number,
        _ => panic!("no frame"),
    }
}

#[test]
fn frames_leave_in_order_whatever_is_done_first() {
    let line = line();
    let first = push(&line, 1, false);
    push(&line, 2, true);
    assert!(matches!(line.next(SOON), Next::Wait(frame) if frame.number == 1));
    let other = Arc::clone(&line);
    let waker = thread::spawn(move || {
        first.done.store(true, Ordering::Release);
        other.wake();
    });
    assert_eq!(number(line.next(LONG)), 1);
    assert_eq!(number(line.next(LONG)), 2);
    waker.join().unwrap();
}

#[test]
fn events_stay_between_their_frames_and_need_no_room() {
    let line = line();
    push(&line, 1, true);
    line.push_event(gst::event::Eos::new()).unwrap();
    assert_eq!(number(line.next(LONG)), 1);
    push(&line, 2, true);
    assert!(matches!(line.next(LONG), Next::Event(_)));
    assert_eq!(number(line.next(LONG)), 2);
}

#[test]
fn a_full_line_holds_who_comes_until_one_has_left() {
    let line = line();
    push(&line, 1, true);
    push(&line, 2, true);
    let other = Arc::clone(&line);
    let third = thread::spawn(move || drop(push(&other, 3, true)));
    assert_eq!(number(line.next(LONG)), 1);
    third.join().unwrap();
    assert_eq!(number(line.next(LONG)), 2);
    assert_eq!(number(line.next(LONG)), 3);
}

#[test]
fn it_is_drained_when_the_last_has_been_pushed() {
    let line = line();
    line.drain().unwrap();
    push(&line, 1, true);
    let other = Arc::clone(&line);
    let drained = Arc::new(AtomicBool::new(false));
    let said = Arc::clone(&drained);
    let waiter = thread::spawn(move || {
        let result = other.drain();
        said.store(true, Ordering::Release);
        result
    });
    assert_eq!(number(line.next(LONG)), 1);
    thread::sleep(SOON);
    assert!(!drained.load(Ordering::Acquire), "it is still being pushed");
    // Asking for the next says that it has been. There is none until the line stops.
    let other = Arc::clone(&line);
    let task = thread::spawn(move || matches!(other.next(LONG), Next::Stop));
    assert_eq!(waiter.join().unwrap(), Ok(()));
    line.stop(gst::FlowError::Flushing);
    assert!(task.join().unwrap());
}

#[test]
fn who_waits_is_told_why_it_stops_and_it_can_start_again() {
    let line = line();
    push(&line, 1, false);
    let other = Arc::clone(&line);
    let frame = Arc::new(Frame {
        number: 2,
        done: AtomicBool::new(true),
    });
    let waiting = thread::spawn(move || other.push_frame(frame, 1));
    line.push_event(gst::event::Eos::new()).unwrap();
    let events = line.stop(gst::FlowError::Eos);
    assert_eq!(events.len(), 1, "the end was in it");
    assert_eq!(waiting.join().unwrap(), Err(gst::FlowError::Eos));
    assert!(matches!(line.next(LONG), Next::Stop));
    assert_eq!(line.drain(), Err(gst::FlowError::Eos));
    line.start();
    push(&line, 3, true);
    assert_eq!(number(line.next(LONG)), 3);
    assert!(line.stop(gst::FlowError::Flushing).is_empty());
}

#[test]
fn after_an_end_downstream_events_go_on_and_frames_with_the_next_segment() {
    let line = line();
    push(&line, 1, false);
    line.push_event(gst::event::Eos::new()).unwrap();
    line.refuse_frames();
    assert_eq!(line.flow(), Err(gst::FlowError::Eos));
    assert!(matches!(line.next(LONG), Next::Event(_)));
    let segment = gst::FormattedSegment::<gst::ClockTime>::new();
    line.push_event(gst::event::Segment::new(&segment)).unwrap();
    assert!(matches!(line.next(LONG), Next::Event(_)));
    push(&line, 2, true);
    assert_eq!(number(line.next(LONG)), 2);
}
