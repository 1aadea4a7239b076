// SPDX-License-Identifier: MIT OR Apache-2.0
//! One element between two pads that the test holds: it gives frames, events and queries at one
//! and says at the other what becomes of them. What comes out is kept in its order.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use gst::prelude::*;
use lynx_meta::{Inference, frame, objects};

use crate::run::init;

/// Width and height of frames until caps say otherwise.
pub const SIZE: (u32, u32) = (32, 32);
/// Only what hangs takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Frame(Out),
    /// An event, in words.
    Event(String),
    /// The kind of a query that waits for what is before it.
    Query(gst::QueryType),
}

/// A frame that came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Out {
    /// In ms.
    pub time: u64,
    pub inference: Option<Inference>,
    /// Of its first object in pixels: the centre's x, and the width.
    pub at: Option<(f32, f32)>,
}

type Downstream = dyn Fn(u64) -> Result<gst::FlowSuccess, gst::FlowError> + Send + Sync;

#[derive(Default)]
struct Came {
    items: Mutex<Vec<Item>>,
    more: Condvar,
    downstream: Mutex<Option<Arc<Downstream>>>,
}

/// An element in PLAYING and what it is linked to.
pub struct Rig {
    pub element: gst::Element,
    pub src: gst::Pad,
    pub sink: gst::Pad,
    pub bus: gst::Bus,
    came: Arc<Came>,
}

impl Rig {
    /// `launch` is one element with its properties, or several. Upstream is not live.
    pub fn new(launch: &str) -> Self {
        Self::after(launch, (false, 0, None))
    }

    /// As [`Rig::new`]; upstream answers whether it is live, and its least and most latency in ms.
    pub fn after(launch: &str, upstream: (bool, u64, Option<u64>)) -> Self {
        let rig = Self::stopped(launch, upstream);
        rig.element.set_state(gst::State::Playing).expect("starts");
        rig.begin();
        rig
    }

    /// In NULL, linked, before anything has been given to it.
    pub fn stopped(launch: &str, (live, min, max): (bool, u64, Option<u64>)) -> Self {
        init();
        let element = match launch.contains(" ! ") {
            true => gst::parse::bin_from_description(launch, true).map(gst::Bin::upcast),
            false => gst::parse::launch(launch),
        };
        let element = element.unwrap_or_else(|e| panic!("{launch}: {e}"));
        let bus = gst::Bus::new();
        element.set_bus(Some(&bus));
        let latency = move |query: &mut gst::QueryRef| match query.view_mut() {
            gst::QueryViewMut::Latency(query) => {
                let time = gst::ClockTime::from_mseconds;
                query.set(live, time(min), max.map(time));
                true
            }
            _ => false,
        };
        let src = gst::Pad::builder(gst::PadDirection::Src)
            .query_function(move |_, _, query| latency(query))
            .build();
        let came = Arc::<Came>::default();
        let sink = sink(&came);
        let pad = |name| element.static_pad(name).expect("a filter");
        src.link(&pad("sink")).expect("links");
        pad("src").link(&sink).expect("links");
        for pad in [&sink, &src] {
            pad.set_active(true).expect("activates");
        }
        Self {
            element,
            src,
            sink,
            bus,
            came,
        }
    }

    /// Begins a stream of RGB frames of [`SIZE`].
    pub fn begin(&self) {
        assert!(self.event(gst::event::StreamStart::new("rig")));
        assert!(self.caps(SIZE));
        assert!(self.segment(0));
    }

    pub fn caps(&self, (width, height): (u32, u32)) -> bool {
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::Rgb, width, height)
            .fps(gst::Fraction::new(25, 1));
        let caps = info.build().and_then(|info| info.to_caps());
        self.event(gst::event::Caps::new(&caps.expect("RGB")))
    }

    /// A segment whose start, in ms, tells it from others.
    pub fn segment(&self, start: u64) -> bool {
        let mut segment = gst::FormattedSegment::<gst::ClockTime>::new();
        segment.set_start(gst::ClockTime::from_mseconds(start));
        self.event(gst::event::Segment::new(&segment))
    }

    pub fn event(&self, event: gst::Event) -> bool {
        self.src.push_event(event)
    }

    /// Gives it a frame of [`SIZE`] and one colour, seen at `time` in ms.
    pub fn frame(&self, time: u64, color: [u8; 3]) -> Result<gst::FlowSuccess, gst::FlowError> {
        self.frame_of(SIZE, time, color)
    }

    pub fn frame_of(
        &self,
        (width, height): (u32, u32),
        time: u64,
        color: [u8; 3],
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        // RGB rows are padded to four bytes.
        let stride = (width as usize * 3).next_multiple_of(4);
        let mut pixels = vec![0; stride * height as usize];
        for row in pixels.chunks_mut(stride) {
            let pixels = row.as_chunks_mut::<3>().0;
            pixels.iter_mut().for_each(|pixel| *pixel = color);
        }
        let mut buffer = gst::Buffer::from_mut_slice(pixels);
        let frame = buffer.get_mut().expect("just made");
        frame.set_pts(gst::ClockTime::from_mseconds(time));
        frame.set_duration(gst::ClockTime::from_mseconds(1));
        self.src.push(buffer)
    }

    /// What downstream does with each frame, which gets its time in ms.
    pub fn downstream(
        &self,
        does: impl Fn(u64) -> Result<gst::FlowSuccess, gst::FlowError> + Send + Sync + 'static,
    ) {
        *self.came.downstream.lock().expect("no panic") = Some(Arc::new(does));
    }

    /// All that came out so far.
    pub fn items(&self) -> Vec<Item> {
        self.came.items.lock().expect("no panic").clone()
    }

    /// The frames that came out so far.
    pub fn frames(&self) -> Vec<Out> {
        let items = self.items().into_iter();
        let frames = items.filter_map(|item| match item {
            Item::Frame(out) => Some(out),
            _ => None,
        });
        frames.collect()
    }

    /// Waits until what came out is as it is to be.
    pub fn wait(&self, what: &str, is: impl Fn(&[Item]) -> bool) {
        let items = self.came.items.lock().expect("no panic");
        let waited = self
            .came
            .more
            .wait_timeout_while(items, PATIENCE, |items| !is(items));
        let (items, timeout) = waited.expect("no panic");
        if timeout.timed_out() {
            let last = items[items.len().saturating_sub(10)..].to_vec();
            panic!("{what} did not come; the last that did: {last:?}");
        }
    }

    /// Waits for so many frames in all.
    pub fn wait_for(&self, frames: usize) {
        let is_frame = |item: &&Item| matches!(item, Item::Frame(_));
        self.wait(&format!("{frames} frames"), |items| {
            items.iter().filter(is_frame).count() >= frames
        });
    }

    /// Ends the stream and waits for the end.
    pub fn end(&self) {
        assert!(self.event(gst::event::Eos::new()));
        self.wait("the end", |items| {
            items.last() == Some(&Item::Event("eos".into()))
        });
    }

    /// A number in the element's property `stats`.
    pub fn counted(&self, field: &str) -> u64 {
        let stats = self.element.property::<gst::Structure>("stats");
        stats.get(field).unwrap_or_else(|_| {
            let count = stats.get::<u32>(field);
            count
                .unwrap_or_else(|error| panic!("{field}: {error}"))
                .into()
        })
    }

    /// The messages of a kind so far.
    pub fn messages(&self, kind: gst::MessageType) -> Vec<gst::Message> {
        std::iter::from_fn(|| self.bus.pop_filtered(&[kind])).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.src.set_active(false);
        let _ = self.sink.set_active(false);
        let _ = self.element.set_state(gst::State::Null);
    }
}

fn sink(came: &Arc<Came>) -> gst::Pad {
    let [frames, events, queries] = [(); 3].map(|()| Arc::clone(came));
    let any = gst::Caps::new_any();
    let (direction, always) = (gst::PadDirection::Sink, gst::PadPresence::Always);
    let template = gst::PadTemplate::new("sink", direction, always, &any).expect("a template");
    gst::Pad::builder_from_template(&template)
        .chain_function(move |_, _, buffer| {
            let time = buffer.pts().map_or(0, gst::ClockTime::mseconds);
            frames.add(Item::Frame(look(&buffer)));
            let downstream = frames.downstream.lock().expect("no panic").clone();
            downstream.map_or(Ok(gst::FlowSuccess::Ok), |does| does(time))
        })
        .event_function(move |pad, parent, event| {
            events.add(Item::Event(words(&event)));
            gst::Pad::event_default(pad, parent, event)
        })
        .query_function(move |pad, parent, query| {
            if query.is_serialized() {
                queries.add(Item::Query(query.type_()));
                return true;
            }
            gst::Pad::query_default(pad, parent, query)
        })
        .build()
}

impl Came {
    fn add(&self, item: Item) {
        self.items.lock().expect("no panic").push(item);
        self.more.notify_all();
    }
}

fn look(buffer: &gst::BufferRef) -> Out {
    let object = objects::iter(buffer, SIZE).next();
    Out {
        time: buffer.pts().map_or(u64::MAX, gst::ClockTime::mseconds),
        inference: frame::inference(buffer).map(|i| i.inference),
        at: object.map(|o| (o.rect.x + o.rect.w / 2.0, o.rect.w)),
    }
}

/// An event's kind and what tells it from others of that kind.
pub fn words(event: &gst::EventRef) -> String {
    use gst::EventView as E;
    let kind = event.type_().to_string();
    match event.view() {
        E::Caps(caps) => {
            let caps = caps.caps().structure(0).expect("fixed");
            let side = |name| caps.get::<i32>(name).expect("fixed");
            format!("{kind} {}x{}", side("width"), side("height"))
        }
        E::Segment(segment) => {
            let segment = segment.segment().downcast_ref::<gst::ClockTime>();
            let start = segment.and_then(|s| s.start());
            format!("{kind} {}", start.map_or(0, gst::ClockTime::mseconds))
        }
        E::Gap(gap) => format!("{kind} {}", gap.get().0.mseconds()),
        E::Tag(tag) => {
            let title = tag.tag().get::<gst::tags::Title>();
            let title = title.map(|title| title.get().to_owned());
            format!("{kind} {}", title.unwrap_or_default())
        }
        E::CustomDownstream(_) => {
            let name = event.structure().map_or("", |s| s.name().as_str());
            format!("{kind} {name}")
        }
        _ => kind,
    }
}
