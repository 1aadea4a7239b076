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
    let all = next(&answers, 2);
    assert_eq!(all[0], (1, "2".to_string()));
    assert!(all[1].1.contains("did not come back"), "{all:?}");
    assert_eq!(engine.stats().stuck, 1);
    assert_eq!(fake.runners.load(Ordering::Relaxed), 2);
    drop((bad, good));
    let started = Instant::now();
    drop(engine);
    assert!(started.elapsed() < WAIT, "nobody waits for what hangs");
    fake.end();
    drop(sender);
    assert!(answers.recv_timeout(WAIT).is_err(), "nobody is told twice");
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
    let ended = |(_, answer): &(u8, String)| answer.contains("did not come back");
    assert!(answers.iter().all(ended), "{answers:?}");
    assert!(fake.ran.lock().unwrap().is_empty());
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
    while !engine.shared.lock().queues.has_refused() {
        std::thread::yield_now();
    }
    while engine.rescue(Duration::from_millis(1)) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(submitter.join().unwrap(), [Submitted::Queued; 3]);
    submit(&stream, &[4, 5], &sender, Duration::ZERO);
    let all = next(&answers, 6);
    assert!(all[5].1.contains("did not come back"), "{all:?}");
    let lost = |(_, answer): &(u8, String)| {
        answer.contains("no worker left") && answer.contains("no memory for a runner")
    };
    assert!(all[..5].iter().all(lost), "{all:?}");
    let stats = engine.stats();
    assert_eq!((stats.workers, stats.waiting, stats.failed), (0, 0, 6));
    fake.end();
}

#[test]
fn runs_that_end_when_told_to_may_hang_as_often_as_they_like() {
    let fake = Fake {
        endless: Some(9),
        ends: true,
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    for _ in 0..3 * MOST_STUCK {
        *fake.stop.lock().unwrap() = false;
        submit(&stream, &[9], &sender, Duration::ZERO);
        while engine.rescue(Duration::from_millis(1)) == 0 {
            std::thread::yield_now();
        }
        while engine.shared.lock().hanging > 0 {
            std::thread::yield_now();
        }
    }
    submit(&stream, &[1], &sender, Duration::ZERO);
    let all = next(&answers, 1 + 3 * MOST_STUCK as usize);
    assert_eq!(all[0], (1, "2".to_string()));
    let stats = engine.stats();
    assert_eq!((stats.stuck, stats.workers), (3 * MOST_STUCK as u64, 1));
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
    let hung = next(&answers, 1 + MOST_STUCK as usize);
    let hangs = |(_, answer): &(u8, String)| answer.contains("did not come back within");
    assert!(hung.iter().all(hangs), "{hung:?}");
    submit(&stream, &[1], &sender, Duration::ZERO);
    let all = next(&answers, 1);
    assert!(all[0].1.contains("no worker left"), "{all:?}");
    assert_eq!(engine.stats().workers, 0);

    let other: &'static Fake = Box::leak(Box::default());
    engine.replace(Arc::new(other)).unwrap();
    submit(&stream, &[1], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 1), [(1, "2".to_string())]);
    assert_eq!(engine.stats().workers, 1);
    fake.end();
}
