// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties that say how the model is run: on what, how many images at a time, and what happens
//! to frames that cannot be kept up with.

use gst::glib;
use gst::prelude::*;

use crate::settings::Settings;

pub(super) fn specs() -> Vec<glib::ParamSpec> {
    let mut specs = runtime_specs();
    specs.extend(batch_specs());
    specs.extend(policy_specs());
    specs
}

fn runtime_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecString::builder("execution-provider")
            .nick("Execution provider")
            .blurb("Where the model runs: an ordered list of cpu, openvino, cuda, tensorrt, as in openvino,cpu. The first that takes the model is used, with a warning for each that refuses. One that is not listed never takes a model over; what the one in use cannot run of it runs on cpu, with a warning")
            .default_value(Some(default.execution_provider.as_str()))
            .mutable_ready()
            .build(),
        glib::ParamSpecUInt::builder("intra-op-threads")
            .nick("Threads")
            .blurb("Threads that one run of the model uses (0 = one a physical core)")
            .maximum(1024)
            .default_value(default.intra_op_threads)
            .mutable_ready()
            .build(),
    ]
}

fn batch_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecUInt::builder("batch-size")
            .nick("Batch size")
            .blurb("Most images (frames of all elements that share the model, or regions of them) that one run of the model takes, of a model whose file leaves the batch open; others run on one at a time (0 = 1 for whole frames, 16 for regions). Higher is faster on a GPU, little on a CPU, and takes more memory")
            .maximum(64)
            .default_value(default.batch_size)
            .mutable_ready()
            .build(),
        glib::ParamSpecUInt::builder("batch-timeout")
            .nick("Batch timeout")
            .blurb("How long an image waits for others to fill its run, in ms (0 = it leaves with those that wait as soon as a request is free). Longer makes larger batches, and adds to the latency")
            .maximum(10_000)
            .default_value(default.batch_timeout)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("nireq")
            .nick("Inference requests")
            .blurb("Runs of the model that go on at the same time, each with memory of its own (0 = chosen). More keep a device busy; on a CPU they share its cores")
            .maximum(64)
            .default_value(default.nireq)
            .mutable_ready()
            .build(),
    ]
}

fn policy_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecEnum::builder_with_default("scheduling-policy", default.scheduling_policy)
            .nick("Scheduling policy")
            .blurb("Which of the images that wait for the model run first, of all elements that share it; no stream is starved")
            .mutable_ready()
            .build(),
        glib::ParamSpecEnum::builder_with_default("overload-policy", default.overload_policy)
            .nick("Overload policy")
            .blurb("What happens to frames when they come faster than the model runs. With skip and drop the newest are looked at, and each frame that is passed over is counted in stats and reported as QoS")
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("inference-timeout")
            .nick("Inference timeout")
            .blurb("How long a run of the model may take, in ms, before its frame goes on without inference, marked as failed, and the run is ended (0 = for ever)")
            .default_value(default.inference_timeout)
            .mutable_playing()
            .build(),
    ]
}

/// Takes a property's value; `false` for one of another file.
pub(super) fn set(settings: &mut Settings, name: &str, value: &glib::Value) -> bool {
    let uint = || value.get::<u32>().unwrap_or_default();
    match name {
        "execution-provider" => {
            let text = value.get::<Option<String>>().ok().flatten();
            settings.execution_provider = text.unwrap_or_default();
        }
        "intra-op-threads" => settings.intra_op_threads = uint(),
        "batch-size" => settings.batch_size = uint(),
        "batch-timeout" => settings.batch_timeout = uint(),
        "nireq" => settings.nireq = uint(),
        "scheduling-policy" => settings.scheduling_policy = value.get().unwrap_or_default(),
        "overload-policy" => settings.overload_policy = value.get().unwrap_or_default(),
        "inference-timeout" => settings.inference_timeout = uint(),
        _ => return false,
    }
    true
}

/// Gives a property's value; `None` for one of another file.
pub(super) fn get(settings: &Settings, name: &str) -> Option<glib::Value> {
    Some(match name {
        "execution-provider" => settings.execution_provider.to_value(),
        "intra-op-threads" => settings.intra_op_threads.to_value(),
        "batch-size" => settings.batch_size.to_value(),
        "batch-timeout" => settings.batch_timeout.to_value(),
        "nireq" => settings.nireq.to_value(),
        "scheduling-policy" => settings.scheduling_policy.to_value(),
        "overload-policy" => settings.overload_policy.to_value(),
        "inference-timeout" => settings.inference_timeout.to_value(),
        _ => return None,
    })
}
