// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::{LazyLock, Mutex};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::{self, lock};
use lynx_meta::{FrameClock, Motion, frame, video};
use lynx_motion::{Gate, Look};

use crate::luma::Place;
use crate::properties;
use crate::settings::Settings;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxmotiongate",
        gst::DebugColorFlags::empty(),
        Some("Lynx: whether something moves"),
    )
});

/// What runs between two caps.
struct State {
    info: VideoInfo,
    place: Place,
    clock: FrameClock,
    gate: Gate,
    /// The newest frame counted as moving.
    open: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stats {
    frames: u64,
    moving: u64,
    refreshed: u64,
}

/// No two locks are held at once.
#[derive(Default)]
pub struct MotionGate {
    settings: Mutex<Settings>,
    state: Mutex<Option<State>>,
    stats: Mutex<Stats>,
}

impl MotionGate {
    /// Looks at one frame and writes on it what moves.
    fn process(&self, state: &mut State, buffer: &mut gst::BufferRef) -> Result<(), String> {
        state.gate.set_config(lock(&self.settings).config());
        let time = state.clock.time(buffer, Some(&state.info));
        let gate = &mut state.gate;
        let look = state
            .place
            .with(buffer, &state.info, |luma| gate.look(luma, time))?;
        let motion = Motion {
            moving: look.open,
            region: look.region,
        };
        frame::set_motion(buffer, (state.info.width(), state.info.height()), &motion);
        self.note(state, &look);
        Ok(())
    }

    fn note(&self, state: &mut State, look: &Look) {
        if look.open != state.open {
            state.open = look.open;
            gst::debug!(
                CAT,
                imp = self,
                "{}, {:.2} % of the picture moves{}",
                if look.open { "moving" } else { "still" },
                look.motion.share * 100.0,
                if look.refresh { ", a refresh" } else { "" }
            );
        }
        let mut stats = lock(&self.stats);
        stats.frames += 1;
        stats.moving += u64::from(look.open);
        stats.refreshed += u64::from(look.refresh);
    }
}

#[glib::object_subclass]
impl ObjectSubclass for MotionGate {
    const NAME: &'static str = "GstLynxMotionGate";
    type Type = super::MotionGate;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for MotionGate {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(properties::specs);
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        properties::set(&mut lock(&self.settings), pspec.name(), value);
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        if pspec.name() != "stats" {
            return properties::get(&lock(&self.settings), pspec.name());
        }
        let stats = *lock(&self.stats);
        gst::Structure::builder("stats")
            .field("frames", stats.frames)
            .field("still", stats.frames - stats.moving)
            .field("moving", stats.moving)
            .field("refreshed", stats.refreshed)
            .build()
            .to_value()
    }
}

impl GstObjectImpl for MotionGate {}

impl ElementImpl for MotionGate {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx motion gate",
                "Filter/Analyzer/Video",
                "Says of each frame whether something moves, and where, so that inference runs only then",
                "The Lynx authors",
            )
        });
        Some(&*METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> =
            LazyLock::new(|| element::pad_templates(&video::FORMATS));
        TEMPLATES.as_ref()
    }
}

impl BaseTransformImpl for MotionGate {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.stats) = Stats::default();
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.state) = None;
        Ok(())
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        let place = Place::of(&info.format_info()).ok_or_else(|| {
            gst::loggable_error!(CAT, "video format {} is not supported", info.format())
        })?;
        *lock(&self.state) = Some(State {
            gate: Gate::new(lock(&self.settings).config()),
            info,
            place,
            clock: FrameClock::default(),
            open: false,
        });
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if matches!(event.view(), gst::EventView::FlushStop(_))
            && let Some(state) = &mut *lock(&self.state)
        {
            state.gate.reset();
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
        let Some(mut state) = lock(&self.state).take() else {
            gst::element_imp_error!(
                self,
                gst::CoreError::Negotiation,
                ("no caps before the first frame")
            );
            return Err(gst::FlowError::NotNegotiated);
        };
        let result = self.process(&mut state, buffer);
        // Caps cannot have changed meanwhile: they arrive on this thread.
        lock(&self.state).get_or_insert(state);
        result.map(|()| gst::FlowSuccess::Ok).map_err(|error| {
            gst::element_imp_error!(
                self,
                gst::StreamError::Failed,
                ("{error}; upstream sends frames that do not fit their caps")
            );
            gst::FlowError::Error
        })
    }
}
