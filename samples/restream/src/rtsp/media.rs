// SPDX-License-Identifier: MIT OR Apache-2.0
//! From an encoded hub to the sessions of all who watch: one media, however many they are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use gst_app::AppSrc;
use gst_rtsp_server::prelude::*;
use gst_rtsp_server::{RTSPMedia, RTSPMediaFactory, RTSPSuspendMode};

use super::login::ROLE;
use super::viewers::KeyFrame;
use crate::hub::{Hub, Subscription};

/// Something to watch.
#[derive(Clone)]
pub struct Offer {
    /// Whole access units with parameter sets.
    pub encoded: Arc<Hub>,
    pub codec: Codec,
    /// Asks for a key frame as soon as possible.
    pub key_frame: KeyFrame,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    H264,
    H265,
}

impl Codec {
    /// The access units bring their parameter sets. A payloader that adds them, too, does so before
    /// each slice, and players take the second slice of a key frame for a frame of its own.
    fn launch(self) -> &'static str {
        match self {
            Self::H264 => {
                "( appsrc name=source ! rtph264pay name=pay0 pt=96 aggregate-mode=zero-latency )"
            }
            Self::H265 => {
                "( appsrc name=source ! rtph265pay name=pay0 pt=96 aggregate-mode=zero-latency )"
            }
        }
    }
}

/// Frames that wait for the network, at most; about a second.
const WAITING: u64 = 30;

pub fn factory(offer: Offer) -> RTSPMediaFactory {
    let factory = RTSPMediaFactory::new();
    factory.set_launch(offer.codec.launch());
    factory.set_shared(true);
    factory.set_suspend_mode(RTSPSuspendMode::None);
    factory.set_latency(0);
    let role = gst::Structure::builder(ROLE)
        .field("media.factory.access", true)
        .field("media.factory.construct", true)
        .build();
    factory.add_role_from_structure(&role);
    factory.connect_media_configure(move |_, media| configure(media, &offer));
    factory
}

/// Subscribes for as long as the media is there.
fn configure(media: &RTSPMedia, offer: &Offer) {
    let bin = media.element().downcast::<gst::Bin>().ok();
    let source = bin.and_then(|bin| bin.by_name("source"));
    let Some(source) = source.and_then(|source| source.downcast::<AppSrc>().ok()) else {
        return;
    };
    source.set_format(gst::Format::Time);
    source.set_is_live(true);
    source.set_max_buffers(WAITING);
    source.set_max_bytes(0);
    source.set_block(false);
    let subscription = offer
        .encoded
        .subscribe(push_into(&source, offer.key_frame.clone()));
    (offer.key_frame)();
    let subscription = Mutex::new(Some(subscription));
    media.connect_unprepared(move |_| {
        let gone: Option<Subscription> = subscription
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(gone);
    });
}

/// Pushes samples from a key frame on. Where the network does not keep up, or while all have paused,
/// frames are dropped up to the next key frame, which is asked for once they can go again: half a
/// group of pictures cannot be decoded.
fn push_into(source: &AppSrc, key_frame: KeyFrame) -> impl Fn(&gst::Sample) + Send + Sync + use<> {
    let source = source.downgrade();
    let (waiting, asked) = (AtomicBool::new(true), AtomicBool::new(false));
    move |sample| {
        let Some(source) = source.upgrade() else {
            return;
        };
        let Some(buffer) = sample.buffer() else {
            return;
        };
        let is_key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
        let playing = source.current_state() == gst::State::Playing;
        let full = source.current_level_buffers() >= WAITING;
        let time = buffer.pts().zip(source.base_time());
        // What was made before the session began has no time in it.
        let time = time.and_then(|(time, base)| time.checked_sub(base));
        let Some(time) = time.filter(|_| playing && !full) else {
            waiting.store(true, Ordering::Relaxed);
            asked.store(false, Ordering::Relaxed);
            return;
        };
        if waiting.load(Ordering::Relaxed) && !is_key {
            if !asked.swap(true, Ordering::Relaxed) {
                key_frame();
            }
            return;
        }
        waiting.store(false, Ordering::Relaxed);
        let mut buffer = buffer.to_owned();
        buffer.make_mut().set_pts(time);
        let timed = gst::Sample::builder().buffer(&buffer);
        let timed = match sample.caps_owned() {
            Some(caps) => timed.caps(&caps).build(),
            None => timed.build(),
        };
        // It fails while the media ends, which the subscription hears of.
        let _ = source.push_sample(&timed);
    }
}
