// SPDX-License-Identifier: MIT OR Apache-2.0
//! A loaded model: from a batch of tensors to what it says of each, without GStreamer.

use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lynx_geometry::Detection;
use lynx_model::OutputView;
use lynx_model::decode::{Class, DecodeConfig, Decoder, Error as DecodeError, classify};
use lynx_model::describe::{Description, Family, Labels, Overrides, Sidecar, describe};
use lynx_runtime::{Session, SessionOptions, parse_providers};
use lynx_tensor::{AlignedBytes, TensorSpec};

use crate::outputs::Outputs;
use crate::settings::Settings;

/// A model on its provider, with the decoder of its outputs.
pub(crate) struct Model {
    session: Session,
    description: Arc<Description>,
    head: Head,
    /// What the outputs are called, where others are to decode them.
    outputs: Option<Arc<Outputs>>,
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
pub(crate) enum Answer<'a> {
    /// Boxes in elements of the tensor, best score first.
    Objects(&'a [Detection]),
    /// None where it is not sure enough.
    Class(Option<Class>),
}

/// How long the parts of a run took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    pub inference: Duration,
    pub decode: Duration,
}

impl AddAssign for Times {
    fn add_assign(&mut self, other: Self) {
        self.inference += other.inference;
        self.decode += other.decode;
    }
}

impl Model {
    /// Loads the model that the settings name. The error says what to do.
    pub fn load(settings: &Settings) -> Result<Self, String> {
        let path = settings.model.as_deref().map(Path::new);
        let path = path.ok_or("no model: set the property model to the path of an ONNX file")?;
        let providers = parse_providers(&settings.execution_provider).map_err(display)?;
        let options = SessionOptions {
            providers,
            intra_op_threads: settings.intra_op_threads as usize,
        };
        let overrides = Overrides {
            labels: settings.labels_file.as_deref().map(labels).transpose()?,
            width: Some(settings.reshape_width).filter(|&w| w > 0),
            height: Some(settings.reshape_height).filter(|&h| h > 0),
        };
        let sidecar = sidecar(path)?;
        let mut session = Session::load(path, &options).map_err(display)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let description = describe(&name, session.io(), sidecar.as_ref(), &overrides)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let outputs = match settings.output_tensor_meta {
            true => Some(Arc::new(outputs(&mut session, &description)?)),
            false => None,
        };
        let head = Head::new(&description, settings.decode).map_err(display)?;
        Ok(Self {
            session,
            description: Arc::new(description),
            head,
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

    pub fn outputs(&self) -> Option<&Arc<Outputs>> {
        self.outputs.as_ref()
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether it says what an image shows, and not where.
    pub fn is_classifier(&self) -> bool {
        matches!(self.head, Head::Classifier { .. })
    }

    pub fn set_decode(&mut self, config: DecodeConfig) -> Result<(), String> {
        match &mut self.head {
            Head::Detector { decoder, .. } => decoder.set_config(config).map_err(display)?,
            Head::Classifier { threshold, .. } => *threshold = config.threshold,
        }
        Ok(())
    }

    /// How many images one run takes at most, of the `wanted` ones.
    pub fn batch_limit(&self, wanted: usize) -> usize {
        match self.session.io().has_dynamic_batch() {
            true => wanted.max(1),
            false => 1,
        }
    }

    /// Runs the model once on `batch` tensors of [`Self::spec`], one after another in `tensors`.
    /// `tap` sees the outputs first; then `take` gets the answer to each of the first `used` tensors
    /// with its number.
    pub fn run(
        &mut self,
        tensors: &[u8],
        batch: usize,
        used: usize,
        tap: &mut dyn FnMut(&[OutputView<'_>]) -> Result<(), String>,
        take: &mut dyn FnMut(usize, Answer<'_>),
    ) -> Result<Times, String> {
        let started = Instant::now();
        let mut shape = self.description.input.shape();
        shape[0] = batch;
        let element = self.description.input.element;
        let outputs = self.session.run(element, shape, tensors).map_err(display)?;
        let inference = started.elapsed();
        let views = outputs.views().map_err(display)?;
        tap(&views)?;
        for entry in 0..used {
            let one: Option<Vec<_>> = views.iter().map(|view| view.entry(entry)).collect();
            let one = one.ok_or_else(|| too_few(&views, batch))?;
            take(entry, self.head.read(&one).map_err(display)?);
        }
        let decode = started.elapsed() - inference;
        Ok(Times { inference, decode })
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

    /// Reads the outputs of one image.
    fn read(&mut self, outputs: &[OutputView<'_>]) -> Result<Answer<'_>, DecodeError> {
        match self {
            Self::Detector { decoder, found } => {
                decoder.decode(outputs, found)?;
                Ok(Answer::Objects(found))
            }
            Self::Classifier { classes, threshold } => {
                classify(outputs, *classes, *threshold).map(Answer::Class)
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
fn outputs(session: &mut Session, description: &Description) -> Result<Outputs, String> {
    if !lynx_meta::output::AVAILABLE {
        return Err("output-tensor-meta needs a build for GStreamer 1.26 or newer: cargo build --features v1_26".into());
    }
    let io = session.io().clone();
    let input = &description.input;
    let nothing = AlignedBytes::new(input.bytes());
    let ran = session.run(input.element, input.shape(), &nothing);
    let ran = ran.map_err(display)?;
    let views = ran.views().map_err(display)?;
    let dims: Vec<_> = views.iter().map(|view| view.shape().to_vec()).collect();
    Ok(Outputs::new(description, &io, &dims))
}

fn labels(path: &str) -> Result<Labels, String> {
    let text = fs::read_to_string(path).map_err(|error| {
        format!("labels file {path} cannot be read: {error}; check labels-file")
    })?;
    Labels::from_lines(&text).map_err(|error| format!("labels file {path}: {error}"))
}

/// The sidecar `<model>.json`, where there is one.
fn sidecar(model: &Path) -> Result<Option<Sidecar>, String> {
    let mut path = model.as_os_str().to_owned();
    path.push(".json");
    let path = PathBuf::from(path);
    match fs::read_to_string(&path) {
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
