// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many elements on one model: they share it, and their frames meet in runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst::prelude::*;
use lynx_meta::Inference;
use lynx_tests::places::{model, tiny};
use lynx_tests::rig::{Rig, SIZE};

fn infer(name: &str, properties: &str) -> String {
    let model = tiny(name);
    format!("lynxinfer model={model} nireq=1 intra-op-threads=1 threshold=0.1 {properties}")
}

fn rigs(count: usize, launch: &str) -> Vec<Rig> {
    (0..count).map(|_| Rig::new(launch)).collect()
}

/// Of each frame that came out, how many images its run had: `counts-batches` says it in widths.
fn runs(rig: &Rig) -> Vec<u32> {
    let frames = rig.frames().into_iter();
    let runs = frames.map(|frame| (frame.at.unwrap().1 / 4.0).round() as u32);
    runs.collect()
}

/// What this process has in memory, in MB, besides what it has freed.
fn resident() -> f64 {
    // SAFETY: it may be called at any time.
    unsafe { libc::malloc_trim(0) };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<f64>().unwrap() / 1024.0
}

#[test]
fn sixteen_elements_take_the_memory_of_one_and_the_last_frees_it() {
    let launch = format!(
        "lynxinfer model={} nireq=1 intra-op-threads=1",
        model("yolox-tiny-person")
    );
    let play = |rig: &Rig, frames: u64| {
        for nth in 0..frames {
            rig.frame(nth, [90; 3]).unwrap();
            rig.wait_for(nth as usize + 1);
        }
    };
    // What of the runtime and of this test stays is not the model's.
    drop(Rig::new(&infer("bright-box", "")));
    let before = resident();
    let first = Rig::new(&launch);
    // The first runs find out how much memory runs take.
    play(&first, 10);
    let one = resident() - before;
    let others = rigs(15, &launch);
    others.iter().for_each(|rig| play(rig, 1));
    let all = resident() - before;
    assert!(one > 20.0, "the model alone has 20 MB: {one:.0}");
    assert!(all < 1.5 * one, "{one:.0} MB became {all:.0}");

    let rigs: Vec<_> = std::iter::once(first).chain(others).collect();
    let counted = |field| rigs.iter().map(move |rig: &Rig| rig.counted(field));
    assert!(counted("engine-runs").all(|runs| runs == 25));
    assert_eq!(counted("frames").sum::<u64>(), 25);
    drop(rigs);
    // glibc may keep what was freed for the next (2.41 does), but each has the same memory again.
    for _ in 0..6 {
        let again = Rig::new(&launch);
        assert_eq!(again.counted("engine-runs"), 0, "it is another engine");
        play(&again, 2);
        drop(again);
        // A worker may be about to let the last frame go, and all with it.
        std::thread::sleep(Duration::from_millis(200));
    }
    let left = resident() - before;
    assert!(left < 1.3 * one, "of {one:.0} MB {left:.0} are left");
}

#[test]
fn another_size_of_batch_is_another_engine() {
    let two = rigs(2, &infer("counts-batches", "batch-size=2"));
    let four = rigs(2, &infer("counts-batches", "batch-size=4"));
    for nth in 0..4 {
        two[0].frame(nth, [0; 3]).unwrap();
        two[0].wait_for(nth as usize + 1);
    }
    let runs = |rig: &Rig| (rig.counted("batch-size"), rig.counted("engine-runs"));
    assert_eq!([runs(&two[0]), runs(&two[1])], [(2, 4); 2]);
    assert_eq!([runs(&four[0]), runs(&four[1])], [(4, 0); 2]);
}

#[test]
fn the_same_instance_with_other_settings_is_an_error_that_names_it() {
    let first = infer("counts-batches", "model-instance-id=yard");
    let _first = Rig::new(&first);
    let same = Rig::new(&first);
    same.frame(0, [0; 3]).unwrap();
    same.wait_for(1);
    for (other, word) in [
        (
            infer("bright-box", "model-instance-id=yard"),
            "another model",
        ),
        (format!("{first} batch-size=4"), "another size of batch"),
        (format!("{first} nireq=2"), "another number of requests"),
        (format!("{first} scheduling-policy=throughput"), "policy"),
    ] {
        let rig = Rig::stopped(&other, (false, 0, None));
        assert!(rig.element.set_state(gst::State::Playing).is_err());
        let errors = rig.messages(gst::MessageType::Error);
        let [gst::MessageView::Error(error)] =
            errors.iter().map(|e| e.view()).collect::<Vec<_>>()[..]
        else {
            panic!("{errors:?}")
        };
        let error = error.error().to_string();
        for word in [word, "\"yard\"", "counts-batches.onnx"] {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}

/// Nobody has to wait for its time, which is the longest that there is.
#[test]
fn frames_of_four_cameras_meet_in_runs_of_four() {
    for policy in ["latency", "throughput"] {
        let properties = format!("batch-size=4 batch-timeout=10000 scheduling-policy={policy}");
        let cameras = rigs(4, &infer("counts-batches", &properties));
        for nth in 0..50 {
            for camera in &cameras {
                camera.frame(nth, [0; 3]).unwrap();
            }
            for camera in &cameras {
                camera.wait_for(nth as usize + 1);
            }
        }
        for camera in &cameras {
            assert_eq!(runs(camera), [4; 50]);
        }
        let counted = ["engine-runs", "engine-images", "engine-padding"];
        let counted = counted.map(|field| cameras[0].counted(field));
        assert_eq!(counted, [50, 200, 0]);
    }
}

#[test]
fn a_run_that_is_not_full_leaves_when_its_time_is_up() {
    let alone = Rig::new(&infer("counts-batches", "batch-size=4 batch-timeout=50"));
    for nth in 0..5 {
        alone.frame(nth, [0; 3]).unwrap();
        alone.wait_for(nth as usize + 1);
    }
    assert_eq!(runs(&alone), [1; 5]);
    let two = rigs(
        2,
        &infer("counts-batches", "batch-size=4 batch-timeout=1000"),
    );
    for camera in &two {
        camera.frame(0, [0; 3]).unwrap();
    }
    for camera in &two {
        camera.wait_for(1);
        assert_eq!(runs(camera), [2], "one run of both");
    }
}

#[test]
fn a_model_of_one_image_a_run_is_run_at_the_same_time_and_says_so() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&said);
    lynx_tests::run::init();
    gst::log::set_threshold_for_name("lynxinfer", gst::DebugLevel::Info);
    gst::log::add_log_function(move |category, _, _, _, _, object, message| {
        if let (Some(line), Some(object)) = (message.get(), object)
            && category.name() == "lynxinfer"
            && object.to_string().contains("only-one")
        {
            lines.lock().unwrap().push(line.to_string());
        }
    });
    let model = tiny("yolov8-fixed");
    let rig = Rig::new(&format!(
        "lynxinfer name=only-one model={model} batch-size=4 nireq=3 intra-op-threads=1"
    ));
    for nth in 0..20 {
        rig.frame(nth, [0; 3]).unwrap();
    }
    rig.end();
    let frames = rig.frames();
    assert!(frames.iter().all(|f| f.inference == Some(Inference::Ran)));
    let counted = ["batch-size", "nireq", "engine-runs"].map(|field| rig.counted(field));
    assert_eq!(counted, [1, 3, 20]);
    let said = said.lock().unwrap();
    let once = said.iter().filter(|line| line.contains("one image a run"));
    assert_eq!(once.count(), 1, "{said:#?}");
    let (width, _) = SIZE;
    assert!(frames[0].at.unwrap().0 < width as f32);
}
