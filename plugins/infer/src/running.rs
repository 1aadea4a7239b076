// SPDX-License-Identifier: MIT OR Apache-2.0
//! What there is of an element between READY and PAUSED and back.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lynx_meta::element::lock;
use lynx_runtime::engine::{Stream, Submitted, WhenFull};
use lynx_runtime::shared::{Choice, Subscription};

use crate::back::Back;
use crate::cache::Cache;
use crate::dump::Dump;
use crate::front::Front;
use crate::line::Line;
use crate::model::Model;
use crate::regions::Places;
use crate::settings::{Images, Overload, Settings};
use crate::ticket::{Common, Ticket};

/// Frames that may be in the line besides those that are worked on, where they are passed over when
/// they cannot be kept up with: they wait there for those before them.
const PASSED_OVER: usize = 32;

/// A model at work on a stream.
pub(crate) struct Running {
    pub common: Arc<Common>,
    model: Arc<Model>,
    pub places: Arc<Places>,
    pub front: Mutex<Front>,
    pub back: Mutex<Back>,
    cache: Arc<Mutex<Cache>>,
    stream: Stream,
    /// Frames that make a batch, where it is not shared.
    batch: usize,
    /// Whether upstream is live, once asked.
    pub live: Mutex<Option<bool>>,
    pub segment: Mutex<gst::FormattedSegment<gst::ClockTime>>,
    /// The latency that was answered last.
    pub answered: Mutex<Option<Duration>>,
    /// It was said that the engine is less than was asked for.
    pub said_less: AtomicBool,
    /// Tells how far a provider is that compiles the model.
    following: Mutex<Option<Subscription>>,
}

impl Running {
    /// Loads the model. The error says what to do, or which settings do not go together.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let places = Places::new(settings)?;
        let model = Model::load(settings, places.images())?;
        check(&model, &places)?;
        let dump = Mutex::new(Dump::new(settings, &model.reader().description().name)?);
        let (model, places) = (Arc::new(model), Arc::new(places));
        let cache = Arc::default();
        let engine = model.engine();
        let batch = match places.images() {
            Images::Frames => model.batch_limit(),
            // Each frame is several images.
            Images::Areas | Images::Objects => model.batch_limit().div_ceil(4),
        };
        Ok(Self {
            front: Mutex::new(Front::new(model.reader(), &places, &cache)),
            back: Mutex::new(Back::new(&model, &places, &cache)),
            stream: engine.stream(batch.max(2)),
            batch,
            common: Arc::new(Common {
                reader: Arc::clone(model.reader()),
                line: Line::new(),
                dump,
            }),
            model,
            places,
            cache,
            live: Mutex::default(),
            segment: Mutex::new(gst::FormattedSegment::new()),
            answered: Mutex::default(),
            said_less: AtomicBool::default(),
            following: Mutex::default(),
        })
    }

    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Whether a tensor that was made upstream can be run where it lies.
    pub fn takes_tensor(&self) -> bool {
        self.places.takes_tensor() && self.model.reader().runs_ready()
    }

    /// Keeps what tells how far a provider is for as long as this is there.
    pub fn keep(&self, subscription: Subscription) {
        *lock(&self.following) = Some(subscription);
    }

    pub fn start(&self) {
        // Who was asked about in frames that were let go has no answer to come.
        lock(&self.cache).clear();
        self.stream.set_flushing(false);
        self.common.line.start();
    }

    /// Lets all frames go. Gives the events that were between them.
    pub fn stop(&self, why: gst::FlowError) -> Vec<gst::Event> {
        let events = self.common.line.stop(why);
        self.stream.set_flushing(true);
        events
    }

    /// Notes which time frames are in.
    pub fn note_segment(&self, event: &gst::EventRef) {
        if let gst::EventView::Segment(segment) = event.view()
            && let Ok(segment) = segment.segment().clone().downcast()
        {
            *lock(&self.segment) = segment;
        }
    }

    /// Frames in the line that keep the engine busy: this stream's share of all requests' batches and
    /// of one that waits, and a frame that is pushed on.
    fn depth(&self) -> usize {
        let engine = self.model.engine();
        let requests = engine.options().requests + 1;
        let share = (requests * self.batch).div_ceil(engine.streams().max(1));
        share.max(requests) + 1
    }

    /// Asks pools that have a limit for as many more buffers as are held here.
    pub fn ask_for_buffers(&self, query: &mut gst::query::Allocation<gst::QueryRef>) {
        let held = self.depth() as u32;
        let pools: Vec<_> = query.allocation_pools().collect();
        for (index, (pool, size, min, max)) in pools.into_iter().enumerate() {
            if max > 0 {
                let (min, max) = (min.saturating_add(held), max.saturating_add(held));
                query.set_nth_allocation_pool(index as u32, pool.as_ref(), size, min, max);
            }
        }
    }

    /// Takes no frames before another segment begins.
    pub fn refuse_frames(&self) {
        self.common.line.refuse_frames();
    }

    /// Forgets what was before a flush.
    pub fn forget(&self) {
        lock(&self.front).flush();
        lock(&self.cache).clear();
        *lock(&self.live) = None;
    }

    /// Puts a frame into the line and, unless there is nothing to be done, before the engine.
    pub fn admit(&self, ticket: Ticket, overload: Overload) -> Result<(), gst::FlowError> {
        let ticket = Arc::new(ticket);
        let (full, room) = match overload {
            Overload::Block => (WhenFull::Refuse, self.depth()),
            _ => (WhenFull::Displace, self.depth() + PASSED_OVER),
        };
        self.common.line.push_frame(Arc::clone(&ticket), room)?;
        if ticket.images() == 0 {
            return Ok(());
        }
        let wait = Duration::from_millis(ticket.settings.batch_timeout.into());
        let images = ticket.images();
        match self.stream.submit(ticket, images, wait, full) {
            Submitted::Queued | Submitted::Displaced => Ok(()),
            // The line has stopped before, and says why.
            Submitted::Flushing => {
                let flow = self.common.line.flow();
                flow.and(Err(gst::FlowError::Flushing))
            }
        }
    }

    pub fn stats(&self) -> gst::Structure {
        let mut structure = lock(&self.back).stats().structure();
        let engine = self.model().engine();
        let (options, stats) = (engine.options(), engine.stats());
        structure.set("batch-size", stats.limit as u32);
        structure.set("nireq", options.requests as u32);
        let session = self.model().session();
        if let Ok(placement) = session.placement() {
            structure.set("provider-share", placement.share(session.provider()));
        }
        structure.set("workers", stats.workers as u32);
        structure.set("engine-stuck", stats.stuck);
        structure.set("engine-runs", stats.runs);
        structure.set("engine-images", stats.images);
        structure.set("engine-copies", stats.copies);
        structure.set("engine-padding", stats.padding);
        structure
    }

    /// What a frame is later for having been here.
    pub fn latency(&self, settings: &Settings) -> Duration {
        let usual = lock(&self.back).stats().latency();
        let run = match self.model.engine().stats().run_time {
            Duration::ZERO => self.model.choice().map_or(Duration::ZERO, Choice::run_time),
            run => run,
        };
        let timeout = Duration::from_millis(settings.batch_timeout.into());
        usual.max(timeout + run)
    }
}

fn check(model: &Model, places: &Places) -> Result<(), String> {
    if model.reader().outputs().is_some() && !matches!(places, Places::FullFrame) {
        return Err(
            "output-tensor-meta hands on the output tensors of a whole frame; leave \
             inference-region, regions and tiles at their defaults"
                .into(),
        );
    }
    if model.reader().is_classifier() && !places.are_objects() {
        return Err(format!(
            "model {} is a classifier, which says what an object is and finds none; put it \
             after a detector and set inference-region=roi-list",
            model.reader().description().name
        ));
    }
    Ok(())
}
