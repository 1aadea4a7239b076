// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use super::super::Padding;
use super::*;

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
        let order = [(); 4].map(|()| take(&mut queues, now + 9 * MS)[0].0);
        assert_eq!(order, expected, "{policy:?}");
    }
}

/// What a stream does in a simulation: from when on, one request each so often, blocking or not.
struct Source {
    period: Duration,
    full: WhenFull,
}

/// Runs `sources` against one worker that needs `run` for a run, for a second of simulated time.
/// Gives of each stream how many requests ran and the longest that one waited.
fn simulate(
    policy: Policy,
    limit: usize,
    run: Duration,
    sources: &[Source],
) -> Vec<(u32, Duration)> {
    let mut queues = Queues::new(policy, Ladder::new(limit, Padding::Dear));
    let streams: Vec<_> = sources.iter().map(|_| queues.add(2)).collect();
    let (start, step) = (Instant::now(), MS / 4);
    let mut next = vec![start; sources.len()];
    let mut free = start;
    let mut result = vec![(0, Duration::ZERO); sources.len()];
    let mut taken = Vec::new();
    let mut now = start;
    while now < start + 1000 * MS {
        for (nth, source) in sources.iter().enumerate() {
            while next[nth] <= now {
                let pushed = queues.push(streams[nth], (nth, now), 1, now + 5 * MS, source.full);
                if let Pushed::Refused(_) = pushed {
                    break;
                }
                next[nth] += source.period;
            }
        }
        if free <= now && queues.take(now, &mut taken) == Next::Run {
            free = now + run;
            for ((stream, since), _) in &taken {
                let (count, longest): &mut (u32, Duration) = &mut result[*stream];
                *count += 1;
                *longest = (*longest).max(now - *since);
            }
        }
        now += step;
    }
    result
}

#[test]
fn a_flood_starves_nobody() {
    let camera = || Source {
        period: 40 * MS,
        full: WhenFull::Displace,
    };
    for policy in [Policy::Latency, Policy::Throughput] {
        for limit in [1, 4] {
            let flood = Source {
                period: MS / 4,
                full: WhenFull::Refuse,
            };
            let result = simulate(
                policy,
                limit,
                4 * MS,
                &[flood, camera(), camera(), camera()],
            );
            for (count, longest) in &result[1..] {
                assert!(*count >= 24, "{policy:?} {limit}: {result:?}");
                assert!(*longest <= 20 * MS, "{policy:?} {limit}: {result:?}");
            }
            assert!(result[0].0 > 100, "what is left is its: {result:?}");
        }
    }
}

#[test]
fn overload_is_shared_and_waiting_stays_bounded() {
    let camera = || Source {
        period: 40 * MS,
        full: WhenFull::Displace,
    };
    let cameras = [(); 5].map(|()| camera());
    for policy in [Policy::Latency, Policy::Throughput] {
        // 25 runs a second for 125 frames.
        let result = simulate(policy, 1, 40 * MS, &cameras);
        for (count, longest) in &result {
            assert!((4..=6).contains(count), "{policy:?}: {result:?}");
            assert!(*longest <= 450 * MS, "{policy:?}: {result:?}");
        }
    }
}
