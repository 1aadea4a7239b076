// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::{self, lock};
use lynx_meta::tensor::FrameTensor;
use lynx_meta::{FrameClock, Scheduler, Stage, TensorMaker, frame, query, tensor, video};

use crate::settings::Settings;
use crate::{pool, properties};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxpreprocess",
        gst::DebugColorFlags::empty(),
        Some("Lynx: frame to input tensor"),
    )
});

/// What runs between two caps: tables for one input format and one tensor, and memory for it.
struct State {
    info: VideoInfo,
    /// Whether downstream was asked which tensor it wants.
    asked: bool,
    /// None where it wants none.
    maker: Option<TensorMaker>,
    pool: Option<gst::BufferPool>,
    clock: FrameClock,
    /// Downstream's, where it answers.
    scheduler: Option<Scheduler>,
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            let _ = pool.set_active(false);
        }
    }
}

/// No two locks are held at once, and none during a query or a conversion.
#[derive(Default)]
pub struct Preprocess {
    settings: Mutex<Settings>,
    state: Mutex<Option<State>>,
    /// A property was set, here or downstream, since the converter was made.
    changed: AtomicBool,
    /// Tensors made since start.
    frames: AtomicU64,
    /// Frames without one since start.
    skipped: AtomicU64,
}

impl Preprocess {
    /// Asks downstream which tensor it wants and prepares to make it.
    fn prepare(&self, state: &mut State) -> Result<(), gst::ErrorMessage> {
        state.asked = true;
        let wanted = query::ask(self.obj().src_pad());
        match wanted.as_ref().map(|wanted| wanted.schedule) {
            Some(schedule) => state
                .scheduler
                .get_or_insert_with(Scheduler::default)
                .set(schedule),
            None => state.scheduler = None,
        }
        let tensor = match wanted.map(|wanted| wanted.tensor) {
            Some(None) => {
                gst::info!(
                    CAT,
                    imp = self,
                    "frames pass as they are: downstream looks at parts of them, whose tensors it makes itself"
                );
                state.maker = None;
                return Ok(());
            }
            wanted => wanted.flatten(),
        };
        let settings = lock(&self.settings).clone();
        let spec = settings
            .spec(tensor)
            .map_err(|error| gst::error_msg!(gst::LibraryError::Settings, ("{error}")))?;
        let mut maker = TensorMaker::new(&state.info, &spec)
            .map_err(|error| gst::error_msg!(gst::LibraryError::Settings, ("{error}")))?;
        if let Some(warning) = maker.warning() {
            gst::element_imp_warning!(self, gst::StreamError::Format, ("{warning}"));
        }
        let pool = pool::new(&spec, maker.padding())
            .map_err(|error| gst::error_msg!(gst::ResourceError::NoSpaceLeft, ("{error}")))?;
        gst::info!(CAT, imp = self, "{:?} becomes {spec:?}", state.info);
        state.maker = Some(maker);
        if let Some(old) = state.pool.replace(pool) {
            let _ = old.set_active(false);
        }
        Ok(())
    }

    /// Whether downstream is to run inference on the frame; writes on it what was decided.
    fn decide(state: &mut State, buffer: &mut gst::BufferRef) -> bool {
        let time = state.clock.time(buffer, Some(&state.info));
        let Some(scheduler) = &mut state.scheduler else {
            return !frame::is_still(buffer); // nobody says on which
        };
        let due = frame::decide(buffer, scheduler, time);
        frame::set_due(buffer, due);
        due
    }

    /// Makes the tensor and puts it beside the frame.
    fn process(
        &self,
        state: &mut State,
        buffer: &mut gst::BufferRef,
    ) -> Result<(), gst::ErrorMessage> {
        let started = Instant::now();
        if self.changed.swap(false, Ordering::AcqRel) || !state.asked {
            self.prepare(state)?;
        }
        if !Self::decide(state, buffer) {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let (Some(maker), Some(pool)) = (&mut state.maker, &state.pool) else {
            return Ok(());
        };
        let failed = |what: String| {
            gst::error_msg!(
                gst::StreamError::Failed,
                ("no tensor made, {what}; upstream sends frames that do not fit their caps")
            )
        };
        let mut data = pool
            .acquire_buffer(None)
            .map_err(|error| failed(error.to_string()))?;
        let memory = data
            .get_mut()
            .ok_or_else(|| failed("its buffer is shared".into()))?;
        let transform = {
            let mut map = memory
                .map_writable()
                .map_err(|error| failed(error.to_string()))?;
            maker.picture(buffer, &mut map, true).map_err(failed)?
        };
        let attached = FrameTensor {
            data,
            element: maker.spec().element,
            shape: maker.spec().shape(),
            transform,
            frame_size: (state.info.width(), state.info.height()),
        };
        tensor::attach(buffer, attached).map_err(|error| failed(error.to_string()))?;
        frame::set_time(buffer, Stage::Preprocess, started.elapsed());
        self.frames.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Preprocess {
    const NAME: &'static str = "GstLynxPreprocess";
    type Type = super::Preprocess;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Preprocess {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(properties::specs);
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        let mut settings = lock(&self.settings);
        let result = properties::set(&mut settings, pspec.name(), value);
        drop(settings);
        match result {
            // A new value takes effect from the next frame on.
            Ok(()) => self.changed.store(true, Ordering::Release),
            Err(message) => gst::error!(CAT, imp = self, "{}: {message}", pspec.name()),
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        if pspec.name() != "stats" {
            return properties::get(&lock(&self.settings), pspec.name());
        }
        gst::Structure::builder("stats")
            .field("frames", self.frames.load(Ordering::Relaxed))
            .field("skipped", self.skipped.load(Ordering::Relaxed))
            .build()
            .to_value()
    }
}

impl GstObjectImpl for Preprocess {}

impl ElementImpl for Preprocess {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx preprocess",
                "Filter/Analyzer/Video",
                "Makes a model's input tensor from each frame and sends it along beside the untouched pixels",
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

impl BaseTransformImpl for Preprocess {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        self.frames.store(0, Ordering::Relaxed);
        self.skipped.store(0, Ordering::Relaxed);
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.state) = None;
        Ok(())
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        *lock(&self.state) = Some(State {
            info,
            asked: false,
            maker: None,
            pool: None,
            clock: FrameClock::default(),
            scheduler: None,
        });
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if matches!(event.view(), gst::EventView::FlushStop(_))
            && let Some(state) = &mut *lock(&self.state)
            && let Some(scheduler) = &mut state.scheduler
        {
            scheduler.reset();
        }
        self.parent_sink_event(event)
    }

    fn src_event(&self, event: gst::Event) -> bool {
        if query::is_change(&event) {
            self.changed.store(true, Ordering::Release);
            return true; // nobody else asks
        }
        self.parent_src_event(event)
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
        match result {
            Ok(()) => Ok(gst::FlowSuccess::Ok),
            Err(message) => {
                self.post_error_message(message);
                Err(gst::FlowError::Error)
            }
        }
    }
}
