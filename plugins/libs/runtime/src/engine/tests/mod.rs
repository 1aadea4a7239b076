// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine on a backend that does what a test wants: hangs, fails, runs out of memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, mpsc};

use lynx_model::OutputView;
use ndarray::{CowArray, IxDyn};

use super::*;

mod faults;
mod hanging;
mod replaced;
mod streams;

/// How runs of a [`Fake`] go.
#[derive(Default)]
struct Fake {
    /// What each takes.
    time: Duration,
    /// Runs of more images than this have not enough memory.
    memory: Option<usize>,
    /// A run with such a byte among its images fails.
    bad: Option<u8>,
    /// A run with such a byte among its images does not end.
    endless: Option<u8>,
    /// Unless it is told to.
    ends: bool,
    ended: Condvar,
    stop: Mutex<bool>,
    /// A run with such a byte among its images panics.
    panics: Option<u8>,
    /// What an image is multiplied with, besides 2; 0 is 1.
    factor: u8,
    /// More runners than this cannot be made.
    most_runners: Option<usize>,
    /// The making of more than this does not end.
    fine_runners: Option<usize>,
    /// How long it may take: for the first, and later.
    patience: [Option<Duration>; 2],
    /// The images of each run, 0 where they are padding.
    ran: Mutex<Vec<Vec<u8>>>,
    /// Runners that were made, and those that are still there.
    runners: AtomicUsize,
    alive: AtomicUsize,
}

impl Fake {
    /// Returns when it is told to.
    fn hang(&self) {
        let mut stop = self.stop.lock().unwrap();
        while !*stop {
            stop = self.ended.wait(stop).unwrap();
        }
    }

    /// Ends the runs that do not end.
    fn end(&self) {
        *self.stop.lock().unwrap() = true;
        self.ended.notify_all();
    }
}

struct FakeRunner {
    backend: &'static Fake,
    images: Vec<[u8; 1]>,
    output: Vec<f32>,
}

impl Backend for &'static Fake {
    fn runner(&self, rungs: &[usize]) -> Result<Box<dyn Runner>, Error> {
        let made = self.runners.fetch_add(1, Ordering::Relaxed);
        if self.most_runners.is_some_and(|most| made >= most) {
            return Err(error("no memory for a runner"));
        }
        if self.fine_runners.is_some_and(|most| made >= most) {
            self.hang();
        }
        self.alive.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(FakeRunner {
            backend: self,
            images: vec![[0]; *rungs.last().unwrap()],
            output: Vec::new(),
        }))
    }

    fn patience(&self, _: &[usize], first: bool) -> Option<Duration> {
        self.patience[usize::from(!first)]
    }
}

impl Drop for FakeRunner {
    fn drop(&mut self) {
        self.backend.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

fn error(reason: &str) -> Error {
    Error::Run {
        reason: reason.into(),
    }
}

impl Runner for FakeRunner {
    fn image(&mut self, index: usize) -> Vec<&mut [u8]> {
        vec![&mut self.images[index]]
    }

    fn copy_image(&mut self, from: usize, to: usize) {
        self.images[to] = self.images[from];
    }

    fn run(&mut self, rung: usize) -> Result<(), Error> {
        let images: Vec<_> = self.images[..rung].iter().map(|image| image[0]).collect();
        let has = |byte: Option<u8>| byte.is_some_and(|byte| images.contains(&byte));
        if self.backend.memory.is_some_and(|most| rung > most) {
            return Err(error(
                "Failed to allocate memory for requested buffer of size 1",
            ));
        }
        if has(self.backend.endless) {
            self.backend.hang();
            return Err(error("it was ended"));
        }
        assert!(!has(self.backend.panics), "an unlucky number");
        if has(self.backend.bad) {
            return Err(error("index out of range"));
        }
        std::thread::sleep(self.backend.time);
        let factor = f32::from(self.backend.factor.max(1)) * 2.0;
        self.output = images
            .iter()
            .map(|byte| f32::from(*byte) * factor)
            .collect();
        self.backend.ran.lock().unwrap().push(images);
        Ok(())
    }

    fn run_ready(&mut self, first: &[u8]) -> Result<(), Error> {
        self.images[0][0] = first[0];
        self.run(1)
    }

    fn views(&self) -> Result<Vec<OutputView<'_>>, Error> {
        let view = CowArray::from(self.output.clone());
        let shape = IxDyn(&[self.output.len(), 1]);
        let view = view.into_shape_with_order(shape).unwrap();
        Ok(vec![OutputView::F32(view)])
    }

    fn terminate(&self) -> Box<dyn Fn() + Send + Sync> {
        let backend = self.backend;
        Box::new(move || {
            if backend.ends {
                backend.end();
            }
        })
    }
}

type Answers = mpsc::Sender<(u8, Result<f32, String>)>;

/// Some images of one byte each; says what the model made of them. Its runs may take so long.
struct Bytes(Vec<u8>, Answers, Option<Duration>);

const SHORT: Option<Duration> = Some(Duration::from_millis(2));

impl Request for Bytes {
    fn fill(&self, image: usize, slot: &mut Slot<'_>) -> Result<(), String> {
        match self.0[image] {
            255 => Err("there is no picture".into()),
            254 => panic!("half a picture"),
            byte => {
                slot.tensors[0][0] = byte;
                *slot.writer = 1;
                Ok(())
            }
        }
    }

    fn patience(&self) -> Option<Duration> {
        self.2
    }

    fn answer(&self, image: usize, answer: Result<Answer<'_>, Failure>) {
        assert!(answer.is_err() || self.0[image] != 253, "unreadable");
        let answer = answer.map_err(|failure| format!("{failure:?}"));
        let number = answer.map(|answer| match &answer.outputs[0].entry(answer.entry) {
            Some(OutputView::F32(view)) => view[[0, 0]],
            _ => f32::NAN,
        });
        let _ = self.1.send((self.0[image], number));
    }

    fn unanswered(&self) {
        let _ = self.1.send((self.0[0], Err("unanswered".into())));
    }
}

fn engine(fake: Fake, requests: usize, limit: usize) -> (Arc<Engine>, &'static Fake) {
    let fake = Box::leak(Box::new(fake));
    let options = EngineOptions {
        requests,
        ladder: Ladder::new(limit, Padding::Dear),
        policy: Policy::Latency,
    };
    let fake: &'static Fake = fake;
    (Engine::new(Arc::new(fake), options).unwrap(), fake)
}

const WAIT: Duration = Duration::from_secs(20);

/// The next answers, as they come.
fn next(answers: &mpsc::Receiver<(u8, Result<f32, String>)>, count: usize) -> Vec<(u8, String)> {
    let next = |()| answers.recv_timeout(WAIT).expect("an answer");
    let text = |answer: Result<f32, String>| answer.map_or_else(|e| e, |n| n.to_string());
    let mut all: Vec<_> = vec![(); count]
        .into_iter()
        .map(next)
        .map(|(b, a)| (b, text(a)))
        .collect();
    all.sort();
    all
}

fn submit(stream: &Stream, bytes: &[u8], answers: &Answers, wait: Duration) -> Submitted {
    let request = Arc::new(Bytes(bytes.to_vec(), answers.clone(), SHORT));
    stream.submit(request, bytes.len(), wait, WhenFull::Refuse)
}
