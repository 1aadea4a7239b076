// SPDX-License-Identifier: MIT OR Apache-2.0
//! How requests become runs.

use super::*;

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
        let request = Arc::new(Bytes(vec![byte], sender.clone(), None));
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
