// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::{self, lock};
use lynx_meta::query::Wanted;
use lynx_meta::{Inference, InferenceInfo, frame, query, video};
use lynx_tensor::TensorSpec;

use crate::model::Model;
use crate::outputs::Outputs;
use crate::properties;
use crate::settings::Settings;
use crate::state::{Looked, State};

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxinfer",
        gst::DebugColorFlags::empty(),
        Some("Lynx: input tensor to detections"),
    )
});

/// What others may ask while a frame is under way.
#[derive(Default, Clone)]
struct Published {
    /// The tensor that `lynxpreprocess` is to make: none of a model that looks at parts of the
    /// frame. `None` before the model is loaded.
    wanted: Option<Option<TensorSpec>>,
    outputs: Option<Arc<Outputs>>,
    provider: &'static str,
    model_info: String,
    stats: Stats,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stats {
    frames: u64,
    inferred: u64,
    regions: u64,
    runs: u64,
    still: u64,
    objects: u64,
    inference_time: Duration,
}

impl Stats {
    fn looked(&mut self, looked: Looked) {
        self.frames += 1;
        self.inferred += 1;
        self.regions += looked.regions as u64;
        self.runs += looked.runs as u64;
        self.objects += looked.objects as u64;
        self.inference_time += looked.inference;
    }

    fn passed_over(&mut self, still: bool) {
        self.frames += 1;
        self.still += u64::from(still);
    }
}

/// No two locks are held at once, and none during inference: the streaming thread takes the
/// state out, works, and puts it back.
#[derive(Default)]
pub struct Infer {
    settings: Mutex<Arc<Settings>>,
    state: Mutex<Option<State>>,
    published: Mutex<Published>,
}

fn forward_log(level: lynx_runtime::LogLevel, line: &str) {
    match level {
        lynx_runtime::LogLevel::Error => gst::error!(CAT, "ONNX Runtime: {line}"),
        lynx_runtime::LogLevel::Warning => gst::warning!(CAT, "ONNX Runtime: {line}"),
        lynx_runtime::LogLevel::Info => gst::info!(CAT, "ONNX Runtime: {line}"),
        lynx_runtime::LogLevel::Debug => gst::trace!(CAT, "ONNX Runtime: {line}"),
    }
}

impl Infer {
    /// Looks at one frame or passes over it, and writes on it which.
    fn process(
        &self,
        state: &mut State,
        settings: &Settings,
        buffer: &mut gst::BufferRef,
    ) -> Result<(), String> {
        let due = state.decide(buffer, settings);
        state.model.set_decode(settings.decode)?;
        let inference = if due {
            let looked = state.look(buffer, settings)?;
            lock(&self.published).stats.looked(looked);
            Inference::Ran
        } else {
            state.skip(buffer);
            let still = frame::is_still(buffer);
            lock(&self.published).stats.passed_over(still);
            Inference::Skipped
        };
        // What the frame says of detecting is the detector's, not that of a model after it.
        if state.is_second() {
            return Ok(());
        }
        let description = state.model.description();
        let info = InferenceInfo {
            inference,
            stream: &settings.stream,
            model: &description.name,
            version: description.version.as_deref(),
            provider: state.model.session().provider().name(),
            // Who attaches none leaves detecting to others.
            threshold: match settings.decode.max_detections {
                0 => 0.0,
                _ => settings.decode.threshold,
            },
        };
        frame::set_inference(buffer, &info);
        Ok(())
    }

    /// Decoders of others know nothing of how the frame lies in the tensor.
    fn warn_of_size(&self, model: &Model, info: &VideoInfo) {
        let (width, height) = (model.spec().width, model.spec().height);
        if model.outputs().is_some() && (info.width(), info.height()) != (width, height) {
            gst::element_imp_warning!(
                self,
                gst::StreamError::Format,
                (
                    "the output tensors are in pixels of the model's {width}x{height} input, which tensor \
                     decoders take for pixels of the {}x{} frame; put videoconvertscale add-borders=true ! \
                     video/x-raw,width={width},height={height} before lynxinfer",
                    info.width(),
                    info.height()
                )
            );
        }
    }

    /// Tells the log, and the properties, what was loaded.
    fn publish(&self, state: &State) {
        let model = &state.model;
        let provider = model.session().provider();
        for refusal in model.session().refusals() {
            gst::element_imp_warning!(
                self,
                gst::ResourceError::NotFound,
                (
                    "execution provider {} refused the model, {provider} takes its place: {}",
                    refusal.provider,
                    refusal.reason
                )
            );
        }
        if let Some(reason) = model.session().partial() {
            gst::element_imp_warning!(
                self,
                gst::ResourceError::Settings,
                ("{provider} does not take the whole model, the rest runs on cpu: {reason}")
            );
        }
        let description = model.description();
        let mut model_info = format!("model {}", description.name);
        for reason in &description.reasons {
            model_info.push('\n');
            model_info.push_str(reason);
        }
        gst::info!(CAT, imp = self, "on {provider}: {model_info}");
        if !state.takes_tensor() && model.batch_limit(2) == 1 {
            gst::info!(
                CAT,
                imp = self,
                "the model takes one image a run, so that each region is a run of its own; export it with a dynamic batch to have them in one"
            );
        }
        *lock(&self.published) = Published {
            wanted: Some(state.takes_tensor().then(|| model.spec().clone())),
            outputs: model.outputs().cloned(),
            provider: provider.name(),
            model_info,
            stats: Stats::default(),
        };
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Infer {
    const NAME: &'static str = "GstLynxInfer";
    type Type = super::Infer;
    type ParentType = gst_base::BaseTransform;
}

impl ObjectImpl for Infer {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(properties::specs);
        PROPERTIES.as_ref()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        properties::set(
            Arc::make_mut(&mut lock(&self.settings)),
            pspec.name(),
            value,
        );
        if properties::is_of_schedule(pspec.name()) {
            query::announce_change(self.obj().sink_pad());
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        let published = lock(&self.published).clone();
        match pspec.name() {
            "active-execution-provider" => published.provider.to_value(),
            "model-info" => published.model_info.to_value(),
            "stats" => {
                let stats = published.stats;
                gst::Structure::builder("stats")
                    .field("frames", stats.frames)
                    .field("inferred", stats.inferred)
                    .field("skipped", stats.frames - stats.inferred)
                    .field("still", stats.still)
                    .field("regions", stats.regions)
                    .field("runs", stats.runs)
                    .field("objects", stats.objects)
                    .field("inference-time", stats.inference_time.as_nanos() as u64)
                    .build()
                    .to_value()
            }
            name => properties::get(&lock(&self.settings), name),
        }
    }
}

impl GstObjectImpl for Infer {}

impl ElementImpl for Infer {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Lynx infer",
                "Filter/Analyzer/Video",
                "Detects and classifies objects with an ONNX model on ONNX Runtime and adds them to the frame",
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

impl BaseTransformImpl for Infer {
    const MODE: gst_base::subclass::BaseTransformMode =
        gst_base::subclass::BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        lynx_runtime::set_log_handler(forward_log);
        let settings = Arc::clone(&lock(&self.settings));
        let state = Model::load(&settings)
            .and_then(|model| State::new(model, &settings))
            .map_err(|error| gst::error_msg!(gst::ResourceError::Settings, ("{error}")))?;
        self.publish(&state);
        *lock(&self.state) = Some(state);
        Ok(())
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.state) = None;
        *lock(&self.published) = Published::default();
        Ok(())
    }

    fn transform_caps(
        &self,
        direction: gst::PadDirection,
        caps: &gst::Caps,
        filter: Option<&gst::Caps>,
    ) -> Option<gst::Caps> {
        let outputs = lock(&self.published).outputs.clone();
        let mut caps = caps.clone();
        if let Some(outputs) = outputs {
            match direction {
                gst::PadDirection::Sink => outputs.announce(&mut caps),
                _ => lynx_meta::output::withdraw(&mut caps),
            }
        }
        Some(match filter {
            Some(filter) => filter.intersect_with_mode(&caps, gst::CapsIntersectMode::First),
            None => caps,
        })
    }

    fn set_caps(&self, incaps: &gst::Caps, _out: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(incaps)
            .map_err(|_| gst::loggable_error!(CAT, "caps {incaps} are not raw video"))?;
        if let Some(state) = &mut *lock(&self.state) {
            self.warn_of_size(&state.model, &info);
            state.set_info(info);
        }
        Ok(())
    }

    fn query(&self, direction: gst::PadDirection, query: &mut gst::QueryRef) -> bool {
        if direction == gst::PadDirection::Sink && query::is_tensor_query(query) {
            let wanted = lock(&self.published).wanted.clone();
            if let Some(tensor) = wanted {
                let schedule = lock(&self.settings).schedule;
                query::answer(query, &Wanted { tensor, schedule });
                return true;
            }
        }
        BaseTransformImplExt::parent_query(self, direction, query)
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        if matches!(event.view(), gst::EventView::FlushStop(_))
            && let Some(state) = &mut *lock(&self.state)
        {
            state.flush();
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
        let settings = Arc::clone(&lock(&self.settings));
        let Some(mut state) = lock(&self.state).take() else {
            return Err(gst::FlowError::Flushing);
        };
        let result = self.process(&mut state, &settings, buffer);
        for warning in state.warnings.drain(..) {
            gst::element_imp_warning!(self, gst::StreamError::Failed, ("{warning}"));
        }
        lock(&self.state).get_or_insert(state);
        result.map(|()| gst::FlowSuccess::Ok).map_err(|error| {
            gst::element_imp_error!(self, gst::StreamError::Failed, ("{error}"));
            gst::FlowError::Error
        })
    }
}
