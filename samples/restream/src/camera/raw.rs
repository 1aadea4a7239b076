// SPDX-License-Identifier: MIT OR Apache-2.0
//! A camera's own stream, tapped before it is decoded.

use std::sync::Arc;

use gst::prelude::*;
use gst_app::AppSink;

use super::clocked::Clocked;
use crate::hub::Hub;
use crate::properties::{make, set};
use crate::rtsp::Codec;

/// Where the encoded stream goes.
pub struct Raw {
    pub hub: Arc<Hub>,
    /// Told what the stream is once that is known, or why there is none.
    pub found: Box<dyn Fn(Result<Codec, String>) + Send + Sync>,
}

impl Raw {
    pub fn refuse(&self, why: &str) {
        (self.found)(Err(why.into()));
    }

    /// Puts a tee behind `pad`; the pad from which the decoder takes the stream.
    pub fn tap(&self, parser: &gst::Element, pad: &gst::Pad, name: &str) -> Option<gst::Pad> {
        let codec = match name {
            "video/x-h264" => Codec::H264,
            "video/x-h265" => Codec::H265,
            other => {
                self.refuse(&format!(
                    "the camera sends {other}, and only video/x-h264 and video/x-h265 are served as they are"
                ));
                return Some(pad.clone());
            }
        };
        let decoded = self.branch(parser, pad, codec, name);
        match &decoded {
            Some(_) => (self.found)(Ok(codec)),
            None => self.refuse("its branch cannot be linked"),
        }
        decoded
    }

    fn branch(
        &self,
        parser: &gst::Element,
        pad: &gst::Pad,
        codec: Codec,
        name: &str,
    ) -> Option<gst::Pad> {
        let bin = parser.parent()?.downcast::<gst::Bin>().ok()?;
        let tee = make("tee").ok()?;
        let decode = make("queue").ok()?;
        let queue = make("queue").ok()?;
        // A second: more waits for nobody.
        set(&queue, "leaky", "downstream").ok()?;
        let parse = make(match codec {
            Codec::H264 => "h264parse",
            Codec::H265 => "h265parse",
        })
        .ok()?;
        parse.set_property("config-interval", -1);
        let whole = make("capsfilter").ok()?;
        let caps = format!("{name}, stream-format=byte-stream, alignment=au");
        set(&whole, "caps", &caps).ok()?;
        let sink = AppSink::builder()
            .sync(false)
            .async_(false)
            .max_buffers(8)
            .drop(true)
            .build();
        let (hub, clocked) = (self.hub.clone(), Clocked::default());
        sink.set_callbacks(
            gst_app::AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    if let Some(sample) = clocked.sample(&sample) {
                        hub.send(&sample);
                    }
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        let raw = [&queue, &parse, &whole, sink.upcast_ref()];
        bin.add_many([&tee, &decode]).ok()?;
        bin.add_many(raw).ok()?;
        gst::Element::link_many(raw).ok()?;
        tee.link(&decode).ok()?;
        tee.link(&queue).ok()?;
        for element in [&tee, &decode].into_iter().chain(raw) {
            element.sync_state_with_parent().ok()?;
        }
        pad.link(&tee.static_pad("sink")?).ok()?;
        decode.static_pad("src")
    }
}
