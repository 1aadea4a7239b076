// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::{Arc, LazyLock, Mutex};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use lynx_meta::element::{self, lock};
use lynx_meta::{query, video};

use crate::properties;
use crate::running::Running;
use crate::settings::Settings;
use crate::stats::Stats;

pub(crate) static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "lynxinfer",
        gst::DebugColorFlags::empty(),
        Some("Lynx: input tensor to detections"),
    )
});

/// No lock is held while a model is loaded or run, or while something is pushed.
pub struct Infer {
    pub(crate) sinkpad: gst::Pad,
    pub(crate) srcpad: gst::Pad,
    settings: Mutex<Arc<Settings>>,
    running: Mutex<Option<Arc<Running>>>,
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
    pub(crate) fn running(&self) -> Option<Arc<Running>> {
        lock(&self.running).clone()
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.settings))
    }

    /// Loads the model.
    fn start(&self) -> Result<(), String> {
        lynx_runtime::set_log_handler(forward_log);
        let settings = self.settings();
        let running = Running::new(&settings)?;
        self.say_what_was_loaded(&running)?;
        running.keep(self.follow(running.model()));
        *lock(&self.running) = Some(Arc::new(running));
        Ok(())
    }

    /// Lets the model go; what is still under way keeps it until then.
    fn stop(&self) {
        let running = lock(&self.running).take();
        drop(running);
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Infer {
    const NAME: &'static str = "GstLynxInfer";
    type Type = super::Infer;
    type ParentType = gst::Element;

    fn with_class(class: &Self::Class) -> Self {
        let pad = |name, direction| match class.pad_template(name) {
            Some(template) => gst::Pad::builder_from_template(&template),
            None => gst::Pad::builder(direction),
        };
        let sinkpad = pad("sink", gst::PadDirection::Sink)
            .chain_function(|_, parent, buffer| {
                Self::catch_panic_pad_function(
                    parent,
                    || Err(gst::FlowError::Error),
                    |imp| imp.chain(buffer),
                )
            })
            .event_function(|_, parent, event| {
                Self::catch_panic_pad_function(parent, || false, |imp| imp.sink_event(event))
            })
            .query_function(|_, parent, query| {
                Self::catch_panic_pad_function(parent, || false, |imp| imp.sink_query(query))
            })
            .activatemode_function(|_, parent, _, active| {
                Self::catch_panic_pad_function(
                    parent,
                    || Err(gst::loggable_error!(CAT, "a panic")),
                    |imp| {
                        imp.activate_sink(active);
                        Ok(())
                    },
                )
            })
            .build();
        let srcpad = pad("src", gst::PadDirection::Src)
            .event_function(|_, parent, event| {
                Self::catch_panic_pad_function(parent, || false, |imp| imp.src_event(event))
            })
            .query_function(|_, parent, query| {
                Self::catch_panic_pad_function(parent, || false, |imp| imp.src_query(query))
            })
            .activatemode_function(|_, parent, _, active| {
                Self::catch_panic_pad_function(
                    parent,
                    || Err(gst::loggable_error!(CAT, "a panic")),
                    |imp| imp.activate_src(active),
                )
            })
            .build();
        Self {
            sinkpad,
            srcpad,
            settings: Mutex::default(),
            running: Mutex::default(),
        }
    }
}

impl ObjectImpl for Infer {
    fn constructed(&self) {
        self.parent_constructed();
        for pad in [&self.sinkpad, &self.srcpad] {
            // Of a new element, and under a name of its own: it takes them.
            let _ = self.obj().add_pad(pad);
        }
    }

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
            query::announce_change(&self.sinkpad);
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        let running = self.running();
        let model = running.as_ref().map(|running| running.model());
        match pspec.name() {
            "active-execution-provider" => {
                let provider = model.map(|model| model.session().provider().name());
                provider.unwrap_or_default().to_value()
            }
            "model-info" => model
                .map(|model| model.reader().info())
                .unwrap_or_default()
                .to_value(),
            "placement" => {
                let placement = model.map(|model| model.placement());
                placement
                    .unwrap_or_else(|| gst::Structure::new_empty("placement"))
                    .to_value()
            }
            "stats" => match &running {
                Some(running) => running.stats().to_value(),
                None => Stats::default().structure().to_value(),
            },
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

    fn change_state(
        &self,
        transition: gst::StateChange,
    ) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
        if transition == gst::StateChange::ReadyToPaused {
            self.start().map_err(|error| {
                gst::element_imp_error!(self, gst::ResourceError::Settings, ("{error}"));
                gst::StateChangeError
            })?;
        }
        let changed = self.parent_change_state(transition);
        if transition == gst::StateChange::PausedToReady || changed.is_err() {
            self.stop();
        }
        changed
    }
}
