// SPDX-License-Identifier: MIT OR Apache-2.0
//! What goes wrong, and whom it concerns.

use super::*;

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
fn memory_that_is_not_enough_for_one_image_is_told_with_the_remedy() {
    let fake = Fake {
        memory: Some(0),
        ..Fake::default()
    };
    let (engine, _) = engine(fake, 1, 4);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[1, 2, 3, 4], &sender, Duration::ZERO);
    for (_, answer) in next(&answers, 4) {
        assert!(answer.contains("Failed to allocate memory"), "{answer}");
        assert!(answer.contains("smaller batch-size"), "{answer}");
    }
    assert_eq!(engine.stats().failed, 4);
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

/// As one does that keeps what the engine works for.

#[test]
fn an_engine_may_end_on_a_thread_of_its_own() {
    struct Owner(Mutex<Option<Arc<Engine>>>, mpsc::Sender<bool>);
    impl Request for Owner {
        fn fill(&self, _: usize, _: &mut Slot<'_>) -> Result<(), String> {
            Ok(())
        }
        fn answer(&self, _: usize, _: Result<Answer<'_>, Failure>) {
            let engine = self.0.lock().unwrap().take().unwrap();
            while Arc::strong_count(&engine) > 1 {
                std::thread::yield_now();
            }
            let own = engine.workers.lock().unwrap()[0].thread.thread().id();
            let is_own = own == std::thread::current().id();
            let started = Instant::now();
            drop(engine);
            let _ = self.1.send(is_own && started.elapsed() < PATIENCE);
        }
        fn unanswered(&self) {}
    }
    let (engine, fake) = engine(Fake::default(), 1, 1);
    let (sender, ended) = mpsc::channel();
    let stream = engine.stream(1);
    let owner = Owner(Mutex::new(Some(Arc::clone(&engine))), sender);
    stream.submit(Arc::new(owner), 1, Duration::ZERO, WhenFull::Refuse);
    while engine.stats().waiting > 0 {
        std::thread::yield_now();
    }
    drop((stream, engine));
    assert!(
        ended.recv_timeout(WAIT).unwrap(),
        "it does not wait for itself"
    );
    while fake.alive.load(Ordering::Relaxed) > 0 {
        std::thread::yield_now();
    }
}
