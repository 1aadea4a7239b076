// SPDX-License-Identifier: MIT OR Apache-2.0
//! What reads the outputs of a model, whoever runs it.

use std::sync::Mutex;

use lynx_geometry::Detection;
use lynx_meta::element::lock;
use lynx_model::OutputView;
use lynx_model::decode::{Class, DecodeConfig, Decoder, Error as DecodeError, classify};
use lynx_model::describe::{Description, Family};
use lynx_runtime::engine::{Answer, Slot};
use lynx_tensor::TensorSpec;

use crate::outputs::Outputs;

/// What a model wants to see and what its outputs mean. It does not have the engine: frames that are
/// under way have it, and must not keep the engine that they are under way in.
pub(crate) struct Reader {
    description: Description,
    /// One for each thread that reads outputs at the same time.
    heads: Mutex<Vec<Head>>,
    /// What the outputs are called, where others are to decode them.
    outputs: Option<Outputs>,
    /// Runs are of several images.
    batched: bool,
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

impl Reader {
    /// The error says what cannot be read.
    pub fn new(description: Description, config: DecodeConfig) -> Result<Self, String> {
        let head = Head::new(&description, config).map_err(display)?;
        Ok(Self {
            description,
            heads: Mutex::new(vec![head]),
            outputs: None,
            batched: false,
        })
    }

    /// With outputs for others to decode.
    pub fn with_outputs(self, outputs: Option<Outputs>) -> Self {
        Self { outputs, ..self }
    }

    /// Of runs of up to so many images.
    pub fn with_batch(self, batch: usize) -> Self {
        let batched = batch > 1;
        Self { batched, ..self }
    }

    /// The input tensor that the model wants.
    pub fn spec(&self) -> &TensorSpec {
        &self.description.input
    }

    pub fn description(&self) -> &Description {
        &self.description
    }

    pub fn outputs(&self) -> Option<&Outputs> {
        self.outputs.as_ref()
    }

    /// Whether a tensor that is there can be run where it lies.
    pub fn runs_ready(&self) -> bool {
        !self.batched && self.description.extra_inputs.is_empty()
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

    /// Whether it says what an image shows, and not where.
    pub fn is_classifier(&self) -> bool {
        self.description.family == Family::Classification
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
