// SPDX-License-Identifier: MIT OR Apache-2.0
//! Annotated pictures as JPEG, for the page.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gst_app::{AppSink, AppSrc};
use tokio::sync::watch;

use super::{Feed, Stream};
use crate::app::Picture;
use crate::error::Error;
use crate::properties;

/// From one picture to the next.
const INTERVAL: Duration = Duration::from_millis(200);
/// Wider pictures are made smaller.
const SIZE: &str = "video/x-raw, width=(int)[ 1, 640 ], pixel-aspect-ratio=(fraction)1/1";
/// How long a picture may take.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(2);

/// Makes pictures while somebody holds a receiver.
#[derive(Clone, Default)]
pub struct Snapshots(Arc<Mutex<Option<watch::Sender<Picture>>>>);

impl Snapshots {
    /// The newest picture, from now on.
    pub fn watch(&self, stream: &Arc<Stream>) -> Result<watch::Receiver<Picture>, Error> {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*sender {
            return Ok(sender.subscribe());
        }
        let (new, receiver) = watch::channel(Picture::from([]));
        let (mine, stream) = (self.clone(), stream.clone());
        std::thread::Builder::new()
            .name("pictures".into())
            .spawn(move || mine.run(&stream))
            .map_err(|error| Error::Failed(format!("no thread for pictures: {error}")))?;
        *sender = Some(new);
        Ok(receiver)
    }

    /// How many look.
    pub fn count(&self) -> usize {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().map_or(0, watch::Sender::receiver_count)
    }

    /// Everybody's pictures end: their camera goes.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether there is still somebody; forgets the sender where there is not.
    fn is_wanted(&self) -> bool {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = sender.as_ref().is_some_and(|s| s.receiver_count() > 0);
        if !wanted {
            *sender = None;
        }
        wanted
    }

    fn run(&self, stream: &Stream) {
        let mut look = stream.look();
        let mut feed = Feed::new(&stream.pictures, stream.notice.clone());
        let mut press = None;
        while self.is_wanted() {
            let started = Instant::now();
            let now = stream.look();
            if now != look {
                (look, press) = (now, None);
            }
            let Some(sample) = feed.next() else {
                continue;
            };
            if press.is_none() {
                press = Press::start(&look.overlay).ok();
            }
            let picture = press.as_ref().and_then(|press| press.picture(&sample));
            match picture {
                Some(picture) => {
                    let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(sender) = &*sender {
                        sender.send_replace(picture);
                    }
                }
                None => press = None,
            }
            std::thread::sleep(INTERVAL.saturating_sub(started.elapsed()));
        }
    }
}

/// Makes a JPEG of a frame.
struct Press {
    pipeline: gst::Pipeline,
    source: AppSrc,
    sink: AppSink,
}

impl Press {
    fn start(overlay: &crate::config::Properties) -> Result<Self, Error> {
        let source = AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .build();
        let draw = properties::make("lynxoverlay")?;
        properties::set_all(&draw, overlay)?;
        let scale = properties::make("videoscale")?;
        let convert = properties::make("videoconvert")?;
        let size = properties::make("capsfilter")?;
        properties::set(&size, "caps", SIZE)?;
        let encoder = properties::make("jpegenc")?;
        properties::set(&encoder, "quality", "75")?;
        let sink = AppSink::builder().sync(false).build();
        let pipeline = gst::Pipeline::new();
        let chain = [
            source.upcast_ref(),
            &draw,
            &scale,
            &convert,
            &size,
            &encoder,
            sink.upcast_ref(),
        ];
        pipeline
            .add_many(chain)
            .and_then(|()| gst::Element::link_many(chain))
            .map_err(|error| Error::Failed(format!("pictures cannot be linked: {error}")))?;
        // Nobody listens: what is said must not heap up.
        if let Some(bus) = pipeline.bus() {
            bus.set_flushing(true);
        }
        let made = Self {
            pipeline,
            source,
            sink,
        };
        made.pipeline
            .set_state(gst::State::Playing)
            .map_err(|_| Error::Failed("pictures do not start".into()))?;
        Ok(made)
    }

    fn picture(&self, sample: &gst::Sample) -> Option<Picture> {
        self.source.push_sample(sample).ok()?;
        let jpeg = self.sink.try_pull_sample(PATIENCE)?;
        let data = jpeg.buffer()?.map_readable().ok()?;
        Some(Picture::from(data.as_slice()))
    }
}

impl Drop for Press {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
