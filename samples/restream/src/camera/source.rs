// SPDX-License-Identifier: MIT OR Apache-2.0
//! The beginning of a camera's pipeline: from an address to pictures, and on the way to the raw
//! stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gst::prelude::*;

use super::raw::Raw;
use crate::config::{Kind, Location, Test};
use crate::error::Error;
use crate::properties::{make, set};

/// Milliseconds of packets that are put in order.
const JITTER: u32 = 100;
/// Seconds without an answer.
const TIMEOUT: u32 = 5;

/// Adds what leads from `kind` to raw video on `tail`, and hands the encoded stream to `raw`.
pub fn add(
    pipeline: &gst::Pipeline,
    kind: &Kind,
    tail: &gst::Pad,
    raw: Option<Raw>,
) -> Result<(), Error> {
    match kind {
        Kind::Test(test) => {
            if let Some(raw) = raw {
                raw.refuse("a test picture is not encoded");
            }
            add_test(pipeline, test, tail)
        }
        Kind::Device(path) => {
            if let Some(raw) = raw {
                raw.refuse("a device's video is not served as it is");
            }
            let source = make("v4l2src")?;
            source.set_property("device", path);
            add_all(pipeline, &[&source])?;
            let decoder = decoder(pipeline, tail)?;
            link(&source, &decoder)
        }
        Kind::File(path) => {
            let source = make("filesrc")?;
            source.set_property("location", path);
            add_encoded(pipeline, &source, tail, raw)
        }
        Kind::Http(location) => {
            let source = make("souphttpsrc")?;
            log_in(&source, location)?;
            set(&source, "timeout", &TIMEOUT.to_string())?;
            set(&source, "retries", "0")?;
            source.set_property("is-live", true);
            source.set_property("do-timestamp", true);
            add_encoded(pipeline, &source, tail, raw)
        }
        Kind::Rtsp(location) => {
            let source = make("rtspsrc")?;
            log_in(&source, location)?;
            source.set_property("latency", JITTER);
            // With UDP allowed it is tried first, and loses packets.
            set(&source, "protocols", "tcp")?;
            set(
                &source,
                "tcp-timeout",
                &(u64::from(TIMEOUT) * 1_000_000).to_string(),
            )?;
            add_encoded(pipeline, &source, tail, raw)
        }
    }
}

fn log_in(source: &gst::Element, location: &Location) -> Result<(), Error> {
    set(source, "location", &location.url)?;
    if let Some((user, password)) = &location.login {
        source.set_property("user-id", user);
        source.set_property("user-pw", password);
    }
    Ok(())
}

fn add_test(pipeline: &gst::Pipeline, test: &Test, tail: &gst::Pad) -> Result<(), Error> {
    let source = make("videotestsrc")?;
    set(&source, "pattern", &test.pattern)?;
    source.set_property("is-live", true);
    let size = make("capsfilter")?;
    let caps = gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", test.width as i32)
        .field("height", test.height as i32)
        .field("framerate", gst::Fraction::new(test.fps as i32, 1))
        .build();
    size.set_property("caps", caps);
    add_all(pipeline, &[&source, &size])?;
    link(&source, &size)?;
    let end = size.static_pad("src");
    let linked = end.and_then(|end| end.link(tail).ok());
    linked.map(|_| ()).ok_or_else(|| cannot("a test picture"))
}

/// source → parser → (raw) → decoder → tail; pads come as they are found.
fn add_encoded(
    pipeline: &gst::Pipeline,
    source: &gst::Element,
    tail: &gst::Pad,
    raw: Option<Raw>,
) -> Result<(), Error> {
    let parser = make("parsebin")?;
    add_all(pipeline, &[source, &parser])?;
    let decoder = decoder(pipeline, tail)?;
    if source.static_pad("src").is_some() {
        link(source, &parser)?;
    } else {
        // RTSP: the first video stream; the others are not played.
        let into = parser.static_pad("sink");
        let found = AtomicBool::new(false);
        source.connect_pad_added(move |_, pad| {
            let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
            let media = caps.structure(0).and_then(|s| s.get::<&str>("media").ok());
            if media == Some("video")
                && let Some(into) = &into
                && !found.swap(true, Ordering::Relaxed)
            {
                let _ = pad.link(into);
            }
        });
        source.connect("select-stream", false, |values| {
            let caps = values.get(2)?.get::<gst::Caps>().ok()?;
            let media = caps.structure(0)?.get::<String>("media").ok()?;
            Some((media == "video").to_value())
        });
    }
    let found = AtomicBool::new(false);
    let (into, raw) = (decoder.static_pad("sink"), raw.map(Arc::new));
    parser.connect_pad_added(move |parser, pad| {
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let name = caps.structure(0).map(|s| s.name().to_string());
        let name = name.unwrap_or_default();
        let is_video = name.starts_with("video/") || name.starts_with("image/");
        if !is_video || found.swap(true, Ordering::Relaxed) {
            return discard(parser, pad);
        }
        let decoded = match &raw {
            Some(raw) => raw.tap(parser, pad, &name),
            None => Some(pad.clone()),
        };
        if let (Some(pad), Some(into)) = (decoded, &into) {
            let _ = pad.link(into);
        }
    });
    Ok(())
}

/// A decoder whose first picture goes to `tail`.
fn decoder(pipeline: &gst::Pipeline, tail: &gst::Pad) -> Result<gst::Element, Error> {
    let decoder = make("decodebin")?;
    add_all(pipeline, &[&decoder])?;
    let tail = tail.downgrade();
    decoder.connect_pad_added(move |decoder, pad| {
        let tail = tail.upgrade().filter(|tail| !tail.is_linked());
        if tail.is_none_or(|tail| pad.link(&tail).is_err()) {
            discard(decoder, pad);
        }
    });
    Ok(decoder)
}

/// What is not wanted must flow all the same, or nothing does.
fn discard(element: &gst::Element, pad: &gst::Pad) {
    let bin = element.parent().and_then(|p| p.downcast::<gst::Bin>().ok());
    let sink = make("fakesink").ok();
    let (Some(bin), Some(sink)) = (bin, sink) else {
        return;
    };
    sink.set_property("sync", false);
    sink.set_property("async", false);
    if bin.add(&sink).is_ok()
        && sink.sync_state_with_parent().is_ok()
        && let Some(into) = sink.static_pad("sink")
    {
        let _ = pad.link(&into);
    }
}

fn add_all(pipeline: &gst::Pipeline, elements: &[&gst::Element]) -> Result<(), Error> {
    let added = pipeline.add_many(elements.iter().copied());
    added.map_err(|_| cannot("the camera's source"))
}

fn link(from: &gst::Element, to: &gst::Element) -> Result<(), Error> {
    from.link(to).map_err(|_| cannot("the camera's source"))
}

fn cannot(what: &str) -> Error {
    Error::Failed(format!("{what} cannot be linked"))
}
