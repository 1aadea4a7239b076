// SPDX-License-Identifier: MIT OR Apache-2.0
//! A loaded model: what runs it, and what reads its outputs.

use std::path::Path;
use std::sync::Arc;

use lynx_model::describe::{Description, Overrides, describe};
use lynx_runtime::engine::{Engine, Padding, Runner};
use lynx_runtime::shared::{self, Choice, Plan, Progress, Shared, Subscription};
use lynx_runtime::{Binding, Provider, Session, Shape};

use crate::files::{labels, sidecar};
use crate::outputs::Outputs;
use crate::reader::Reader;
use crate::settings::{Images, Settings};

/// A model in its engine, and what reads its outputs.
pub(crate) struct Model {
    shared: Arc<Shared>,
    reader: Arc<Reader>,
}

impl Model {
    /// Loads the model that the settings name for such images. The error says what to do.
    pub fn load(settings: &Settings, images: Images) -> Result<Self, String> {
        let path = settings.model.as_deref().map(Path::new);
        let path = path.ok_or("no model: set the property model to the path of an ONNX file")?;
        let options = settings.session_options()?;
        let instance = settings.model_instance_id.as_deref();
        let overrides = Overrides {
            labels: settings.labels_file.as_deref().map(labels).transpose()?,
            width: Some(settings.reshape_width).filter(|&w| w > 0),
            height: Some(settings.reshape_height).filter(|&h| h > 0),
        };
        let sidecar = sidecar(path)?;
        // Who compiles a model for long is not waited for to know what it wants to see.
        let session = match options.compiles_first() {
            true => None,
            false => Some(shared::session(path, &options, instance).map_err(display)?),
        };
        let io = match &session {
            Some(session) => session.io().clone(),
            None => shared::io(path).map_err(display)?,
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let description = describe(&name, &io, sidecar.as_ref(), &overrides)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        // What can be refused is refused before the model runs for the first time.
        let reader = Reader::new(description, settings.decode)?;
        let description = reader.description();
        let inputs = description.input_shapes().into_iter();
        let inputs: Vec<_> = inputs
            .map(|(element, dims)| Shape { element, dims })
            .collect();
        let provider = session.as_ref().map(|session| session.provider());
        let on_cpu = matches!(provider, Some(Provider::Cpu | Provider::OpenVino));
        let batch = match description.dynamic_batch {
            true => settings.batch_limit(images, on_cpu),
            false => 1,
        };
        let plan = Plan {
            model: path,
            options: &options,
            instance,
            inputs: inputs.clone(),
            batch,
            padding: match on_cpu {
                true => Padding::Dear,
                false => Padding::Cheap,
            },
            requests: settings.nireq as usize,
            policy: settings.scheduling_policy.into(),
            cache_dir: settings.engine_cache_dir.as_deref().map(Path::new),
        };
        let shared = shared::engine(&plan).map_err(display)?;
        // The engine may run on another, whose weights are shared with this one.
        drop(session);
        let outputs = match settings.output_tensor_meta {
            true => Some(outputs(&shared.session(), &inputs, description)?),
            false => None,
        };
        let reader = reader.with_outputs(outputs).with_batch(batch);
        Ok(Self {
            shared,
            reader: Arc::new(reader),
        })
    }

    pub fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// The session that runs it now.
    pub fn session(&self) -> Arc<Session> {
        self.shared.session()
    }

    pub fn engine(&self) -> &Arc<Engine> {
        self.shared.engine()
    }

    /// What each provider took of it, as the property `placement` gives it.
    pub fn placement(&self) -> gst::Structure {
        let mut all = gst::Structure::new_empty("placement");
        if let Ok(placement) = self.session().placement() {
            for part in placement.parts() {
                // As `Placement::share`.
                let share = match (placement.heavy(), placement.nodes()) {
                    (0, nodes) => part.nodes as f64 / nodes.max(1) as f64,
                    (heavy, _) => part.heavy as f64 / heavy as f64,
                };
                let part_of = gst::Structure::builder(&*part.provider)
                    .field("nodes", part.nodes as u32)
                    .field("heavy", part.heavy as u32)
                    .field("share", share)
                    .build();
                all.set(&*part.provider, part_of);
            }
        }
        all
    }

    /// How far the first provider is with compiling it, where another serves meanwhile.
    pub fn progress(&self) -> Option<Progress> {
        self.shared.progress()
    }

    pub fn on_progress(&self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Subscription {
        self.shared.on_progress(listener)
    }

    /// Why what was compiled is not kept.
    pub fn cache_problem(&self) -> Option<String> {
        self.session().cache_problem().map(str::to_owned)
    }

    /// What was measured to choose how many requests there are.
    pub fn choice(&self) -> Option<&Choice> {
        self.shared.choice()
    }

    /// The most images of a run.
    pub fn batch_limit(&self) -> usize {
        self.engine().options().ladder.limit()
    }
}

/// What the outputs are called and how large they are, found by a run on nothing.
fn outputs(
    session: &Arc<Session>,
    inputs: &[Shape],
    description: &Description,
) -> Result<Outputs, String> {
    if !lynx_meta::output::AVAILABLE {
        return Err("output-tensor-meta needs a build for GStreamer 1.26 or newer: cargo build --features v1_26".into());
    }
    let ran = Binding::new(session, inputs, &[1]).map_err(display)?;
    let views = ran.views().map_err(display)?;
    let dims: Vec<_> = views.iter().map(|view| view.shape().to_vec()).collect();
    Ok(Outputs::new(description, session.io(), &dims))
}

fn display(error: impl std::fmt::Display) -> String {
    error.to_string()
}
