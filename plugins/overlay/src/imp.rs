// SPDX-License-Identifier: MIT OR Apache-2.0

use std::fmt::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use gst::glib;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::{VideoFormat, VideoInfo};
use lynx_geometry::Rect;
use lynx_meta::element::{self, lock};
use lynx_meta::{Object, Stage, classes, frame, mapped, masks, objects, video};

use crate::draw::{Canvas, Color, Format, Mask, PlaneMut, TextSize, color_for, thickness_for};
use crate::properties::{self, Settings};
use crate::veil::{Counts, Veil, Verdict};

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

/// What runs between two caps. Scratch is kept from frame to frame.
struct State {
    info: VideoInfo,
    objects: Vec<Object>,
    masks: Vec<masks::Mask>,
    /// What second models say: which object, and where in `words`.
    said: Vec<(usize, Range<usize>)>,
    words: String,
    text: String,
    veil: Veil,
}

/// How strongly a mask tints what it covers, of 255.
const MASK_ALPHA: u8 = 110;

/// No two locks are held at once.
#[derive(Default)]
pub struct Overlay {
    settings: Mutex<Settings>,
    state: Mutex<Option<State>>,
    frames: AtomicU64,
    objects: AtomicU64,
    hidden: Counts,
}

impl State {
    /// Hides who is not to be seen, and draws the objects. A frame without any is not even mapped.
    fn draw(
        &mut self,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
        hidden: &Counts,
    ) -> Result<(), String> {
        let verdict = self
            .veil
            .judge(buffer, &self.info, &settings.veil, hidden)?;
        let size = (self.info.width(), self.info.height());
        self.objects.clear();
        self.masks.clear();
        self.objects.extend(objects::iter(buffer, size));
        if self.objects.is_empty() && verdict == Verdict::Nothing {
            return Ok(());
        }
        if settings.draw_masks {
            self.masks.extend(masks::iter(buffer));
        }
        self.said.clear();
        self.words.clear();
        if settings.draw_labels {
            classes::each(buffer, |index, said| {
                let start = self.words.len();
                self.words.push_str(said.label);
                self.said.push((index, start..self.words.len()));
            });
        }
        let format = video::pixel_format(self.info.format()).and_then(Format::of);
        let format = format.ok_or("unsupported video format")?;
        // The picture may be a part of its memory.
        let (memory, crop) = video::crop(buffer, &self.info);
        let (left, top) = crop.map_or((0.0, 0.0), |crop| (crop.x, crop.y));
        let info = self.info.clone();
        let drawn = mapped::with_frame_mut(buffer, &info, |planes| {
            self.draw_on(planes, format, memory, (left, top), verdict, settings)
        });
        drawn.map_err(|error| error.to_string())?
    }

    /// Draws what was read into planes of a picture of `size` whose corner is at `origin`.
    fn draw_on(
        &mut self,
        planes: &mut [PlaneMut<'_>],
        format: Format,
        size: (u32, u32),
        (left, top): (f32, f32),
        verdict: Verdict,
        settings: &Settings,
    ) -> Result<(), String> {
        let colorimetry = video::colorimetry(&self.info);
        let mut canvas = Canvas::new(format, size.0, size.1, colorimetry, planes)
            .map_err(|error| error.to_string())?;
        self.veil
            .hide(&mut canvas, verdict, (left, top), &settings.veil);
        let shifted = |r: &Rect| Rect::new(r.x + left, r.y + top, r.w, r.h);
        for object in &mut self.objects {
            object.rect = shifted(&object.rect);
        }
        for mask in self.masks.drain(..) {
            let object = self.objects.iter().find(|o| o.id == mask.object);
            if let (Some(object), Ok(data)) = (object, mask.data.map_readable()) {
                let pixels = Mask {
                    data: &data,
                    width: mask.width as usize,
                    height: mask.height as usize,
                };
                canvas.mask(&shifted(&mask.rect), &pixels, color_of(object), MASK_ALPHA);
            }
        }
        for (index, object) in self.objects.iter().enumerate() {
            let said = self.said.iter().filter(|(of, _)| *of == index);
            let said = said.map(|(_, place)| &self.words[place.clone()]);
            draw(&mut canvas, object, said, size.1, settings, &mut self.text);
        }
        Ok(())
    }
}

/// A colour an identity; objects without one share their class's, told by its name where the
/// writer gave no number.
fn color_of(object: &Object) -> Color {
    let by_name = || object.label.bytes().map(u64::from).sum();
    let class = || object.class.map_or_else(by_name, u64::from);
    color_for(object.identity.map_or_else(class, |i| i.id))
}

/// Draws one object, with what second models `said` of it, into a frame `height` pixels high.
fn draw<'a>(
    canvas: &mut Canvas<'_>,
    object: &Object,
    said: impl Iterator<Item = &'a str>,
    height: u32,
    settings: &Settings,
    text: &mut String,
) {
    let color = color_of(object);
    let thickness = match settings.thickness {
        0 => thickness_for(height),
        thickness => thickness,
    };
    let coasted = object.identity.is_some_and(|i| i.coasted);
    if object.rotation != 0.0 {
        canvas.turned_rectangle(&object.rect, object.rotation, thickness, color);
    } else if coasted {
        canvas.dashed_rectangle(&object.rect, thickness, color);
    } else {
        canvas.rectangle(&object.rect, thickness, color);
    }
    text.clear();
    if settings.draw_labels {
        let _ = write!(text, "{} {:.2}", object.label, object.score);
        for class in said {
            let _ = write!(text, " {class}");
        }
    }
    if let (true, Some(identity)) = (settings.draw_tracking_labels, object.identity) {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}#{}", identity.id);
    }
    let place = match object.rotation {
        0.0 => object.rect,
        rotation => object.rect.turned_bounds(rotation),
    };
    canvas.label(&place, text, TextSize::for_height(height), color);
}

#[glib::object_subclass]
impl ObjectSubclass for Overlay {
    const NAME: &'static str = "GstLynxOverlay";
    type Type = super::Overlay;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Overlay {
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
            LazyLock::new(|| element::pad_templates(&FORMATS));
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
            objects: Vec::new(),
            masks: Vec::new(),
            said: Vec::new(),
            words: String::new(),
            text: String::new(),
            veil: Veil::default(),
        });
        Ok(())
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        use gst::EventView::{FlushStop, Segment, StreamStart};
        if matches!(event.view(), FlushStop(_) | Segment(_) | StreamStart(_))
            && let Some(state) = &mut *lock(&self.state)
        {
            state.veil.forget();
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
        let mut guard = lock(&self.state);
        let Some(state) = &mut *guard else {
            gst::element_imp_error!(
                self,
                gst::CoreError::Negotiation,
                ("no caps before the first frame")
            );
            return Err(gst::FlowError::NotNegotiated);
        };
        let result = state.draw(buffer, &settings, &self.hidden);
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.objects
            .fetch_add(state.objects.len() as u64, Ordering::Relaxed);
        drop(guard);
        if let Err(error) = result {
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
