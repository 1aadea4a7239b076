// SPDX-License-Identifier: MIT OR Apache-2.0
//! The smallest program that embeds the elements: prints what a model sees in a video.
//!
//!     cargo run --release -p detections -- street.mp4 model.onnx

use gst::prelude::*;
use lynx_meta::objects;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [video, model] = arguments.as_slice() else {
        return Err("usage: detections VIDEO MODEL.onnx".into());
    };
    gst::init()?;
    gstlynx::plugin_register_static()?;

    // Properties are set as values: file names need no quoting then.
    let line = "filesrc name=video ! decodebin ! videoconvert ! lynxpreprocess ! queue \
                ! lynxinfer name=infer threshold=0.1 ! lynxtrack ! fakesink name=end";
    let pipeline = gst::parse::launch(line)?
        .downcast::<gst::Pipeline>()
        .map_err(|_| "a launch line of several elements is a pipeline")?;
    let element = |name| pipeline.by_name(name).ok_or("the launch line names it");
    element("video")?.set_property("location", video);
    element("infer")?.set_property("model", model);
    let pad = element("end")?
        .static_pad("sink")
        .ok_or("a sink has a sink pad")?;
    pad.add_probe(gst::PadProbeType::BUFFER, print);

    pipeline.set_state(gst::State::Playing)?;
    let bus = pipeline.bus().ok_or("a pipeline has a bus")?;
    let ends = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = bus.timed_pop_filtered(gst::ClockTime::NONE, &ends);
    pipeline.set_state(gst::State::Null)?;
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Error(error)) => Err(error.error().into()),
        _ => Ok(()),
    }
}

/// Prints a line an object, on the streaming thread.
fn print(pad: &gst::Pad, info: &mut gst::PadProbeInfo<'_>) -> gst::PadProbeReturn {
    let video = pad
        .current_caps()
        .and_then(|caps| gst_video::VideoInfo::from_caps(&caps).ok());
    if let (Some(buffer), Some(video)) = (info.buffer(), video) {
        let time = buffer.pts().unwrap_or_default();
        for object in objects::iter(buffer, (video.width(), video.height())) {
            let id = object.identity.map_or(0, |identity| identity.id);
            let r = object.rect;
            println!(
                "{time} {} #{id} {:.2} at {:.0},{:.0} {:.0}x{:.0}",
                object.label, object.score, r.x, r.y, r.w, r.h
            );
        }
    }
    gst::PadProbeReturn::Ok
}
