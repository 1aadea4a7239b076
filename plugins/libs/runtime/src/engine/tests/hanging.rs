// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs that do not come back, and devices that do not.

use super::*;

/// Waits until somebody hangs, and is dismissed.
fn rescue(engine: &Engine) {
    while engine.rescue() == 0 {
        std::thread::yield_now();
    }
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
    rescue(&engine);
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
    rescue(&engine);
    let answers = next(&answers, 4);
    let ended = |(_, answer): &(u8, String)| answer.contains("did not come back");
    assert!(answers.iter().all(ended), "{answers:?}");
    assert!(fake.ran.lock().unwrap().is_empty());
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
    rescue(&engine);
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
        rescue(&engine);
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
        rescue(&engine);
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

#[test]
fn a_run_may_take_as_long_as_the_most_patient_of_its_requests_allows() {
    for other in [None, Some(WAIT)] {
        let fake = Fake {
            endless: Some(9),
            ..Fake::default()
        };
        let (engine, fake) = engine(fake, 1, 2);
        let (sender, answers) = mpsc::channel();
        let streams = [engine.stream(1), engine.stream(1)];
        for (stream, (byte, patience)) in streams.iter().zip([(9, SHORT), (1, other)]) {
            let request = Bytes(vec![byte], sender.clone(), patience);
            stream.submit(Arc::new(request), 1, WAIT, WhenFull::Refuse);
        }
        while engine.stats().waiting > 0 {
            std::thread::yield_now();
        }
        std::thread::sleep(5 * SHORT.unwrap());
        assert_eq!(engine.rescue(), 0, "{other:?}");
        fake.end();
        let all = next(&answers, 2);
        assert_eq!(all[0], (1, "2".to_string()));
        assert!(all[1].1.contains("it was ended"), "{all:?}");
        assert_eq!(engine.stats().stuck, 0);
    }
}

#[test]
fn a_device_that_hangs_whatever_it_runs_is_reported() {
    let fake = Fake {
        endless: Some(9),
        fine_runners: Some(1),
        patience: [None, SHORT],
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 1, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[9], &sender, Duration::ZERO);
    rescue(&engine);
    assert_eq!(engine.stats().workers, 1, "another takes its place");
    submit(&stream, &[1], &sender, Duration::ZERO);
    let until = Instant::now() + WAIT;
    while engine.stats().workers > 0 && Instant::now() < until {
        engine.rescue();
        std::thread::yield_now();
    }
    submit(&stream, &[2], &sender, Duration::ZERO);
    let all = next(&answers, 3);
    for (_, answer) in &all[..2] {
        assert!(answer.contains("no worker left"), "{all:?}");
        assert!(answer.contains("its device hangs"), "{all:?}");
    }
    fake.end();
    while engine.shared.lock().hanging > 0 {
        std::thread::yield_now();
    }
    assert_eq!(engine.stats().workers, 0);
}

#[test]
fn a_first_run_that_hangs_is_an_error() {
    let fake = Fake {
        fine_runners: Some(1),
        patience: [SHORT, None],
        ..Fake::default()
    };
    let fake: &'static Fake = Box::leak(Box::new(fake));
    let options = EngineOptions {
        requests: 2,
        ladder: Ladder::new(1, Padding::Dear),
        policy: Policy::Latency,
    };
    let made = Engine::new(Arc::new(fake), options);
    let message = made.err().unwrap().to_string();
    assert!(
        message.contains("first run did not come back within 2ms"),
        "{message}"
    );
    fake.end();
    while fake.alive.load(Ordering::Relaxed) > 0 {
        std::thread::yield_now();
    }
}

/// The others go on without it.
#[test]
fn a_worker_that_is_lost_is_missing_in_the_numbers() {
    let fake = Fake {
        endless: Some(9),
        most_runners: Some(2),
        ..Fake::default()
    };
    let (engine, fake) = engine(fake, 2, 1);
    let (sender, answers) = mpsc::channel();
    let stream = engine.stream(2);
    submit(&stream, &[9], &sender, Duration::ZERO);
    rescue(&engine);
    while engine.stats().workers > 1 {
        std::thread::yield_now();
    }
    // Nor is who has gone taken for one that hangs.
    std::thread::sleep(5 * SHORT.unwrap());
    assert_eq!(engine.rescue(), 0);
    submit(&stream, &[1], &sender, Duration::ZERO);
    assert_eq!(next(&answers, 2)[0], (1, "2".to_string()));
    let stats = engine.stats();
    assert_eq!((stats.workers, stats.stuck, stats.failed), (1, 1, 1));
    fake.end();
}
