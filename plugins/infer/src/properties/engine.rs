// SPDX-License-Identifier: MIT OR Apache-2.0
//! The properties that say how the model is run: on what, how many images at a time, and what happens
//! to frames that cannot be kept up with.

use gst::glib;
use gst::prelude::*;

use crate::settings::Settings;

pub(super) fn specs() -> Vec<glib::ParamSpec> {
    let mut specs = runtime_specs();
    specs.extend(device_specs());
    specs.extend(batch_specs());
    specs.extend(policy_specs());
    specs
}

fn runtime_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecString::builder("execution-provider")
            .nick("Execution provider")
            .blurb("Where the model runs: an ordered list of cpu, openvino, cuda, tensorrt, as in openvino,cpu. Each takes of the model what those before it leave, and cpu the rest; see provider-policy and placement")
            .default_value(Some(default.execution_provider.as_str()))
            .mutable_ready()
            .build(),
        glib::ParamSpecUInt::builder("intra-op-threads")
            .nick("Threads")
            .blurb("Threads that one run of the model uses (0 = one a physical core, or with nireq=0 what is fastest)")
            .maximum(1024)
            .default_value(default.intra_op_threads)
            .mutable_ready()
            .build(),
    ]
}

fn device_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecEnum::builder_with_default("provider-policy", default.provider_policy)
            .nick("Provider policy")
            .blurb("What happens when the first execution provider of the list refuses the model, or takes half of its heavy operators (convolutions, matrix products) or less")
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("device")
            .nick("Device")
            .blurb("Device of the execution provider: the number of a GPU for cuda and tensorrt, a device of OpenVINO (CPU, GPU, GPU.1, NPU, AUTO:GPU,CPU) for openvino (empty = GPU 0, and CPU for openvino)")
            .default_value(Some(default.device.as_str()))
            .mutable_ready()
            .build(),
        glib::ParamSpecEnum::builder_with_default("precision", default.precision)
            .nick("Precision")
            .blurb("In what numbers the execution provider computes, where it can: fp16 and int8 are faster on tensorrt and, fp16, on openvino's GPU and NPU, and less exact")
            .mutable_ready()
            .build(),
        glib::ParamSpecBoxed::builder::<gst::Structure>("provider-options")
            .nick("Provider options")
            .blurb("More options of an execution provider, under the names that ONNX Runtime has for them: a structure called after the provider, as openvino,num_streams=2; of several providers, structures in the fields of one called providers")
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("cpu-affinity")
            .nick("CPU affinity")
            .blurb("The CPUs that runs of the model use, as 0-3,6 (empty = all). Leaves the others to decoding and drawing")
            .default_value(Some(default.cpu_affinity.as_str()))
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("engine-cache-dir")
            .nick("Engine cache")
            .blurb("Folder in which tensorrt and openvino keep what they compile, for the next start (none = compile at each). While tensorrt, or openvino on a GPU or NPU, compiles a model, the next provider of the list serves; element messages named engine-build say how far it is")
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("model-instance-id")
            .nick("Model instance")
            .blurb("Elements that give the same name share one engine, and must ask for the same; elements that give none share with all that ask for the same")
            .mutable_ready()
            .build(),
    ]
}

fn batch_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecUInt::builder("batch-size")
            .nick("Batch size")
            .blurb("Most images (frames of all elements that share the model, or regions of them) that one run of the model takes, of a model whose file leaves the batch open; others run on one at a time (0 = 1 for whole frames, on a CPU also for regions and tiles, and 16 for objects and on a GPU). Higher is faster on a GPU, little on a CPU, and takes more memory")
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
            .blurb("Runs of the model that go on at the same time, each with memory of its own (0 = chosen: on a CPU by measuring at start, for about a second, unless intra-op-threads is set; on a GPU 2). More keep a device busy; on a CPU they share its cores")
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
    let text = || value.get::<Option<String>>().ok().flatten();
    match name {
        "execution-provider" => settings.execution_provider = text().unwrap_or_default(),
        "provider-policy" => settings.provider_policy = value.get().unwrap_or_default(),
        "device" => settings.device = text().unwrap_or_default(),
        "precision" => settings.precision = value.get().unwrap_or_default(),
        "provider-options" => settings.provider_options = value.get().unwrap_or_default(),
        "cpu-affinity" => settings.cpu_affinity = text().unwrap_or_default(),
        "engine-cache-dir" => settings.engine_cache_dir = text().filter(|dir| !dir.is_empty()),
        "model-instance-id" => settings.model_instance_id = text().filter(|id| !id.is_empty()),
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
        "provider-policy" => settings.provider_policy.to_value(),
        "device" => settings.device.to_value(),
        "precision" => settings.precision.to_value(),
        "provider-options" => settings.provider_options.to_value(),
        "cpu-affinity" => settings.cpu_affinity.to_value(),
        "engine-cache-dir" => settings.engine_cache_dir.to_value(),
        "model-instance-id" => settings.model_instance_id.to_value(),
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
