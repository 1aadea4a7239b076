// SPDX-License-Identifier: MIT OR Apache-2.0

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use lynx_model::OutputView;

use super::*;

/// Counts runs; every one after the first so many fails.
struct Counter(Arc<AtomicUsize>, usize);

thread_local! {
    static ENTERED: Cell<bool> = const { Cell::new(false) };
}

impl Runner for Counter {
    fn enter(&self) {
        ENTERED.set(true);
    }
    fn image(&mut self, _: usize) -> Vec<&mut [u8]> {
        Vec::new()
    }
    fn copy_image(&mut self, _: usize, _: usize) {}
    fn run(&mut self, rung: usize) -> Result<(), Error> {
        assert!(rung == 4 && ENTERED.get());
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

/// Counts its runs together, of which so many go well.
fn candidate(pair: (usize, usize), runs: &Arc<AtomicUsize>, most: usize) -> Candidate {
    let runner = |_| Box::new(Counter(Arc::clone(runs), most)) as Box<dyn Runner>;
    Candidate::new(pair, Ok((0..pair.0).map(runner).collect()))
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
    best(&measured(rates)).map(|best| best.requests)
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
    let make = |way: (usize, usize)| candidate(way, &runs[way.1], usize::MAX);
    let choice = choose(&[(1, 0), (3, 1)], make, 4, Duration::ZERO).unwrap();
    let [one, three] = runs.map(|runs| runs.load(Ordering::Relaxed));
    assert!(one >= 2 && three >= 6, "{one} {three}");
    // They sleep: three at the same time are three times as fast.
    assert_eq!((choice.requests, choice.intra_op_threads), (3, 1));
    assert_eq!(choice.measured.len(), 2);
}

#[test]
fn what_does_not_run_is_not_chosen() {
    let make = |way: (usize, usize)| match way.0 {
        1 => candidate(way, &Arc::default(), usize::MAX),
        2 => candidate(way, &Arc::default(), 3),
        _ => Candidate::new(way, Err(no_memory())),
    };
    let choice = choose(&[(1, 0), (2, 1), (4, 1)], make, 4, Duration::ZERO).unwrap();
    assert_eq!(choice.requests, 1);
    let requests: Vec<_> = choice.measured.iter().map(|m| m.requests).collect();
    assert_eq!(requests, [1, 2, 4]);
    assert_eq!(choice.measured[1].rate, 0.0);
    assert_eq!(choice.measured[2].rate, 0.0);
    assert_eq!(choose(&[(4, 1), (1, 0)], make, 4, Duration::ZERO), None);
}

#[test]
fn two_ways_at_most_are_there_at_the_same_time() {
    let (runs, there) = (
        Arc::default(),
        RefCell::new(Vec::<Weak<AtomicUsize>>::new()),
    );
    let make = |way| {
        let (mut there, own) = (there.borrow_mut(), Arc::default());
        let others = there.iter().filter(|other| other.strong_count() > 0);
        assert!(others.count() <= 1);
        there.push(Arc::downgrade(&own));
        let mut candidate = candidate(way, &runs, usize::MAX);
        candidate.runners.push(Box::new(Counter(own, usize::MAX)));
        candidate
    };
    let ways = [(1, 4), (2, 2), (3, 1), (4, 1)];
    let choice = choose(&ways, make, 4, Duration::ZERO).unwrap();
    assert_eq!((choice.requests, choice.measured.len()), (4, 4));
}
