// SPDX-License-Identifier: MIT OR Apache-2.0
//! A loaded model: what runs it, and what reads its outputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lynx_geometry::Detection;
use lynx_meta::element::lock;
use lynx_model::OutputView;
use lynx_model::decode::{Class, DecodeConfig, Decoder, Error as DecodeError, classify};
use lynx_model::describe::{Description, Family, Labels, Overrides, Sidecar, describe};
use lynx_runtime::engine::{Answer, Engine, Padding, Runner, Slot};
use lynx_runtime::shared::{self, Choice, Plan, Shared};
use lynx_runtime::{Binding, Provider, Session, Shape};
use lynx_tensor::TensorSpec;

use crate::outputs::Outputs;
use crate::settings::{Images, Settings};

/// A model on its provider, with the decoders of its outputs.
pub(crate) struct Model {
    shared: Arc<Shared>,
    description: Arc<Description>,
    /// One for each thread that reads outputs at the same time.
    heads: Mutex<Vec<Head>>,
    /// What the outputs are called, where others are to decode them.
    outputs: Option<Outputs>,
}

/// What the outputs are read with.
enum Head {
    Detector {
        decoder: Box<Decoder>,
        found: Vec<Detection>,
    },
    Classifier {
        classes: usize,
        threshold: f32,
    },
}

/// What the model says of one image.
pub(crate) enum Said<'a> {
    /// Boxes in elements of the tensor, best score first.
    Objects(&'a [Detection]),
    /// None where it is not sure enough.
    Class(Option<Class>),
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
        let session = shared::session(path, &options, instance).map_err(display)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let description = describe(&name, session.io(), sidecar.as_ref(), &overrides)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        // What can be refused is refused before the model runs for the first time.
        let head = Head::new(&description, settings.decode).map_err(display)?;
        let inputs = description.input_shapes().into_iter();
        let inputs: Vec<_> = inputs
            .map(|(element, dims)| Shape { element, dims })
            .collect();
        let outputs = match settings.output_tensor_meta {
            true => Some(outputs(&session, &inputs, &description)?),
            false => None,
        };
        let on_cpu = matches!(session.provider(), Provider::Cpu | Provider::OpenVino);
        let plan = Plan {
            model: path,
            options: &options,
            instance,
            inputs,
            batch: match description.dynamic_batch {
                true => settings.batch_limit(images, on_cpu),
                false => 1,
            },
            padding: match on_cpu {
                true => Padding::Dear,
                false => Padding::Cheap,
            },
            requests: settings.nireq as usize,
            policy: settings.scheduling_policy.into(),
        };
        // The engine may run on other sessions of it.
        drop(session);
        Ok(Self {
            shared: shared::engine(&plan).map_err(display)?,
            description: Arc::new(description),
            heads: Mutex::new(vec![head]),
            outputs,
        })
    }

    /// The input tensor that the model wants.
    pub fn spec(&self) -> &TensorSpec {
        &self.description.input
    }

    pub fn description(&self) -> &Arc<Description> {
        &self.description
    }

    pub fn outputs(&self) -> Option<&Outputs> {
        self.outputs.as_ref()
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
                let share = part.heavy as f64 / placement.heavy().max(1) as f64;
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

    /// What was measured to choose how many requests there are.
    pub fn choice(&self) -> Option<&Choice> {
        self.shared.choice()
    }

    /// Whether a tensor that is there can be run where it lies.
    pub fn runs_ready(&self) -> bool {
        self.batch_limit() == 1 && self.description.extra_inputs.is_empty()
    }

    /// Writes the inputs of an image besides the picture, and gives the place of that.
    pub fn fill<'a>(&self, slot: &'a mut Slot<'_>) -> Result<(&'a mut [u8], &'a mut u64), String> {
        for extra in &self.description.extra_inputs {
            let tensor = slot.tensors.get_mut(extra.index);
            let tensor = tensor.ok_or_else(|| format!("there is no input {}", extra.name))?;
            extra.write(&self.description.input, tensor);
        }
        let picture = slot.tensors.get_mut(self.description.image_input);
        let picture = picture.ok_or("the model has no input for the picture")?;
        Ok((picture, slot.writer))
    }

    /// What it was taken for, one reason a line.
    pub fn info(&self) -> String {
        let description = &self.description;
        let mut info = format!("model {}", description.name);
        for reason in &description.reasons {
            info.push('\n');
            info.push_str(reason);
        }
        info
    }

    /// The most images of a run.
    pub fn batch_limit(&self) -> usize {
        self.engine().options().ladder.limit()
    }

    /// Whether it says what an image shows, and not where.
    pub fn is_classifier(&self) -> bool {
        self.description.family == Family::Classification
    }

    /// The outputs of one image alone.
    pub fn entry<'a>(&self, answer: &'a Answer<'_>) -> Result<Vec<OutputView<'a>>, String> {
        let outputs = answer.outputs;
        if !self.description.dynamic_batch {
            // All is of the only image, also where the first dimension counts something else.
            return Ok(outputs.iter().map(OutputView::all).collect());
        }
        let one = outputs.iter().map(|view| view.entry(answer.entry));
        one.collect::<Option<Vec<_>>>()
            .ok_or_else(|| too_few(outputs, answer.times.images))
    }

    /// Reads the outputs of one image.
    pub fn read(
        &self,
        answer: &Answer<'_>,
        config: DecodeConfig,
        take: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), String> {
        let outputs = self.entry(answer)?;
        let head = lock(&self.heads).pop();
        let mut head = match head {
            Some(head) => head,
            None => Head::new(&self.description, config).map_err(display)?,
        };
        let result = head.set_config(config).and_then(|()| head.read(&outputs));
        let result = result.map(take).map_err(display);
        lock(&self.heads).push(head);
        result
    }
}

impl Head {
    fn new(description: &Description, config: DecodeConfig) -> Result<Self, DecodeError> {
        Ok(match description.family {
            Family::Classification => Self::Classifier {
                classes: description.labels.len(),
                threshold: config.threshold,
            },
            _ => Self::Detector {
                decoder: Box::new(Decoder::new(description, config)?),
                found: Vec::new(),
            },
        })
    }

    fn set_config(&mut self, config: DecodeConfig) -> Result<(), DecodeError> {
        match self {
            Self::Detector { decoder, .. } => decoder.set_config(config)?,
            Self::Classifier { threshold, .. } => *threshold = config.threshold,
        }
        Ok(())
    }

    /// Reads the outputs of one image.
    fn read(&mut self, outputs: &[OutputView<'_>]) -> Result<Said<'_>, DecodeError> {
        match self {
            Self::Detector { decoder, found } => {
                decoder.decode(outputs, found)?;
                Ok(Said::Objects(found))
            }
            Self::Classifier { classes, threshold } => {
                classify(outputs, *classes, *threshold).map(Said::Class)
            }
        }
    }
}

/// Why a run on a batch has nothing to say of some of its images.
fn too_few(views: &[OutputView<'_>], batch: usize) -> String {
    let shapes: Vec<_> = views.iter().map(|v| format!("{:?}", v.shape())).collect();
    format!(
        "the model gave outputs of {} for a batch of {batch}: it does not take batches although \
         its file says so; set batch-size=1",
        shapes.join(", ")
    )
}

fn display(error: impl std::fmt::Display) -> String {
    error.to_string()
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

/// The text in a file. Who reads a pipe waits for its other end, and a device has no end.
fn read(path: &Path) -> std::io::Result<String> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => fs::read_to_string(path),
        false => Err(std::io::Error::other("it is not a file")),
    }
}

fn labels(path: &str) -> Result<Labels, String> {
    let text = read(Path::new(path)).map_err(|error| {
        format!("labels file {path} cannot be read: {error}; check labels-file")
    })?;
    Labels::from_lines(&text).map_err(|error| format!("labels file {path}: {error}"))
}

/// The sidecar `<model>.json`, where there is one.
fn sidecar(model: &Path) -> Result<Option<Sidecar>, String> {
    let mut path = model.as_os_str().to_owned();
    path.push(".json");
    let path = PathBuf::from(path);
    match read(&path) {
        Ok(text) => Sidecar::parse(&text)
            .map(Some)
            .map_err(|error| format!("sidecar {}: {error}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!(
            "sidecar {} cannot be read: {error}; mend or remove it",
            path.display()
        )),
    }
}
