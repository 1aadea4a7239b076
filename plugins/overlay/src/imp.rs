// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Instant;

use gst::glib;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::{VideoFormat, VideoInfo};
use lynx_meta::element::{self, lock};
use lynx_meta::{Stage, frame};

use crate::beside;
use crate::painter::Painter;
use crate::settings::{self, Settings};
use crate::veil::Counts;

/// The formats that can be drawn on.
const FORMATS: [VideoFormat; 14] = [
    VideoFormat::Nv12,
    VideoFormat::I420,
    VideoFormat::Rgb,
    VideoFormat::Bgr,
    VideoFormat::Rgbx,
    VideoFormat::Bgrx,
    VideoFormat::Rgba,
    VideoFormat::Bgra,
    VideoFormat::Xrgb,
    VideoFormat::Xbgr,
    VideoFormat::Argb,
    VideoFormat::Abgr,
    VideoFormat::Yuy2,
    VideoFormat::Uyvy,
];

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxoverlay",
        gst::DebugColorFlags::empty(),
        Some("Lynx: objects drawn into frames"),
    )
});

/// No two locks are held at once.
#[derive(Default)]
pub struct Overlay {
    settings: Mutex<Arc<Settings>>,
    /// A property whose value was refused, and why: the element does not start with it.
    refused: Mutex<Option<(String, String)>>,
    painter: Mutex<Option<Painter>>,
    frames: AtomicU64,
    objects: AtomicU64,
    hidden: Counts,
}

#[glib::object_subclass]
impl ObjectSubclass for Overlay {
    const NAME: &'static str = "GstLynxOverlay";
    type Type = super::Overlay;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Overlay {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(settings::specs);
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        let refused = settings::set(
            Arc::make_mut(&mut *lock(&self.settings)),
            pspec.name(),
            value,
        );
        let name = pspec.name();
        if name == "privacy-classes" {
            // Frames that nobody can be hidden in are not taken any more.
            self.obj().reconfigure_sink();
        }
        let mut before = lock(&self.refused);
        match refused {
            Ok(()) if before.as_ref().is_some_and(|(of, _)| *of == name) => *before = None,
            Ok(()) => {}
            Err(error) if self.obj().current_state() > gst::State::Ready => {
                drop(before);
                gst::element_imp_warning!(
                    self,
                    gst::LibraryError::Settings,
                    ("{error}; the value from before stays")
                );
            }
            Err(error) => *before = Some((name.into(), error)),
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        if pspec.name() != "stats" {
            return settings::get(&lock(&self.settings), pspec.name());
        }
        let mut stats = gst::Structure::builder("stats")
            .field("frames", self.frames.load(Ordering::Relaxed))
            .field("objects", self.objects.load(Ordering::Relaxed));
        for (name, count) in self.hidden.fields() {
            stats = stats.field(name, count);
        }
        stats.build().to_value()
    }
}

impl GstObjectImpl for Overlay {}

impl ElementImpl for Overlay {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx overlay",
                "Filter/Editor/Video",
                "Draws boxes, labels and identities straight into the frame, without a conversion",
                "The Lynx authors",
            )
        });
        Some(&*METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> =
            LazyLock::new(|| element::pad_templates_with(&FORMATS, &beside::caps()));
        TEMPLATES.as_ref()
    }
}

impl BaseTransformImpl for Overlay {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        self.frames.store(0, Ordering::Relaxed);
        self.objects.store(0, Ordering::Relaxed);
        self.hidden.reset();
        let cannot = |error: String| gst::error_msg!(gst::LibraryError::Settings, ("{error}"));
        if let Some((_, error)) = lock(&self.refused).clone() {
            return Err(cannot(error));
        }
        let settings = lock(&self.settings).clone();
        settings.font().map(drop).map_err(cannot)
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.painter) = None;
        Ok(())
    }

    fn transform_caps(
        &self,
        direction: gst::PadDirection,
        caps: &gst::Caps,
        filter: Option<&gst::Caps>,
    ) -> Option<gst::Caps> {
        let hides = lock(&self.settings).veil.is_on();
        let blends = !hides && beside::is_blended(self.obj().src_pad());
        let others = beside::other_side(direction, caps, blends);
        Some(match filter {
            Some(filter) => filter.intersect_with_mode(&others, gst::CapsIntersectMode::First),
            None => others,
        })
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        let settings = lock(&self.settings).clone();
        let elsewhere = incaps.features(0).is_some_and(beside::is_elsewhere);
        let painter = Painter::new(info, &settings, elsewhere).map_err(|error| {
            gst::element_imp_error!(self, gst::ResourceError::Settings, ("{error}"));
            gst::loggable_error!(CAT, "{error}")
        })?;
        *lock(&self.painter) = Some(painter);
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        use gst::EventView::{FlushStop, Segment, StreamStart};
        if matches!(event.view(), FlushStop(_) | Segment(_) | StreamStart(_))
            && let Some(painter) = &mut *lock(&self.painter)
        {
            painter.forget();
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
        let settings = lock(&self.settings).clone();
        let mut guard = lock(&self.painter);
        let Some(painter) = &mut *guard else {
            drop(guard);
            gst::element_imp_error!(
                self,
                gst::CoreError::Negotiation,
                ("no caps before the first frame")
            );
            return Err(gst::FlowError::NotNegotiated);
        };
        let result = painter.paint(buffer, &settings, &self.hidden);
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.objects
            .fetch_add(painter.objects.len() as u64, Ordering::Relaxed);
        drop(guard);
        if let Err(error) = result {
            if settings.veil.is_on() {
                gst::element_imp_error!(
                    self,
                    gst::StreamError::Failed,
                    ("a frame is not shown because privacy-classes is set and it cannot be \
                         covered: {error}; put videoconvert before lynxoverlay, or what brings the \
                         frames to system memory (gldownload, cudadownload, vapostproc)")
                );
                return Err(gst::FlowError::Error);
            }
            gst::element_imp_error!(
                self,
                gst::StreamError::Failed,
                ("nothing drawn, {error}; upstream sends frames that do not fit their caps")
            );
            return Err(gst::FlowError::Error);
        }
        frame::set_time(buffer, Stage::Overlay, started.elapsed());
        Ok(gst::FlowSuccess::Ok)
    }
}
