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
    /// Of each round, images a second.
    rates: Vec<f64>,
    /// Runs of each runner in a round.
    runs: u32,
}

/// Few models are worth more memory than that.
const MOST_REQUESTS: usize = 16;
/// What all rounds take together, once each candidate has had its [`LEAST_ROUNDS`]; less where
/// all have had [`MOST_ROUNDS`] before.
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
    /// `make` makes the runners.
    pub fn new(
        (requests, intra_op_threads): (usize, usize),
        make: impl Fn() -> Result<Box<dyn Runner>, Error>,
    ) -> Self {
        let runners = (0..requests).map(|_| make()).collect::<Result<_, _>>();
        Self {
            requests,
            intra_op_threads,
            runners: runners.unwrap_or_default(),
            rates: Vec::new(),
            runs: 1,
        }
    }

    /// Runs on `rung` images, all runners at the same time.
    fn round(&mut self, rung: usize) {
        let (runs, started) = (self.runs, Instant::now());
        let times = std::thread::scope(|scope| {
            let threads = self.runners.iter_mut().map(|runner| {
                scope.spawn(move || {
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

/// Measures in turn, so that what else the machine does meets all alike, for as long as `budget`
/// lasts. `None` where none runs.
pub(super) fn choose(
    candidates: &mut [Candidate],
    rung: usize,
    budget: Duration,
) -> Option<Choice> {
    let until = Instant::now() + budget;
    loop {
        let late = Instant::now() >= until;
        let mut measured = false;
        for candidate in candidates.iter_mut() {
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
    best(candidates.iter().map(Candidate::measured).collect())
}

/// The fastest, or one of fewer requests that is as fast: there an image is not as long on its way.
fn best(measured: Vec<Measured>) -> Option<Choice> {
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
    let chosen = *fast.min_by_key(|m| m.requests)?;
    Some(Choice {
        requests: chosen.requests,
        intra_op_threads: chosen.intra_op_threads,
        measured,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use lynx_model::OutputView;

    use super::*;

    /// Counts runs; every one after the first so many fails.
    struct Counter(Arc<AtomicUsize>, usize);

    impl Runner for Counter {
        fn image(&mut self, _: usize) -> Vec<&mut [u8]> {
            Vec::new()
        }
        fn copy_image(&mut self, _: usize, _: usize) {}
        fn run(&mut self, rung: usize) -> Result<(), Error> {
            assert_eq!(rung, 4);
            std::thread::sleep(2 * ROUND / 3);
            match self.0.fetch_add(1, Ordering::Relaxed) < self.1 {
                true => Ok(()),
                false => Err(no_memory()),
            }
        }
        fn run_ready(&mut self, _: &[u8]) -> Result<(), Error> {
            self.run(1)
        }
        fn views(&self) -> Result<Vec<OutputView<'_>>, Error> {
            Ok(Vec::new())
        }
        fn terminate(&self) -> Box<dyn Fn() + Send + Sync> {
            Box::new(|| ())
        }
    }

    fn no_memory() -> Error {
        Error::Run {
            reason: "out of memory".into(),
        }
    }

    fn candidate(pair: (usize, usize), runs: &Arc<AtomicUsize>, most: usize) -> Candidate {
        Candidate::new(pair, || Ok(Box::new(Counter(Arc::clone(runs), most))))
    }

    fn measured(rates: &[(usize, f64)]) -> Vec<Measured> {
        let measured = rates.iter().map(|&(requests, rate)| Measured {
            requests,
            intra_op_threads: 1,
            rate,
        });
        measured.collect()
    }

    fn chosen(rates: &[(usize, f64)]) -> Option<usize> {
        best(measured(rates)).map(|choice| choice.requests)
    }

    #[test]
    fn no_way_has_more_threads_than_cores() {
        let ways = |cores| candidates(Provider::Cpu, cores, 0);
        assert_eq!(ways(1), [(1, 0)]);
        assert_eq!(ways(2), [(1, 0), (2, 1)]);
        assert_eq!(ways(4), [(1, 0), (2, 2), (4, 1)]);
        assert_eq!(ways(16), [(1, 0), (4, 4), (8, 2), (16, 1)]);
        assert_eq!(ways(128), [(1, 0), (16, 8)]);
        for cores in 0..200 {
            let within = |(requests, threads)| requests * threads <= cores.max(1);
            assert!(ways(cores).into_iter().all(within), "{cores}");
        }
        let shares = [1, 2, 3, 5].map(|requests| share(Provider::Cpu, 4, requests));
        assert_eq!(shares, [0, 2, 1, 1]);
    }

    #[test]
    fn threads_that_the_user_has_chosen_stay() {
        assert_eq!(candidates(Provider::Cpu, 8, 3), [(2, 3)]);
        assert_eq!(candidates(Provider::Cpu, 2, 4), [(1, 4)]);
        assert_eq!(candidates(Provider::OpenVino, 8, 3), [(1, 3), (2, 3)]);
        assert_eq!(candidates(Provider::TensorRt, 8, 3), [(2, 3)]);
    }

    #[test]
    fn the_fastest_is_chosen_and_of_those_as_fast_the_fewest_requests() {
        assert_eq!(chosen(&[(1, 14.7), (2, 16.3)]), Some(2));
        assert_eq!(chosen(&[(1, 16.0), (2, 16.3)]), Some(2), "one leaves gaps");
        assert_eq!(chosen(&[(1, 17.0), (2, 16.3)]), Some(1));
        assert_eq!(chosen(&[(1, 9.0), (2, 16.0), (4, 16.3)]), Some(2));
        assert_eq!(chosen(&[(1, 10.0), (2, 15.9), (4, 16.0)]), Some(2));
        assert_eq!(chosen(&[(1, 0.0), (2, 0.1)]), Some(2));
        assert_eq!(chosen(&[(1, 0.0), (2, 0.0)]), None);
    }

    #[test]
    fn all_runners_of_all_ways_have_their_rounds() {
        let runs = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let mut ways = [
            candidate((1, 0), &runs[0], usize::MAX),
            candidate((3, 1), &runs[1], usize::MAX),
        ];
        let choice = choose(&mut ways, 4, Duration::ZERO).unwrap();
        let [one, three] = runs.map(|runs| runs.load(Ordering::Relaxed));
        assert!(one >= 2 && three >= 6, "{one} {three}");
        // They sleep: three at the same time are three times as fast.
        assert_eq!((choice.requests, choice.intra_op_threads), (3, 1));
        assert_eq!(choice.measured.len(), 2);
    }

    #[test]
    fn what_does_not_run_is_not_chosen() {
        let runs = Arc::new(AtomicUsize::new(0));
        let mut ways = [
            candidate((1, 0), &runs, usize::MAX),
            candidate((2, 1), &Arc::default(), 3),
            Candidate::new((4, 1), || Err(no_memory())),
        ];
        let choice = choose(&mut ways, 4, Duration::ZERO).unwrap();
        assert_eq!(choice.requests, 1);
        assert_eq!(choice.measured[1].rate, 0.0);
        assert_eq!(choice.measured[2].rate, 0.0);
        assert_eq!(choose(&mut ways[2..], 4, Duration::ZERO), None);
    }
}
