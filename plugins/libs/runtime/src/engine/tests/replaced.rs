// SPDX-License-Identifier: MIT OR Apache-2.0
//! One backend after another.

use super::*;

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
