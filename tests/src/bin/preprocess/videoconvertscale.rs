// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gst::prelude::*;
use lynx_bench::{Case, Picture, Variant};
use lynx_tensor::{ColorFormat, ResizeMode};

use crate::Failure;

/// GStreamer's own element between two pads, on the thread that pushes: a letterboxed RGB image
/// of 8 bits. It makes no tensor of it, so what is measured is only a part of the work.
pub struct VideoConvertScale {
    element: gst::Element,
    source: gst::Pad,
    /// Linked as long as it is here.
    _sink: gst::Pad,
    /// Bytes of the image that came out last.
    arrived: Arc<AtomicUsize>,
    expected: usize,
    frame: gst::Buffer,
}

impl VideoConvertScale {
    /// Nothing for a case whose image the element cannot make: regions, and other letterboxes
    /// than centred ones.
    pub fn new(case: &Case, picture: &Picture) -> Result<Option<Self>, Failure> {
        let spec = &case.spec;
        let can = case.regions.is_empty()
            && spec.resize == ResizeMode::Letterbox
            && spec.color == ColorFormat::Rgb;
        if !can {
            return Ok(None);
        }
        let element = gst::ElementFactory::make("videoconvertscale")
            .property("n-threads", 1_u32)
            .property("add-borders", true)
            .build()?;
        let arrived = Arc::new(AtomicUsize::new(0));
        let (source, sink) = pads(case, Arc::clone(&arrived))?;
        source.link(&element.static_pad("sink").ok_or("a sink pad")?)?;
        (element.static_pad("src").ok_or("a source pad")?).link(&sink)?;
        sink.set_active(true)?;
        element.set_state(gst::State::Playing)?;
        source.set_active(true)?;
        let caps = caps(&format_name(case), case.width, case.height);
        let segment = gst::FormattedSegment::<gst::ClockTime>::new();
        let begun = source.push_event(gst::event::StreamStart::new("bench"))
            && source.push_event(gst::event::Caps::new(&caps))
            && source.push_event(gst::event::Segment::new(&segment));
        if !begun {
            return Err(format!("videoconvertscale does not take {caps}").into());
        }
        let bytes: Vec<u8> = (picture.planes().iter())
            .flat_map(|(data, _)| data.iter().copied())
            .collect();
        Ok(Some(Self {
            element,
            source,
            _sink: sink,
            arrived,
            expected: 3 * spec.width as usize * spec.height as usize,
            frame: gst::Buffer::from_slice(bytes),
        }))
    }
}

/// What frames are pushed from, and where images arrive.
fn pads(case: &Case, arrived: Arc<AtomicUsize>) -> Result<(gst::Pad, gst::Pad), Failure> {
    let image = caps("RGB", case.spec.width, case.spec.height);
    let (direction, presence) = (gst::PadDirection::Sink, gst::PadPresence::Always);
    let template = gst::PadTemplate::new("sink", direction, presence, &image)?;
    let sink = gst::Pad::builder_from_template(&template)
        .chain_function(move |_, _, buffer| {
            arrived.store(buffer.size(), Ordering::Relaxed);
            Ok(gst::FlowSuccess::Ok)
        })
        .build();
    Ok((gst::Pad::new(gst::PadDirection::Src), sink))
}

/// GStreamer's name of the format.
fn format_name(case: &Case) -> String {
    match case.format_name().as_str() {
        "rgbx" => "RGBx".into(),
        name => name.to_uppercase(),
    }
}

fn caps(format: &str, width: u32, height: u32) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", format)
        .field("width", width as i32)
        .field("height", height as i32)
        .field("framerate", gst::Fraction::new(30, 1))
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build()
}

impl Variant for VideoConvertScale {
    fn run(&mut self) {
        let pushed = self.source.push(self.frame.clone());
        pushed.expect("videoconvertscale takes the frame");
        let arrived = self.arrived.swap(0, Ordering::Relaxed);
        assert_eq!(arrived, self.expected, "no RGB image of the tensor's size");
    }
}

impl Drop for VideoConvertScale {
    fn drop(&mut self) {
        let _ = self.element.set_state(gst::State::Null);
    }
}
