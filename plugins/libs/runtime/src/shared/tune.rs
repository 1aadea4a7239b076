// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many runs at the same time, of how many threads each: measured, as it depends on the model
//! as much as on the machine.

use std::fmt;
use std::time::{Duration, Instant};

use crate::engine::Runner;
use crate::{Error, Provider};

/// What was measured, and what was chosen for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Runs at the same time.
    pub requests: usize,
    /// Threads of each run; 0 = one a physical core, which ONNX Runtime counts.
    pub intra_op_threads: usize,
    /// All that was tried, fewer requests first.
    pub measured: Vec<Measured>,
}

/// One way to run a model, and how fast it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub requests: usize,
    pub intra_op_threads: usize,
    /// Images a second, the median of some rounds; 0 where it did not run.
    pub rate: f64,
}

impl Choice {
    /// What a run of one image takes, about.
    pub fn run_time(&self) -> Duration {
        let chosen = |m: &&Measured| m.requests == self.requests && m.rate > 0.0;
        let chosen = self.measured.iter().find(chosen);
        chosen.map_or(Duration::ZERO, |m| {
            Duration::from_secs_f64(m.requests as f64 / m.rate)
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = self.measured.iter().map(|m| {
            let threads = match m.intra_op_threads {
                0 => "all cores".to_owned(),
                threads => format!("{threads} threads"),
            };
            format!("{} x {threads}: {:.1} images/s", m.requests, m.rate)
        });
        let ways = ways.collect::<Vec<_>>().join(", ");
        write!(f, "{} requests chosen of {ways}", self.requests)
    }
}

/// One that is being measured.
pub(super) struct Candidate {
    pub requests: usize,
    pub intra_op_threads: usize,
    /// One a request; none where they could not be made.
    pub runners: Vec<Box<dyn Runner>>,
    /// Of each round beside the other, images a second.
    rates: Vec<f64>,
    /// Runs of each runner in a round.
    runs: u32,
}

/// Few models are worth more memory than that.
const MOST_REQUESTS: usize = 16;
/// What all rounds take together, once both of each two have had their [`LEAST_ROUNDS`]; less where
/// they have had [`MOST_ROUNDS`] before.
pub(super) const BUDGET: Duration = Duration::from_millis(1500);
const LEAST_ROUNDS: usize = 2;
const MOST_ROUNDS: usize = 7;
/// What one round is to take at least.
const ROUND: Duration = Duration::from_millis(60);
/// As fast as the fastest, as machines are noisy.
const TIE: f64 = 0.97;
/// What is left of the rate of one request at a time in an engine, where its threads have nothing to do
/// while tensors are made and outputs read.
const ALONE: f64 = 0.97;

/// What is worth a try: requests, and threads of each. With `threads` the user has chosen these.
///
/// On the CPU: all cores for one run, one for each run, and between. OpenVINO divides its threads into
/// streams itself. On a GPU one is prepared while another runs; that is not worth a measurement.
pub(super) fn candidates(provider: Provider, cores: usize, threads: usize) -> Vec<(usize, usize)> {
    match (provider, threads) {
        (Provider::Cpu, 0) => {
            let mut requests = [1, cores / 4, cores / 2, cores].map(|n| n.clamp(1, MOST_REQUESTS));
            requests.sort_unstable();
            let pairs = requests.map(|requests| (requests, share(provider, cores, requests)));
            let mut pairs = pairs.to_vec();
            pairs.dedup();
            pairs
        }
        (Provider::Cpu, _) => vec![((cores / threads).max(1), threads)],
        (Provider::OpenVino, _) => vec![(1, threads), (2, threads)],
        (Provider::Cuda | Provider::TensorRt, _) => vec![(2, threads)],
    }
}

/// How many threads each of so many runs at the same time has: on the CPU together never more than
/// there are cores, or they wait for each other for want of one; 0 = all that the provider has.
pub(super) fn share(provider: Provider, cores: usize, requests: usize) -> usize {
    match (provider, requests) {
        (Provider::Cpu, 2..) => (cores / requests).max(1),
        _ => 0,
    }
}

impl Candidate {
    /// With as many runners as there are requests, if they could be made.
    pub fn new(
        (requests, intra_op_threads): (usize, usize),
        runners: Result<Vec<Box<dyn Runner>>, Error>,
    ) -> Self {
        Self {
            requests,
            intra_op_threads,
            runners: runners.unwrap_or_default(),
            rates: Vec::new(),
            runs: 1,
        }
    }

    /// Runs on `rung` images, all runners at the same time, on threads as the engine's are.
    fn round(&mut self, rung: usize) {
        let (runs, started) = (self.runs, Instant::now());
        let times = std::thread::scope(|scope| {
            let threads = self.runners.iter_mut().map(|runner| {
                scope.spawn(move || {
                    runner.enter();
                    let started = Instant::now();
                    let fine = (0..runs).all(|_| runner.run(rung).is_ok());
                    fine.then(|| started.elapsed())
                })
            });
            let threads: Vec<_> = threads.collect();
            // All are joined, whatever the first of them says.
            let times = threads.into_iter().map(|t| t.join().unwrap_or(None));
            times.collect::<Vec<_>>()
        });
        let Some(times) = times.into_iter().collect::<Option<Vec<_>>>() else {
            self.runners.clear();
            return;
        };
        let took = started.elapsed().max(Duration::from_nanos(1));
        // Of each by its own time: at work none waits for the slowest.
        let rate = |time: Duration| f64::from(runs) * rung as f64 / time.as_secs_f64().max(1e-9);
        let rate = times.into_iter().map(rate).sum();
        let longer = (ROUND.as_nanos() * u128::from(runs) / took.as_nanos()).clamp(1, 1000) as u32;
        // One that was too short says only how long the next is to be.
        if self.runs == 1 && longer > 1 {
            self.runs = longer;
        } else {
            self.rates.push(rate);
        }
    }

    fn measured(&self) -> Measured {
        let mut rates = self.rates.clone();
        rates.sort_unstable_by(f64::total_cmp);
        let rate = match self.runners.is_empty() {
            true => 0.0,
            false => rates.get(rates.len() / 2).copied().unwrap_or(0.0),
        };
        Measured {
            requests: self.requests,
            intra_op_threads: self.intra_op_threads,
            rate,
        }
    }
}

/// Measures `ways` (at least two, fewer requests first) that `make` makes. Each beside the best of
/// those before it, as two have room where all may not. For as long as `budget` lasts; `None` where
/// none runs.
pub(super) fn choose(
    ways: &[(usize, usize)],
    make: impl Fn((usize, usize)) -> Candidate,
    rung: usize,
    budget: Duration,
) -> Option<Choice> {
    let budget = budget / ways.len().saturating_sub(1).max(1) as u32;
    let mut measured = Vec::new();
    let (&first, others) = ways.split_first()?;
    let mut chosen = make(first);
    if chosen.runners.is_empty() {
        // Where one has no room, or hangs, more do.
        return None;
    }
    for &way in others {
        let mut pair = [chosen, make(way)];
        compare(&mut pair, rung, budget);
        let better = best(&pair.each_ref().map(Candidate::measured));
        let [before, next] = pair;
        let is_next = better.is_some_and(|better| better.requests == next.requests);
        let (winner, loser) = if is_next {
            (next, before)
        } else {
            (before, next)
        };
        measured.push(loser.measured());
        chosen = winner;
    }
    let chosen = chosen.measured();
    measured.push(chosen);
    measured.sort_by_key(|m| m.requests);
    (chosen.rate > 0.0).then_some(Choice {
        requests: chosen.requests,
        intra_op_threads: chosen.intra_op_threads,
        measured,
    })
}

/// Measures two in turn, so that what else the machine does meets both alike.
fn compare(pair: &mut [Candidate; 2], rung: usize, budget: Duration) {
    let until = Instant::now() + budget;
    pair.iter_mut()
        .for_each(|candidate| candidate.rates.clear());
    loop {
        let late = Instant::now() >= until;
        let mut measured = false;
        for candidate in pair.iter_mut() {
            let most = if late { LEAST_ROUNDS } else { MOST_ROUNDS };
            if !candidate.runners.is_empty() && candidate.rates.len() < most {
                candidate.round(rung);
                measured = true;
            }
        }
        if !measured {
            break;
        }
    }
}

/// The fastest, or one of fewer requests that is as fast: there an image is not as long on its way.
fn best(measured: &[Measured]) -> Option<Measured> {
    // What a way is worth, and how much less than the best it may be.
    let worth = |m: &Measured| match m.requests {
        1 => (m.rate * ALONE, 1.0),
        _ => (m.rate, TIE),
    };
    let fastest = measured.iter().map(|m| worth(m).0).fold(0.0, f64::max);
    let fast = measured.iter().filter(|m| {
        let (rate, tie) = worth(m);
        rate > 0.0 && rate >= tie * fastest
    });
    fast.min_by_key(|m| m.requests).copied()
}

#[cfg(test)]
mod tests;
