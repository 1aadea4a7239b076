// SPDX-License-Identifier: MIT OR Apache-2.0
//! On what the model runs, as `lynxinfer` is told to and says.

use gst::prelude::*;
use lynx_meta::Inference;
use lynx_tests::places::{model, tiny};
use lynx_tests::run::{build, play_to_end, run};

use crate::placement::is_with_openvino;

const SOURCE: &str = "videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=32,height=32";

fn line(properties: &str) -> String {
    format!(
        "{SOURCE} ! lynxinfer name=infer model={} {properties} ! fakesink name=out",
        tiny("yolov8-bright")
    )
}

/// The first error or, if there is none, what was warned of.
fn said(properties: &str) -> (bool, String) {
    let outcome = run(&line(properties));
    match outcome.errors.first() {
        Some(error) => (true, error.clone()),
        None => {
            assert_eq!(outcome.frames.len(), 3, "{properties}");
            (false, outcome.warnings.join("\n"))
        }
    }
}

#[test]
fn placement_is_a_property_a_message_and_in_stats() {
    let (pipeline, _) = build(&format!(
        "videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=320,height=320 \
         ! lynxinfer name=infer model={} reshape-width=320 reshape-height=320 ! fakesink name=out",
        model("yolo11n")
    ));
    let infer = pipeline.by_name("infer").unwrap();
    let placement = || infer.property::<gst::Structure>("placement");
    assert_eq!(placement().n_fields(), 0, "before it has started");
    let bus = pipeline.bus().unwrap();
    let (sender, posted) = std::sync::mpsc::channel();
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Element(element) = message.view() {
            let _ = sender.send(element.structure().unwrap().to_owned());
        }
        gst::BusSyncReply::Pass
    });
    play_to_end(&pipeline);
    let cpu = placement().get::<gst::Structure>("cpu").unwrap();
    let heavy = cpu.get::<u32>("heavy").unwrap();
    assert!(heavy > 50 && cpu.get::<u32>("nodes").unwrap() > heavy);
    assert_eq!(cpu.get::<f64>("share"), Ok(1.0));
    assert_eq!(posted.try_recv().unwrap(), placement());
    let stats = infer.property::<gst::Structure>("stats");
    assert_eq!(stats.get::<f64>("provider-share"), Ok(1.0));
    pipeline.set_state(gst::State::Null).unwrap();
}

#[test]
fn a_provider_that_is_not_there_is_an_error_a_warning_or_nothing() {
    let list = "execution-provider=cuda,cpu";
    let (ended, error) = said(&format!("{list} provider-policy=strict"));
    assert!(ended && error.contains("provider-policy=strict"), "{error}");
    for (properties, named) in [
        (list, "cuda"),
        ("execution-provider=tensorrt,cpu", "tensorrt"),
    ] {
        let (ended, warning) = said(properties);
        assert!(!ended, "{warning}");
        for words in [named, "built without it", "the model runs on: cpu"] {
            assert!(warning.contains(words), "{words}: {warning}");
        }
    }
    assert_eq!(
        said(&format!("{list} provider-policy=fallback")),
        (false, String::new())
    );
    let (ended, error) = said("execution-provider=cuda");
    assert!(ended && error.contains("onnxruntime-gpu"), "{error}");
}

#[test]
fn what_a_provider_does_not_take_is_refused_with_the_remedy() {
    for (properties, words) in [
        ("precision=int8", "int8 for tensorrt"),
        ("device=3", "cuda and tensorrt take a number"),
        (
            "cpu-affinity=0-1000",
            "is not one that this process may use",
        ),
        ("cpu-affinity=first", "cpu-affinity=first"),
        (
            "provider-options=openvino,num_streams=2",
            "add it to the execution providers",
        ),
        ("provider-options=vulkan,a=b", "vulkan"),
        (
            "provider-options=providers,cpu=2",
            "providers,cpu=(structure)",
        ),
    ] {
        let (ended, error) = said(properties);
        assert!(ended && error.contains(words), "{properties}: {error}");
    }
}

#[test]
fn a_model_runs_on_the_cpus_that_it_is_given() {
    assert_eq!(said("cpu-affinity=0"), (false, String::new()));
}

/// What the element posts by the names of `engine-build` states, its warnings and errors, and the
/// provider at the end, where the first of the list is on a GPU that is not there.
fn on_no_gpu(policy: &str) -> (Vec<String>, Vec<String>, Vec<String>, String) {
    let (pipeline, seen) = build(&format!(
        "videotestsrc is-live=true ! video/x-raw,format=RGB,width=32,height=32,framerate=50/1 \
         ! lynxinfer name=infer model={} execution-provider=openvino,cpu device=GPU \
         provider-policy={policy} ! fakesink name=out",
        tiny("yolov8-bright")
    ));
    let (mut states, mut warnings, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    pipeline.set_state(gst::State::Playing).unwrap();
    let (bus, started) = (pipeline.bus().unwrap(), std::time::Instant::now());
    let ended = |states: &[String], errors: &[String]| {
        states.last().is_some_and(|state| state == "failed")
            && (policy != "strict" || !errors.is_empty())
    };
    while !ended(&states, &errors) || seen.lock().unwrap().len() < 20 {
        assert!(started.elapsed().as_secs() < 60, "{states:?} {errors:?}");
        let Some(message) = bus.timed_pop(gst::ClockTime::from_mseconds(50)) else {
            continue;
        };
        match message.view() {
            gst::MessageView::Element(element) => {
                let structure = element.structure().unwrap();
                if structure.name() == "engine-build" {
                    states.push(structure.get("state").unwrap());
                }
            }
            gst::MessageView::Warning(warning) => warnings.push(warning.error().to_string()),
            gst::MessageView::Error(error) => errors.push(error.error().to_string()),
            _ => {}
        }
        if !errors.is_empty() {
            break;
        }
    }
    let infer = pipeline.by_name("infer").unwrap();
    let provider = infer.property("active-execution-provider");
    pipeline.set_state(gst::State::Null).unwrap();
    let seen = seen.lock().unwrap();
    assert!(
        seen.iter()
            .all(|frame| frame.inference != Some(Inference::Failed))
    );
    (states, warnings, errors, provider)
}

#[test]
fn while_a_provider_compiles_the_next_one_serves_and_goes_on_where_it_fails() {
    let test = "on_what::while_a_provider_compiles_the_next_one_serves_and_goes_on_where_it_fails";
    if !is_with_openvino(test) {
        return;
    }
    let (states, warnings, errors, provider) = on_no_gpu("warn");
    assert_eq!(states.first().map(String::as_str), Some("building"));
    assert_eq!(provider, "cpu");
    assert!(
        errors.is_empty() && warnings.len() == 1,
        "{warnings:?} {errors:?}"
    );
    assert!(warnings[0].contains("execution provider openvino refused the model"));
    let (_, warnings, errors, _) = on_no_gpu("fallback");
    assert!(
        warnings.is_empty() && errors.is_empty(),
        "{warnings:?} {errors:?}"
    );
    let (_, _, errors, _) = on_no_gpu("strict");
    assert!(
        errors[0].contains("openvino refused the model"),
        "{errors:?}"
    );
}
