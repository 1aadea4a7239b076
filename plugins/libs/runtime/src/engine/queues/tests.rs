// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use super::super::Padding;
use super::*;

mod overload;

const MS: Duration = Duration::from_millis(1);

fn queues(policy: Policy, limit: usize) -> Queues<u32> {
    Queues::new(policy, Ladder::new(limit, Padding::Dear))
}

/// The requests of the next run; empty where none is to leave.
fn take(queues: &mut Queues<u32>, now: Instant) -> Vec<(u32, usize)> {
    let mut run = Vec::new();
    queues.take(now, &mut run);
    run
}

#[test]
fn a_run_leaves_when_it_is_full() {
    let (mut queues, now) = (queues(Policy::Latency, 2), Instant::now());
    let (a, b) = (queues.add(4), queues.add(4));
    let mut run = Vec::new();
    assert_eq!(queues.take(now, &mut run), Next::Idle);
    queues.push(a, 1, 1, now + 10 * MS, WhenFull::Refuse);
    assert_eq!(queues.take(now, &mut run), Next::Wait(now + 10 * MS));
    queues.push(b, 2, 1, now + 12 * MS, WhenFull::Refuse);
    assert_eq!(take(&mut queues, now + 2 * MS), [(1, 0), (2, 0)]);
    assert_eq!(queues.len(), 0);
}

#[test]
fn or_when_the_oldest_images_time_is_up() {
    let (mut queues, now) = (queues(Policy::Latency, 8), Instant::now());
    let streams = [queues.add(1), queues.add(1), queues.add(1)];
    for (nth, stream) in streams.into_iter().enumerate() {
        let due = now + (10 + nth as u32) * MS;
        queues.push(stream, nth as u32, 1, due, WhenFull::Refuse);
    }
    assert_eq!(take(&mut queues, now + 9 * MS), []);
    let run = take(&mut queues, now + 10 * MS);
    assert_eq!(run, [(0, 0), (1, 0), (2, 0)], "all that wait, not one");
}

#[test]
fn a_full_queue_refuses_or_makes_room() {
    let (mut queues, now) = (queues(Policy::Latency, 1), Instant::now());
    let stream = queues.add(2);
    let mut push = |request, full| queues.push(stream, request, 1, now, full);
    assert_eq!(push(1, WhenFull::Refuse), Pushed::Queued);
    assert_eq!(push(2, WhenFull::Refuse), Pushed::Queued);
    assert_eq!(push(3, WhenFull::Refuse), Pushed::Refused(3));
    assert_eq!(push(4, WhenFull::Displace), Pushed::Displaced(1));
    assert_eq!(queues.len(), 2);
    assert_eq!(take(&mut queues, now), [(2, 0)]);
    assert_eq!(take(&mut queues, now), [(4, 0)]);
}

#[test]
fn what_has_begun_is_finished() {
    let (mut queues, now) = (queues(Policy::Latency, 2), Instant::now());
    let stream = queues.add(1);
    queues.push(stream, 1, 3, now, WhenFull::Displace);
    assert_eq!(take(&mut queues, now), [(1, 0), (1, 1)]);
    let late = queues.push(stream, 2, 3, now, WhenFull::Displace);
    assert_eq!(late, Pushed::Displaced(2));
    assert_eq!(take(&mut queues, now), [(1, 2)]);
    assert_eq!(
        queues.push(stream, 3, 3, now, WhenFull::Displace),
        Pushed::Queued
    );
}

#[test]
fn a_stream_that_goes_takes_its_images_along() {
    let (mut queues, now) = (queues(Policy::Throughput, 4), Instant::now());
    let (a, b) = (queues.add(4), queues.add(4));
    queues.push(a, 1, 3, now, WhenFull::Refuse);
    queues.push(a, 2, 1, now, WhenFull::Refuse);
    queues.push(b, 3, 1, now, WhenFull::Refuse);
    assert_eq!(queues.remove(a), [1, 2]);
    assert_eq!(queues.len(), 1);
    let gone = queues.push(a, 4, 1, now, WhenFull::Displace);
    assert_eq!(gone, Pushed::Refused(4));
    assert_eq!(take(&mut queues, now), [(3, 0)]);
    let c = queues.add(4);
    assert_eq!(c, a, "its place is used again");
    assert!(queues.clear(c).is_empty());
}

#[test]
fn latency_takes_the_most_urgent_and_throughput_each_in_turn() {
    for (policy, expected) in [
        (Policy::Latency, [20, 21, 10, 11]),
        (Policy::Throughput, [10, 20, 11, 21]),
    ] {
        let (mut queues, now) = (queues(policy, 1), Instant::now());
        let (a, b) = (queues.add(4), queues.add(4));
        for nth in 0..2 {
            queues.push(a, 10 + nth, 1, now + 9 * MS, WhenFull::Refuse);
            queues.push(b, 20 + nth, 1, now + 5 * MS, WhenFull::Refuse);
        }
        let order = [5, 5, 9, 9].map(|then| take(&mut queues, now + then * MS)[0].0);
        assert_eq!(order, expected, "{policy:?}");
    }
}

/// One that never ran: each request made room for the next before its time was up.
#[test]
fn who_has_no_room_waits_for_company_no_longer() {
    let (mut queues, start) = (queues(Policy::Latency, 8), Instant::now());
    let camera = queues.add(2);
    let mut ran = Vec::new();
    for nth in 0..6 {
        let now = start + 40 * nth * MS;
        queues.push(camera, nth, 1, now + 200 * MS, WhenFull::Displace);
        ran.push(take(&mut queues, now).len());
    }
    assert_eq!(ran, [0, 0, 2, 0, 0, 2]);
}
