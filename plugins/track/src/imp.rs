// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::{self, lock};
use lynx_meta::{Forms, FrameClock, Inference, Stage, frame};
use lynx_tracking::Tracker;

use crate::properties::{self, Settings};
use crate::state::{State, Stats};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxtrack",
        gst::DebugColorFlags::empty(),
        Some("Lynx: detections to identities"),
    )
});

/// No two locks are held at once.
#[derive(Default)]
pub struct Track {
    settings: Mutex<Settings>,
    state: Mutex<Option<State>>,
    /// The settings are others than those that run.
    changed: AtomicBool,
}

impl Track {
    fn warn_of_threshold(&self, state: &mut State, threshold: f32) {
        if !state.warned && threshold > state.low_threshold + 1e-6 {
            state.warned = true;
            gst::element_imp_warning!(
                self,
                gst::LibraryError::Settings,
                (
                    "the detector emits no score below {threshold}, so weak detections cannot keep \
                     tracks alive: set lynxinfer threshold={} or raise low-threshold",
                    state.low_threshold
                )
            );
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Track {
    const NAME: &'static str = "GstLynxTrack";
    type Type = super::Track;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Track {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(properties::specs);
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        properties::set(&mut lock(&self.settings), pspec.name(), value);
        self.changed.store(true, Ordering::Release);
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        if pspec.name() != "stats" {
            return properties::get(&lock(&self.settings), pspec.name());
        }
        let stats = lock(&self.state)
            .as_ref()
            .map(|s| s.stats)
            .unwrap_or_default();
        gst::Structure::builder("stats")
            .field("frames", stats.frames)
            .field("predicted", stats.predicted)
            .field("tracks", stats.tracks)
            .field("identities", stats.identities)
            .build()
            .to_value()
    }
}

impl GstObjectImpl for Track {}

impl ElementImpl for Track {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx track",
                "Filter/Analyzer/Video",
                "Gives detected objects identities that last from frame to frame, also through frames without inference",
                "The Lynx authors",
            )
        });
        Some(&*METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> =
            LazyLock::new(|| element::pad_templates(&lynx_meta::video::FORMATS));
        TEMPLATES.as_ref()
    }
}

impl BaseTransformImpl for Track {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        self.changed.store(false, Ordering::Release);
        let settings = lock(&self.settings).clone();
        let low_threshold = settings.tracker.low_threshold;
        let tracker = Tracker::new(settings.tracker)
            .map_err(|error| gst::error_msg!(gst::LibraryError::Settings, ("{error}")))?;
        *lock(&self.state) = Some(State {
            tracker,
            keep_untracked: settings.keep_untracked,
            low_threshold,
            info: None,
            clock: FrameClock::default(),
            names: Vec::new(),
            detections: Vec::new(),
            fates: Vec::new(),
            forms: Forms::new(false),
            warned: false,
            stats: Stats::default(),
        });
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.state) = None;
        Ok(())
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        if let Some(state) = &mut *lock(&self.state) {
            // Boxes of another frame size match nothing.
            let resized = state.info.is_some() && state.size() != (info.width(), info.height());
            if resized {
                state.tracker.reset();
            }
            state.info = Some(info);
        }
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if matches!(event.view(), gst::EventView::FlushStop(_))
            && let Some(state) = &mut *lock(&self.state)
        {
            state.tracker.reset();
        }
        self.parent_sink_event(event)
    }

    fn propose_allocation(
        &self,
        _decide_query: Option<&gst::query::Allocation>,
        query: &mut gst::query::Allocation,
    ) -> Result<(), gst::LoggableError> {
        element::forward_allocation(self.obj().src_pad(), query);
        Ok(())
    }

    fn transform_ip(
        &self,
        buffer: &mut gst::BufferRef,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let started = Instant::now();
        let changed = self.changed.swap(false, Ordering::AcqRel);
        let settings = changed.then(|| lock(&self.settings).clone());
        let mut guard = lock(&self.state);
        let Some(state) = &mut *guard else {
            return Err(gst::FlowError::Flushing); // stopped meanwhile
        };
        let refused = settings.and_then(|settings| state.reconfigure(settings).err());
        let time = state.clock.time(buffer, state.info.as_ref());
        state.stats.frames += 1;
        let info = frame::inference(buffer).map(|i| (i.inference, i.threshold));
        match info {
            // Whoever detects without saying so has run on every frame.
            None => state.update(buffer, time),
            Some((Inference::Ran, threshold)) => {
                self.warn_of_threshold(state, threshold);
                state.update(buffer, time);
            }
            Some(_) => state.predict(buffer, time),
        }
        drop(guard);
        if let Some(error) = refused {
            gst::element_imp_warning!(
                self,
                gst::LibraryError::Settings,
                ("{error}; going on by the values from before")
            );
        }
        frame::set_time(buffer, Stage::Track, started.elapsed());
        Ok(gst::FlowSuccess::Ok)
    }
}
