// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs that fail, hang or never return: they cost the frames that they were for, and no others.
//! Frames are black but for some white ones, which the models of these tests fail on.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gst::prelude::*;
use lynx_meta::Inference::{self, Failed, Ran};
use lynx_tests::paint::{Patch, WHITE, paint, run_changed};
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, build, play_to_end};

use crate::bad_input::assert_says;

const SIDE: usize = 32;
const WHOLE: Patch = ((0, 0, SIDE, SIDE), WHITE);
const LONG: Duration = Duration::from_secs(30);

/// Plays frames of which those of these numbers are white.
fn play(frames: u32, white: impl Fn(u64) -> bool + Send + Sync + 'static, infer: &str) -> Outcome {
    run_changed((SIDE, SIDE), frames, infer, move |buffer| {
        if white(buffer.offset()) {
            paint(buffer, SIDE, &[WHOLE]);
        }
    })
}

/// The line of a model of `tests/models`.
fn infer(model: &str, properties: &str) -> String {
    let model = tiny(model);
    format!("lynxinfer name=infer intra-op-threads=1 model={model} {properties}")
}

fn marks(outcome: &Outcome) -> Vec<Inference> {
    let marks = outcome.frames.iter().map(|frame| frame.inference.unwrap());
    marks.collect()
}

/// Of so many frames every third from the second on failed, and the others have the model's box.
#[track_caller]
fn assert_every_third_failed(outcome: &Outcome, frames: usize) {
    assert_eq!(outcome.errors, [""; 0]);
    let expected: Vec<_> = (0..frames)
        .map(|nth| if nth % 3 == 1 { Failed } else { Ran })
        .collect();
    assert_eq!(marks(outcome), expected);
    for frame in &outcome.frames {
        let ran = frame.inference == Some(Ran);
        assert_eq!(frame.objects.len(), usize::from(ran));
    }
    let failed = expected.iter().filter(|mark| **mark == Failed).count();
    assert_eq!(outcome.counted("failed"), failed as u64);
    assert_eq!(outcome.warnings.len(), failed, "{:?}", outcome.warnings);
}

/// The time on the CPU that each of the engines' threads has had, in ticks.
fn workers() -> Vec<u64> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let stats = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("stat")).ok());
    let ours = stats.filter(|stat| stat.contains("(lynx-infer)"));
    // The 14th field (proc(5)), the 12th behind the name.
    ours.filter_map(|stat| stat.rsplit(") ").next()?.split(' ').nth(11)?.parse().ok())
        .collect()
}

/// Waits for something that comes sooner or later.
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let until = std::time::Instant::now() + LONG;
    while !is_so() {
        assert!(std::time::Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn frames_whose_run_fails_are_marked_and_the_others_run() {
    for before in ["", "lynxpreprocess ! "] {
        let line = format!("{before}{}", infer("fails-at-run", ""));
        let outcome = play(30, |nth| nth % 3 == 1, &line);
        assert_every_third_failed(&outcome, 30);
        assert_says(&outcome.warnings[0], &["without inference", "did not run"]);
    }
}

#[test]
fn a_run_that_never_returns_costs_its_frame_alone() {
    for before in ["", "lynxpreprocess ! "] {
        let properties = "nireq=1 inference-timeout=300";
        let line = format!("{before}{}", infer("never-returns", properties));
        let outcome = play(3, |nth| nth == 1, &line);
        assert_every_third_failed(&outcome, 3);
        let words = ["its run on cpu", "300 ms", "larger inference-timeout"];
        assert_says(&outcome.warnings[0], &words);
    }
    wait_for("no thread is left", || workers().is_empty());
}

/// A camera may look at the sun every day.
#[test]
fn runs_that_never_return_now_and_then_do_not_wear_the_engine_out() {
    let line = infer("never-returns", "nireq=2 inference-timeout=200");
    let outcome = play(36, |nth| nth % 3 == 1, &line);
    assert_every_third_failed(&outcome, 36);
}

#[test]
fn ten_runs_in_a_row_that_never_return_are_one_error() {
    let line = infer("never-returns", "nireq=1 inference-timeout=100");
    let outcome = play(30, |_| true, &line);
    assert_says(
        outcome.error(),
        &["10 frames in a row", "inference-timeout"],
    );
    assert_eq!(outcome.frames.len(), 9);
    assert_eq!(outcome.warnings.len(), 1, "{:?}", outcome.warnings);
}

/// In a process of its own under nextest: it counts the engines' threads.
#[test]
fn a_pipeline_stops_while_a_run_hangs_and_plays_again() {
    for timeout in [0, 600_000] {
        let properties = format!("nireq=1 inference-timeout={timeout}");
        let (pipeline, seen) = build(&format!(
            "videotestsrc pattern=black num-buffers=9 ! video/x-raw,format=RGB,width=32,height=32 \
             ! identity name=paint ! {} ! fakesink name=out",
            infer("never-returns", &properties)
        ));
        let bright = Arc::new(AtomicBool::new(true));
        let is_bright = Arc::clone(&bright);
        let pad = pipeline
            .by_name("paint")
            .unwrap()
            .static_pad("src")
            .unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if is_bright.load(Ordering::Relaxed) {
                paint(info.buffer_mut().unwrap().make_mut(), SIDE, &[WHOLE]);
            }
            gst::PadProbeReturn::Ok
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        // The model computes for less than a tick, unless it counts to 2^60.
        wait_for("a run hangs", || workers().iter().any(|ticks| *ticks > 10));
        let (sender, stopped) = mpsc::channel();
        let stopping = pipeline.clone();
        std::thread::spawn(move || sender.send(stopping.set_state(gst::State::Null)));
        let stopped = stopped.recv_timeout(LONG).expect("it stops");
        assert!(stopped.is_ok() && seen.lock().unwrap().is_empty());
        wait_for("no thread is left", || workers().is_empty());

        bright.store(false, Ordering::Relaxed);
        assert_eq!(play_to_end(&pipeline), [""; 0]);
        pipeline.set_state(gst::State::Null).unwrap();
        let frames = std::mem::take(&mut *seen.lock().unwrap());
        assert!(frames.iter().all(|frame| frame.inference == Some(Ran)));
        assert_eq!(frames.len(), 9);
    }
}

/// What becomes of two frames each of two cameras that share one run, the first camera's first
/// frame being white or not.
fn share_a_run(white: bool) -> [Outcome; 2] {
    let line = infer(
        "fails-in-batches",
        // Nobody else may share it, and it waits until it is full.
        "nireq=1 batch-size=4 batch-timeout=10000 model-instance-id=both",
    );
    let cameras = [white, false].map(|white| {
        let line = line.clone();
        std::thread::spawn(move || play(2, move |nth| white && nth == 0, &line))
    });
    cameras.map(|camera| camera.join().unwrap())
}

#[test]
fn a_model_that_takes_no_batches_although_its_file_says_so_is_one_error() {
    let alone = play(3, |_| false, &infer("claims-batches", "batch-size=1"));
    assert_eq!((alone.errors.len(), marks(&alone)), (0, vec![Ran; 3]));
    let several = infer("claims-batches", "batch-size=4 tiles=2x1");
    let outcome = play(3, |_| false, &several);
    assert_says(outcome.error(), &["does not take batches", "batch-size=1"]);
}

#[test]
fn one_bad_frame_of_a_batch_of_two_cameras_fails_alone() {
    // Its box is four pixels wide for each picture of the run.
    let widths = |outcome: &Outcome| -> Vec<_> {
        let frames = outcome.frames.iter();
        frames
            .map(|frame| frame.objects.first().map(|object| object.rect.w))
            .collect()
    };
    for outcome in share_a_run(false) {
        assert_eq!(widths(&outcome), [Some(16.0); 2], "a run of four");
    }
    let [first, second] = share_a_run(true);
    assert_eq!(marks(&first), [Failed, Ran]);
    assert_eq!(marks(&second), [Ran, Ran]);
    assert_says(&first.warnings[0], &["without inference", "did not run"]);
    assert_eq!(second.warnings, [""; 0]);
    for outcome in [&first, &second] {
        assert_eq!(outcome.errors, [""; 0]);
        let ran = widths(outcome).into_iter().flatten();
        assert!(ran.into_iter().all(|width| width < 16.0), "smaller runs");
    }
}
