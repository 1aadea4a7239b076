// SPDX-License-Identifier: MIT OR Apache-2.0
//! A loaded detector: from a frame's tensor to detections, without GStreamer.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lynx_geometry::Detection;
use lynx_model::OutputView;
use lynx_model::decode::{DecodeConfig, Decoder};
use lynx_model::describe::{Description, Labels, Overrides, Sidecar, describe};
use lynx_runtime::{Session, SessionOptions, parse_providers};
use lynx_tensor::{AlignedBytes, TensorSpec};

use crate::outputs::Outputs;
use crate::settings::Settings;

/// A model on its provider, with the decoder of its outputs.
pub(crate) struct Detector {
    session: Session,
    description: Arc<Description>,
    decoder: Decoder,
    /// What the outputs are called, where others are to decode them.
    outputs: Option<Arc<Outputs>>,
    found: Vec<Detection>,
}

/// How long the parts of a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub inference: Duration,
    pub decode: Duration,
}

impl Detector {
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
        let decoder = Decoder::new(&description, settings.decode).map_err(display)?;
        Ok(Self {
            session,
            description: Arc::new(description),
            decoder,
            outputs,
            found: Vec::new(),
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

    pub fn set_decode(&mut self, config: DecodeConfig) -> Result<(), String> {
        self.decoder.set_config(config).map_err(display)
    }

    /// Runs the model on a tensor of [`Self::spec`] and decodes what it says. Boxes are in
    /// elements of the tensor, best score first.
    /// `tap` sees the outputs before.
    pub fn run(
        &mut self,
        tensor: &[u8],
        tap: &mut dyn FnMut(&[OutputView<'_>]) -> Result<(), String>,
    ) -> Result<(&[Detection], Times), String> {
        let started = Instant::now();
        let shape = self.description.input.shape();
        let element = self.description.input.element;
        let outputs = self.session.run(element, shape, tensor).map_err(display)?;
        let inference = started.elapsed();
        let views = outputs.views().map_err(display)?;
        tap(&views)?;
        self.decoder
            .decode(&views, &mut self.found)
            .map_err(display)?;
        let decode = started.elapsed() - inference;
        Ok((&self.found, Times { inference, decode }))
    }
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
