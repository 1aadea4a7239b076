// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which H.264 encoder works here, and how it is set for low delay.

use gst::prelude::*;

use crate::config;
use crate::error::Error;
use crate::properties;

/// Those that are tried, the one that costs the processor least first.
const CANDIDATES: [&str; 8] = [
    "vah264enc",
    "vah264lpenc",
    "nvh264enc",
    "qsvh264enc",
    "vaapih264enc",
    "v4l2h264enc",
    "x264enc",
    "openh264enc",
];

/// How long an encoder may take for its first frames before it counts as broken.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(5);

/// Frames between key frames where nobody asks for one; the application asks by time.
const KEY_FRAMES: u32 = 600;

/// Finds the encoder: the one that is asked for, or the first that really encodes.
///
/// # Errors
///
/// The one that is asked for does not work, or none does; the message says why.
pub fn choose(settings: &config::Encoder) -> Result<String, Error> {
    if let Some(wanted) = &settings.element {
        return probe(wanted, settings).map(|()| wanted.clone());
    }
    let mut tried = Vec::new();
    for name in CANDIDATES {
        match probe(name, settings) {
            Ok(()) => return Ok(name.into()),
            Err(error) => tried.push(format!("{name}: {error}")),
        }
    }
    Err(Error::Failed(format!(
        "no H.264 encoder works here; Debian's gstreamer1.0-plugins-ugly has x264enc. Tried: {}",
        tried.join("; ")
    )))
}

/// Encodes a few frames.
fn probe(name: &str, settings: &config::Encoder) -> Result<(), Error> {
    let pipeline = gst::Pipeline::new();
    let source = gst::ElementFactory::make("videotestsrc")
        .property("num-buffers", 5)
        .build();
    let source = source.map_err(|_| Error::Failed("there is no videotestsrc".into()))?;
    let convert = properties::make("videoconvert")?;
    let encoder = make(name, settings)?;
    let sink = properties::make("fakesink")?;
    let chain = [&source, &convert, &encoder, &sink];
    let linked = pipeline
        .add_many(chain)
        .and_then(|()| gst::Element::link_many(chain));
    linked.map_err(|_| Error::Failed(format!("{name} takes no raw video")))?;
    let end = pipeline.bus().and_then(|bus| {
        pipeline.set_state(gst::State::Playing).ok()?;
        bus.timed_pop_filtered(PATIENCE, &[gst::MessageType::Eos, gst::MessageType::Error])
    });
    let _ = pipeline.set_state(gst::State::Null);
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Eos(_)) => Ok(()),
        Some(gst::MessageView::Error(error)) => Err(Error::Failed(format!(
            "{name} does not work: {}",
            error.error()
        ))),
        _ => Err(Error::Failed(format!("{name} does not encode"))),
    }
}

/// Makes the encoder, set for low delay, without B-frames.
pub fn make(name: &str, settings: &config::Encoder) -> Result<gst::Element, Error> {
    let encoder = properties::make(name)?;
    let kilobits = settings.bitrate;
    let set = |name: &str, value: String| {
        if encoder.has_property(name) {
            // A value that this version does not know is left as it is by default.
            let _ = properties::set(&encoder, name, &value);
        }
    };
    match name {
        "x264enc" => {
            set("tune", "zerolatency".into());
            set("speed-preset", "veryfast".into());
            set("bitrate", kilobits.to_string());
            set("key-int-max", KEY_FRAMES.to_string());
        }
        "openh264enc" => {
            set("usage-type", "camera".into());
            set("rate-control", "bitrate".into());
            set("complexity", "low".into());
            set("bitrate", (kilobits * 1000).to_string());
            set("gop-size", KEY_FRAMES.to_string());
        }
        "v4l2h264enc" => set(
            "extra-controls",
            format!(
                "controls,video_bitrate={},video_gop_size={KEY_FRAMES},repeat_sequence_header=1",
                kilobits * 1000
            ),
        ),
        _ => {
            set("bitrate", kilobits.to_string());
            set("rate-control", "cbr".into());
            set("rc-mode", "cbr".into());
            set("key-int-max", KEY_FRAMES.to_string());
            set("keyframe-period", KEY_FRAMES.to_string());
            set("gop-size", KEY_FRAMES.to_string());
            set("b-frames", "0".into());
            set("bframes", "0".into());
            set("max-bframes", "0".into());
            set("target-usage", "6".into());
            set("zerolatency", "true".into());
            set("low-latency", "true".into());
        }
    }
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(element: Option<&str>) -> Result<String, Error> {
        gst::init().unwrap();
        super::choose(&config::Encoder {
            element: element.map(String::from),
            ..Default::default()
        })
    }

    #[test]
    fn an_encoder_that_works_is_found() {
        let found = choose(None).unwrap();
        assert!(CANDIDATES.contains(&found.as_str()), "{found}");
        assert_eq!(choose(Some("x264enc")).unwrap(), "x264enc");
    }

    #[test]
    fn one_that_does_not_work_is_refused_with_the_reason() {
        let error = choose(Some("nosuchenc")).unwrap_err().to_string();
        assert!(error.contains("nosuchenc"), "{error}");
        let error = choose(Some("filesink")).unwrap_err().to_string();
        assert!(error.contains("filesink"), "{error}");
    }
}
