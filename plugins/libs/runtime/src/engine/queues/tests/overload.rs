// SPDX-License-Identifier: MIT OR Apache-2.0
//! Simulated streams that are more than the runs can keep up with.

use super::*;

/// What a stream does in a simulation: one request each so often, blocking or not.
#[derive(Clone, Copy)]
struct Source {
    period: Duration,
    /// When the first comes.
    phase: Duration,
    /// How long one may wait for others.
    wait: Duration,
    depth: usize,
    full: WhenFull,
}

impl Source {
    fn camera(rate: u32) -> Self {
        Self {
            period: 1000 * MS / rate,
            phase: Duration::ZERO,
            wait: Duration::ZERO,
            depth: 2,
            full: WhenFull::Displace,
        }
    }

    /// Fills its queue as soon as there is room.
    fn flood() -> Self {
        Self {
            period: MS / 4,
            full: WhenFull::Refuse,
            ..Self::camera(1)
        }
    }

    fn waits(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }
}

/// The runs: how many images one takes, and how long.
#[derive(Debug, Clone, Copy)]
struct Runs {
    policy: Policy,
    limit: usize,
    time: Duration,
}

/// Runs of one worker for so many simulated seconds. Gives of each stream how many requests ran
/// and the longest that one waited.
fn simulate(runs: Runs, seconds: u32, sources: &[Source]) -> Vec<(u32, Duration)> {
    let mut queues = Queues::new(runs.policy, Ladder::new(runs.limit, Padding::Dear));
    let streams: Vec<_> = sources.iter().map(|s| queues.add(s.depth)).collect();
    let (start, step) = (Instant::now(), MS / 4);
    let mut next: Vec<_> = sources.iter().map(|source| start + source.phase).collect();
    let mut free = start;
    let mut result = vec![(0, Duration::ZERO); sources.len()];
    let mut taken = Vec::new();
    let mut now = start;
    while now < start + 1000 * seconds * MS {
        for (nth, source) in sources.iter().enumerate() {
            while next[nth] <= now {
                let due = now + source.wait;
                let pushed = queues.push(streams[nth], (nth, now), 1, due, source.full);
                if let Pushed::Refused(_) = pushed {
                    break;
                }
                next[nth] += source.period;
            }
        }
        if free <= now && queues.take(now, &mut taken) == Next::Run {
            free = now + runs.time;
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

/// What ran, divided fairly: none has less than it asks for while another has more (max-min).
fn fair(ran: u32, asked: &[f64]) -> Vec<f64> {
    let (mut left, mut shares) = (f64::from(ran), vec![0.0; asked.len()]);
    let mut order: Vec<_> = (0..asked.len()).collect();
    order.sort_by(|a, b| asked[*a].total_cmp(&asked[*b]));
    for (nth, stream) in order.into_iter().enumerate() {
        shares[stream] = asked[stream].min(left / (asked.len() - nth) as f64);
        left -= shares[stream];
    }
    shares
}

/// Simulates 20 s in all policies and sizes of runs, from several phases; each stream is to have
/// its fair share but for a twentieth.
#[track_caller]
fn assert_fair(time: Duration, sources: &[Source]) {
    const SECONDS: u32 = 20;
    for policy in [Policy::Latency, Policy::Throughput] {
        for (limit, offset) in [(1, 0), (1, 3), (1, 7), (1, 11), (4, 0), (4, 3), (4, 7)] {
            let time = time * limit;
            let limit = limit as usize;
            let runs = Runs {
                policy,
                limit,
                time,
            };
            let sources = sources.iter().zip(0..).map(|(source, nth)| Source {
                phase: offset * nth * MS,
                ..*source
            });
            let sources: Vec<_> = sources.collect();
            let counts = simulate(runs, SECONDS, &sources);
            let counts: Vec<_> = counts.into_iter().map(|(count, _)| count).collect();
            let asked = |source: &Source| f64::from(SECONDS) / source.period.as_secs_f64();
            let asked: Vec<_> = sources.iter().map(asked).collect();
            let shares = fair(counts.iter().sum(), &asked);
            for (count, share) in counts.iter().zip(&shares) {
                let within = (f64::from(*count) - share).abs() <= share / 20.0 + 1.0;
                assert!(within, "{runs:?} {offset}: {counts:?}, not {shares:.0?}");
            }
        }
    }
}

#[test]
fn cameras_of_one_rate_are_served_alike() {
    for count in [2, 5, 8] {
        assert_fair(40 * MS, &vec![Source::camera(25); count]);
        assert_fair(40 * MS, &vec![Source::camera(30); count]);
    }
}

#[test]
fn a_fast_camera_has_no_less_than_the_others_and_a_slow_one_all_of_its_frames() {
    let mut cameras = vec![Source::camera(60)];
    cameras.extend([Source::camera(25); 5]);
    assert_fair(40 * MS, &cameras);
    cameras[1] = Source::camera(2);
    assert_fair(40 * MS, &cameras);
}

#[test]
fn who_may_wait_longer_does_not_wait_for_ever() {
    let mut cameras = [Source::camera(25); 4];
    cameras[0] = cameras[0].waits(200 * MS);
    assert_fair(40 * MS, &cameras);
    cameras[1] = cameras[1].waits(50 * MS);
    assert_fair(40 * MS, &cameras);
}

#[test]
fn deep_queues_are_worth_no_more_than_short_ones() {
    let cameras = [1, 2, 8, 16].map(|depth| Source {
        depth,
        ..Source::camera(25)
    });
    assert_fair(40 * MS, &cameras);
    let flood = Source {
        depth: 8,
        ..Source::flood()
    };
    assert_fair(40 * MS, &[&cameras[..], &[flood]].concat());
}

#[test]
fn a_flood_starves_nobody() {
    let sources = [
        Source::flood(),
        Source::camera(25),
        Source::camera(25),
        Source::camera(25),
    ];
    for policy in [Policy::Latency, Policy::Throughput] {
        for limit in [1, 4] {
            let time = 4 * MS;
            let runs = Runs {
                policy,
                limit,
                time,
            };
            let result = simulate(runs, 1, &sources.map(|source| source.waits(5 * MS)));
            for (count, longest) in &result[1..] {
                assert!(*count >= 24, "{runs:?}: {result:?}");
                assert!(*longest <= 20 * MS, "{runs:?}: {result:?}");
            }
            assert!(result[0].0 > 100, "what is left is its: {result:?}");
        }
    }
}

#[test]
fn waiting_stays_bounded() {
    let cameras = [Source::camera(25).waits(5 * MS); 5];
    for policy in [Policy::Latency, Policy::Throughput] {
        // 25 runs a second for 125 frames.
        let (limit, time) = (1, 40 * MS);
        let result = simulate(
            Runs {
                policy,
                limit,
                time,
            },
            1,
            &cameras,
        );
        for (count, longest) in &result {
            assert!((4..=6).contains(count), "{policy:?}: {result:?}");
            assert!(*longest <= 450 * MS, "{policy:?}: {result:?}");
        }
    }
}
