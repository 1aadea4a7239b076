// SPDX-License-Identifier: MIT OR Apache-2.0
//! The element's GObject properties over [`Settings`].

mod engine;
mod regions;

use gst::glib;
use gst::prelude::*;

use crate::settings::Settings;

/// Every property with its documentation.
pub(crate) fn specs() -> Vec<glib::ParamSpec> {
    let mut specs = model_specs();
    specs.extend(detection_specs());
    specs.extend(regions::specs());
    specs.extend(engine::specs());
    specs.extend(output_specs());
    specs.extend(read_only_specs());
    specs
}

fn model_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let side = |name: &str, nick: &str, blurb: &str, value: u32| {
        glib::ParamSpecUInt::builder(name)
            .nick(nick)
            .blurb(blurb)
            .maximum(16384)
            .default_value(value)
            .mutable_ready()
            .build()
    };
    vec![
        glib::ParamSpecString::builder("model")
            .nick("Model")
            .blurb("Path of the ONNX file; a sidecar beside it, the same name with .json appended, describes it")
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("labels-file")
            .nick("Labels file")
            .blurb("Path of a text file with a class name a line, in the model's order (none = the names that the sidecar or the model gives)")
            .mutable_ready()
            .build(),
        side(
            "reshape-width",
            "Reshape width",
            "Width of the input tensor of a model that leaves it open, in elements (0 = the model's own); smaller is faster and misses small objects",
            default.reshape_width,
        ),
        side(
            "reshape-height",
            "Reshape height",
            "Height of the input tensor of a model that leaves it open, in elements (0 = the model's own); smaller is faster and misses small objects",
            default.reshape_height,
        ),
    ]
}

fn detection_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    let ratio = |name: &str, nick: &str, blurb: &str, value: f32| {
        glib::ParamSpecFloat::builder(name)
            .nick(nick)
            .blurb(blurb)
            .minimum(0.0)
            .maximum(1.0)
            .default_value(value)
            .mutable_playing()
            .build()
    };
    vec![
        ratio(
            "threshold",
            "Threshold",
            "Lowest score (0 to 1) that is a detection, or a classification; higher misses weak objects, lower finds clutter. Before lynxtrack use its low-threshold, 0.1",
            default.decode.threshold,
        ),
        ratio(
            "iou-threshold",
            "IoU threshold",
            "Overlap (intersection over union, 0 to 1) above which the weaker of two boxes of a class is dropped; higher keeps duplicates, lower loses objects in crowds. Models with NMS inside ignore it",
            default.decode.iou_threshold,
        ),
        glib::ParamSpecUInt::builder("max-detections")
            .nick("Maximum of detections")
            .blurb("Most detections a frame, the best scores first (0 = attach none)")
            .maximum(100_000)
            .default_value(default.decode.max_detections as u32)
            .mutable_playing()
            .build(),
        glib::ParamSpecUInt::builder("inference-interval")
            .nick("Inference interval")
            .blurb("Run the model on every n-th frame (1 = every frame), counted from the last it ran on; the frames between are marked as skipped, and lynxtrack predicts on them")
            .minimum(1)
            .maximum(10_000)
            .default_value(default.schedule.interval)
            .mutable_playing()
            .build(),
        glib::ParamSpecFloat::builder("max-rate")
            .nick("Maximum rate")
            .blurb("Run the model on no more frames a second of this stream than so many, by timestamps (0 = no limit), besides inference-interval: both must allow a frame; the others are marked as skipped")
            .minimum(0.0)
            .maximum(1000.0)
            .default_value(default.schedule.max_rate)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("roi-meta")
            .nick("Region of interest metadata")
            .blurb("Also attach each detection as GstVideoRegionOfInterestMeta in DL Streamer's form, for elements that read that; lynxtrack keeps the two alike. A build without the cargo feature v1_24 attaches it always, and alone")
            .default_value(default.roi_meta)
            .mutable_playing()
            .build(),
        glib::ParamSpecBoolean::builder("output-tensor-meta")
            .nick("Output tensor metadata")
            .blurb("Also attach the model's output tensors as GstTensorMeta, for tensor decoders such as yolov8tensordec; needs a build with the cargo feature v1_26. They are in pixels of the model's input, and decoders take those for pixels of the frame: scale it to that size before. With max-detections=0 the tensors are all that is attached")
            .default_value(default.output_tensor_meta)
            .mutable_ready()
            .build(),
    ]
}

fn output_specs() -> Vec<glib::ParamSpec> {
    let default = Settings::default();
    vec![
        glib::ParamSpecString::builder("dump-tensors")
            .nick("Dump tensors")
            .blurb("Folder to write the first input tensors to, as .npy and as the .png that the model sees, mean and std undone; colours, a crop or a padding that are wrong show at a glance (none = write none)")
            .mutable_ready()
            .build(),
        glib::ParamSpecUInt::builder("dump-count")
            .nick("Dumped tensors")
            .blurb("How many input tensors dump-tensors writes")
            .default_value(default.dump_count)
            .mutable_ready()
            .build(),
        glib::ParamSpecString::builder("stream")
            .nick("Stream")
            .blurb("Name of the camera, written on every frame")
            .default_value(Some(default.stream.as_str()))
            .mutable_playing()
            .build(),
    ]
}

fn read_only_specs() -> Vec<glib::ParamSpec> {
    vec![
        glib::ParamSpecString::builder("active-execution-provider")
            .nick("Active execution provider")
            .blurb("The execution provider that the model was loaded on; empty before the element has started")
            .read_only()
            .build(),
        glib::ParamSpecString::builder("model-info")
            .nick("Model information")
            .blurb("What the model was taken for, one reason a line; empty before the element has started")
            .read_only()
            .build(),
        glib::ParamSpecBoxed::builder::<gst::Structure>("placement")
            .nick("Placement")
            .blurb("Which part of the model each execution provider took: a structure for each with nodes, heavy (operators that take nearly all the time) and share (of the heavy ones, 0 to 1); also posted as an element message of this name. Empty before the element has started")
            .read_only()
            .build(),
        glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
            .nick("Statistics")
            .blurb("frames: frames seen; inferred: frames that were looked at; skipped: those that were not to be; still: those of them in which nothing moves; late, dropped: those that could not be kept up with, and went on or did not; failed: those of which the run failed; regions: parts of frames that the model looked at; runs: runs of the model, of those that other elements took part in the share; copies: tensors that were copied before their run; objects: detections or classifications so far; inference-time: total time of these runs in ns; queue-, preprocess-, run-, post-process- and latency-p50, -p95 and -p99: percentiles of what the stages of about the last thousand frames took, in ns; batch-size, nireq: most images of a run and runs at the same time; workers: those that run the model now; engine-stuck: runs that did not come back; engine-runs, engine-images, engine-padding, engine-copies: runs of all elements that share the model, images in them, images' worth of padding and images that were copied to be tried again; provider-share: share of the heavy operators that active-execution-provider took")
            .read_only()
            .build(),
    ]
}

/// Whether a property says on which frames the model runs, which `lynxpreprocess` asks for.
pub(crate) fn is_of_schedule(name: &str) -> bool {
    ["inference-interval", "max-rate"].contains(&name)
}

/// Takes a property's value; GObject has checked its name, type and range.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &glib::Value) {
    if regions::set(settings, name, value) || engine::set(settings, name, value) {
        return;
    }
    let text = || {
        value
            .get::<Option<String>>()
            .ok()
            .flatten()
            .filter(|t| !t.is_empty())
    };
    let float = || value.get::<f32>().unwrap_or_default();
    let uint = || value.get::<u32>().unwrap_or_default();
    match name {
        "model" => settings.model = text(),
        "labels-file" => settings.labels_file = text(),
        "reshape-width" => settings.reshape_width = uint(),
        "reshape-height" => settings.reshape_height = uint(),
        "threshold" => settings.decode.threshold = float(),
        "iou-threshold" => settings.decode.iou_threshold = float(),
        "max-detections" => settings.decode.max_detections = uint() as usize,
        "inference-interval" => settings.schedule.interval = uint(),
        "max-rate" => settings.schedule.max_rate = float(),
        "output-tensor-meta" => settings.output_tensor_meta = value.get().unwrap_or_default(),
        "roi-meta" => settings.roi_meta = value.get().unwrap_or_default(),
        "dump-tensors" => settings.dump_tensors = text(),
        "dump-count" => settings.dump_count = uint(),
        "stream" => settings.stream = text().unwrap_or_default(),
        _ => unreachable!("GObject checks names"),
    }
}

/// Gives a property's value.
pub(crate) fn get(settings: &Settings, name: &str) -> glib::Value {
    let value = regions::get(settings, name).or_else(|| engine::get(settings, name));
    if let Some(value) = value {
        return value;
    }
    match name {
        "model" => settings.model.to_value(),
        "labels-file" => settings.labels_file.to_value(),
        "reshape-width" => settings.reshape_width.to_value(),
        "reshape-height" => settings.reshape_height.to_value(),
        "threshold" => settings.decode.threshold.to_value(),
        "iou-threshold" => settings.decode.iou_threshold.to_value(),
        "max-detections" => (settings.decode.max_detections as u32).to_value(),
        "inference-interval" => settings.schedule.interval.to_value(),
        "max-rate" => settings.schedule.max_rate.to_value(),
        "output-tensor-meta" => settings.output_tensor_meta.to_value(),
        "roi-meta" => settings.roi_meta.to_value(),
        "dump-tensors" => settings.dump_tensors.to_value(),
        "dump-count" => settings.dump_count.to_value(),
        "stream" => settings.stream.to_value(),
        _ => unreachable!("GObject checks names"),
    }
}
