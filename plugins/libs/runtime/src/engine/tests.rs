// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine on a backend that does what a test wants: hangs, fails, runs out of memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, mpsc};

use lynx_model::OutputView;
use ndarray::{CowArray, IxDyn};

use super::*;

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
    /// The images of each run, 0 where they are padding.
    ran: Mutex<Vec<Vec<u8>>>,
    /// Runners that were made, and those that are still there.
    runners: AtomicUsize,
    alive: AtomicUsize,
}

impl Fake {
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
        self.alive.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(FakeRunner {
            backend: self,
            images: vec![[0]; *rungs.last().unwrap()],
            output: Vec::new(),
        }))
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
            let mut stop = self.backend.stop.lock().unwrap();
            while !*stop {
                stop = self.backend.ended.wait(stop).unwrap();
            }
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

/// Some images of one byte each; says what the model made of them.
struct Bytes(Vec<u8>, Answers);

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
    let request = Arc::new(Bytes(bytes.to_vec(), answers.clone()));
    stream.submit(request, bytes.len(), wait, WhenFull::Refuse)
}

#[test]
fn images_of_many_streams_share_a_run() {
    let (engine, fake) = engine(Fake::default(), 1, 4);
    let (sender, answers) = mpsc::channel();
    let streams = [(); 4].map(|()| engine.stream(2));
    for (nth, stream) in streams.iter().enumerate() {
        submit(stream, &[nth as u8 + 1], &sender, WAIT);
    }
    let expected = [(1, "2"), (2, "4"), (3, "6"), (4, "8")];
    assert_eq!(next(&answers, 4), expected.map(|(b, a)| (b, a.to_string())));
    assert_eq!(fake.ran.lock().unwrap().len(), 1, "one run of four");
    drop(streams);
    assert_eq!(engine.stats().images, 4);
}

#[test]
fn what_is_not_full_leaves_when_its_time_is_up() {
    let (engine, fake) = engine(Fake::default(), 2, 8);
    let (sender, answers) = mpsc::channel();
    let streams = [(); 3].map(|()| engine.stream(2));
    for (nth, stream) in streams.iter().enumerate() {
        submit(
            stream,
            &[nth as u8 + 1],
            &sender,
            Duration::from_millis(400),
        );
    }
    next(&answers, 3);
    assert_eq!(*fake.ran.lock().unwrap(), [[1, 2, 3, 0]], "one run, padded");
    let stats = engine.stats();
    assert_eq!((stats.runs, stats.images, stats.padding), (1, 3, 1));
}

#[test]
fn one_image_that_fails_leaves_the_others_of_its_run_alone() {
    let fake = Fake {
        bad: Some(3),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 1, 8);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[1, 2, 3, 4, 255, 6], &sender, Duration::ZERO);
    let answers = next(&answers, 6);
    let fine = |byte: u8| (byte, (2 * byte).to_string());
    assert_eq!(answers[..2], [fine(1), fine(2)]);
    assert!(answers[2].1.contains("index out of range"), "{answers:?}");
    assert_eq!(answers[3..5], [fine(4), fine(6)]);
    assert!(answers[5].1.contains("there is no picture"), "{answers:?}");
    assert_eq!(engine.stats().failed, 2);
}

#[test]
fn a_run_too_large_for_the_memory_becomes_smaller_ones() {
    let fake = Fake {
        memory: Some(2),
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 8);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    for _ in 0..2 {
        submit(&stream, &[1, 2, 3, 4, 5, 6, 7, 8], &sender, Duration::ZERO);
        let answers = next(&answers, 8);
        assert!(answers.iter().all(|(b, a)| *a == (2 * b).to_string()));
    }
    let ran = fake.ran.lock().unwrap();
    assert_eq!(ran.len(), 8, "of two images each: {ran:?}");
}

#[test]
fn requests_run_at_the_same_time() {
    let fake = Fake {
        time: Duration::from_millis(300),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 4, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(4);
    let started = Instant::now();
    submit(&stream, &[1, 2, 3, 4], &sender, Duration::ZERO);
    next(&answers, 4);
    assert!(
        started.elapsed() < Duration::from_millis(900),
        "not one after another"
    );
}

#[test]
fn a_run_that_hangs_costs_the_others_nothing_but_time() {
    let fake = Fake {
        endless: Some(9),
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let (bad, good) = (engine.stream(2), engine.stream(2));
    submit(&bad, &[9], &sender, Duration::ZERO);
    let patience = Duration::from_millis(20);
    while engine.rescue(patience) == 0 {
        std::thread::sleep(patience);
    }
    submit(&good, &[1], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(1, "2".to_string())]);
    assert_eq!(engine.stats().stuck, 1);
    assert_eq!(fake.runners.load(Ordering::Relaxed), 2);
    drop((bad, good));
    let started = Instant::now();
    drop(engine);
    assert!(started.elapsed() < WAIT, "nobody waits for what hangs");
    fake.end();
}

#[test]
fn a_run_that_was_ended_is_not_tried_again() {
    let fake = Fake {
        endless: Some(9),
        ends: true,
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 4);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[1, 9, 2, 3], &sender, Duration::ZERO);
    let patience = Duration::from_millis(20);
    while engine.rescue(patience) == 0 {
        std::thread::sleep(patience);
    }
    let answers = next(&answers, 4);
    let ended = |(_, answer): &(u8, String)| answer.contains("it was ended");
    assert!(answers.iter().all(ended), "{answers:?}");
    assert!(fake.ran.lock().unwrap().is_empty());
}

#[test]
fn flushing_wakes_who_waits_for_room() {
    let fake = Fake {
        time: Duration::from_millis(50),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = Arc::new(engine.stream(1));
    let (other, more) = (Arc::clone(&stream), sender.clone());
    let submitter = std::thread::spawn(move || {
        let mut queued = 0_usize;
        while let Submitted::Queued = submit(&other, &[1], &more, Duration::ZERO) {
            queued += 1;
        }
        queued
    });
    next(&answers, 3);
    stream.set_flushing(true);
    let queued = submitter.join().unwrap();
    drop(sender);
    assert_eq!(answers.iter().count() + 3, queued, "each is answered");
    stream.set_flushing(false);
    let (sender, answers) = mpsc::channel();
    submit(&stream, &[2], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(2, "4".to_string())]);
}

#[test]
fn a_live_stream_is_never_held_up() {
    let fake = Fake {
        time: Duration::from_millis(20),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    let mut late = 0;
    for byte in 0..50 {
        let request = Arc::new(Bytes(vec![byte], sender.clone()));
        match stream.submit(request, 1, Duration::ZERO, WhenFull::Displace) {
            Submitted::Displaced => late += 1,
            submitted => assert_eq!(submitted, Submitted::Queued),
        }
    }
    assert!(late >= 40, "most are late: {late}");
    let all = next(&answers, 50);
    let told = all.iter().filter(|(_, answer)| answer == "unanswered");
    assert_eq!(told.count(), late, "each is told");
    assert_eq!(all[49], (49, "98".to_string()), "the newest wins");
}

#[test]
fn a_panic_fails_its_image_and_no_more() {
    let fake = Fake {
        panics: Some(13),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 1, 4);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[1, 13, 253, 254], &sender, Duration::ZERO);
    let all = next(&answers, 4);
    assert_eq!(all[0], (1, "2".to_string()));
    for (nth, message) in [(1, "unlucky"), (2, "unreadable"), (3, "half a picture")] {
        assert!(all[nth].1.contains(message), "{all:?}");
    }
    submit(&stream, &[5], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(5, "10".to_string())]);
    let stats = engine.stats();
    assert_eq!((stats.failed, stats.workers), (3, 1));
}

#[test]
fn without_workers_all_requests_fail_and_nobody_waits() {
    let fake = Fake {
        endless: Some(9),
        most_runners: Some(1),
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = Arc::new(engine.stream(2));
    submit(&stream, &[9], &sender, Duration::ZERO);
    while engine.stats().waiting > 0 {
        std::thread::yield_now();
    }
    let (other, more) = (Arc::clone(&stream), sender.clone());
    let submitter = std::thread::spawn(move || {
        // Of these the third finds no room.
        [1, 2, 3].map(|byte| submit(&other, &[byte], &more, Duration::ZERO))
    });
    while engine.shared.lock().blocked == 0 {
        std::thread::yield_now();
    }
    while engine.rescue(Duration::from_millis(1)) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(submitter.join().unwrap(), [Submitted::Queued; 3]);
    submit(&stream, &[4, 5], &sender, Duration::ZERO);
    let all = next(&answers, 5);
    let lost = |(_, answer): &(u8, String)| {
        answer.contains("no worker left") && answer.contains("no memory for a runner")
    };
    assert!(all.iter().all(lost), "{all:?}");
    let stats = engine.stats();
    assert_eq!((stats.workers, stats.waiting, stats.failed), (0, 0, 5));
    fake.end();
}

#[test]
fn runs_that_hang_again_and_again_get_no_new_workers() {
    let fake = Fake {
        endless: Some(9),
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    for _ in 0..=MOST_STUCK {
        submit(&stream, &[9], &sender, Duration::ZERO);
        while engine.rescue(Duration::from_millis(1)) == 0 {
            std::thread::yield_now();
        }
    }
    submit(&stream, &[1], &sender, Duration::ZERO);
    let all = next(&answers, 1);
    assert!(all[0].1.contains("did not come back"), "{all:?}");
    assert_eq!(engine.stats().workers, 0);

    let other: &'static Fake = Box::leak(Box::default());
    engine.replace(Arc::new(other)).unwrap();
    submit(&stream, &[1], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(1, "2".to_string())]);
    assert_eq!(engine.stats().workers, 1);
    fake.end();
}

#[test]
fn another_backend_takes_over_between_two_runs() {
    let slow = |factor| Fake {
        time: Duration::from_millis(2),
        factor,
        ..Fake::default()
    };
    for requests in [1, 3] {
        let (engine, old) = engine(slow(1), requests, 2);
        let new: &'static Fake = Box::leak(Box::new(slow(10)));
        let (sender, answers) = mpsc::channel();
        let stream = engine.stream(1);
        for byte in 0..100 {
            if byte == 50 {
                engine.replace(Arc::new(new)).unwrap();
            }
            submit(&stream, &[byte], &sender, Duration::ZERO);
        }
        let mut all = Vec::new();
        for _ in 0..100 {
            let (byte, answer) = answers.recv_timeout(WAIT).expect("an answer");
            let (answer, twice) = (answer.unwrap(), 2.0 * f32::from(byte));
            let is_new = answer == 10.0 * twice;
            assert!(is_new || answer == twice, "{byte}: {answer}");
            all.push((byte, byte > 0 && is_new));
        }
        let news = all.iter().filter(|(_, is_new)| *is_new).count();
        let (first, last) = (40 - 2 * requests, 50 + 2 * requests);
        assert!((first..=last).contains(&news), "{news} of the new");
        if requests == 1 {
            assert!(all.is_sorted(), "in order, the old before the new");
        }
        // Also workers that had nothing to do have let go.
        while old.alive.load(Ordering::Relaxed) > 0 {
            std::thread::yield_now();
        }
        assert_eq!(new.alive.load(Ordering::Relaxed), requests);
    }
}

#[test]
fn a_backend_that_cannot_take_over_leaves_all_as_it_was() {
    let (engine, old) = engine(Fake::default(), 2, 2);
    let small = Fake {
        most_runners: Some(1),
        ..Fake::default()
    };
    let small: &'static Fake = Box::leak(Box::new(small));
    let message = engine.replace(Arc::new(small)).unwrap_err().to_string();
    assert!(message.contains("no memory for a runner"), "{message}");
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(1);
    submit(&stream, &[1], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(1, "2".to_string())]);
    assert_eq!(small.alive.load(Ordering::Relaxed), 0);
    assert_eq!(old.alive.load(Ordering::Relaxed), 2);
}
