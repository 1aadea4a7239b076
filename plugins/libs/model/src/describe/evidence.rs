// SPDX-License-Identifier: MIT OR Apache-2.0
//! Weighing what the sources say of a model, the higher authority first.

use super::{
    Content, Error, ExtraInput, Family, Labels, Overrides, Sidecar, extra,
    input::Input,
    metadata::Metadata,
    shapes::{Fit, Shapes, tensor},
};
use crate::ModelIo;
use lynx_tensor::{ColorFormat, Element, Filter, ResizeMode, TensorSpec, Word};

/// Classes that a model with neither labels nor a class count may have: more than any public
/// data set's (LVIS: 1203).
const UNKNOWN_CLASSES: usize = 2048;

/// Everything that is said of one model, and what has been decided from it so far.
pub(super) struct Evidence<'a> {
    name: &'a str,
    sidecar: &'a Sidecar,
    overrides: &'a Overrides,
    metadata: Metadata<'a>,
    input: Input<'a>,
    extra: Vec<ExtraInput>,
    batches: bool,
    shapes: Shapes<'a>,
    reasons: Vec<String>,
}

impl<'a> Evidence<'a> {
    pub fn new(
        name: &'a str,
        io: &'a ModelIo,
        sidecar: &'a Sidecar,
        overrides: &'a Overrides,
    ) -> Result<Self, Error> {
        let metadata = Metadata(&io.metadata);
        metadata.check_task()?;
        let mut reasons = Vec::new();
        let input = Input::find(io, sidecar, overrides, &mut reasons)?;
        let extra = extra::find(io, input.index, &mut reasons)?;
        let shapes = Shapes {
            outputs: &io.outputs,
            told_size: extra.iter().any(|e| e.content == Content::TargetSize),
            width: input.width,
            height: input.height,
        };
        Ok(Self {
            name,
            sidecar,
            overrides,
            metadata,
            input,
            extra,
            batches: io.has_dynamic_batch(),
            shapes,
            reasons,
        })
    }

    /// The family and, where the shapes tell, the number of classes.
    pub fn family(&mut self) -> Result<(Family, Option<usize>), Error> {
        let sidecar = self.sidecar.family.map(|family| (family, "the sidecar"));
        let (family, classes, who) = match sidecar.or_else(|| self.metadata.family()) {
            Some((family, who)) => match self.shapes.fit(family) {
                Fit::Yes(classes) | Fit::Maybe(classes) => (family, classes, who),
                Fit::No(why) => {
                    return Err(Error::Contradiction {
                        one: format!("{who} says family {family}"),
                        other: format!("{}: {why}", self.shapes.wants(family)),
                    });
                }
            },
            None => self.family_by_shape()?,
        };
        let count = classes.map_or(String::new(), |classes| format!(" with {classes} classes"));
        let outputs = self.shapes.list();
        self.reasons
            .push(format!("family {family}{count}: {who}; outputs {outputs}"));
        Ok((family, classes))
    }

    fn family_by_shape(&self) -> Result<(Family, Option<usize>, &'static str), Error> {
        let fits: Vec<_> = Family::WORDS
            .iter()
            .map(|(family, _)| (*family, self.shapes.fit(*family)))
            .collect();
        let mut sure = fits.iter().filter_map(|(family, fit)| match fit {
            Fit::Yes(classes) => Some((*family, *classes, "the outputs' shapes")),
            _ => None,
        });
        if let (Some(found), None) = (sure.next(), sure.next()) {
            return Ok(found);
        }
        let ultralytics = self.metadata.is_ultralytics();
        if let Some(error) = self.shapes.unsupported(ultralytics, self.metadata.head()) {
            return Err(error);
        }
        let nearest = fits.iter().map(|(family, fit)| {
            let wants = self.shapes.wants(*family);
            match fit {
                Fit::Yes(_) => format!("{wants} (fits, but so does another)"),
                Fit::Maybe(_) if *family == Family::Classification => {
                    format!("{wants} (fits, but so does what is no classifier)")
                }
                Fit::Maybe(_) if *family == Family::Detr => format!(
                    "{wants} (fits, but without an input orig_target_sizes the unit of the boxes is left open)"
                ),
                Fit::Maybe(_) => format!("{wants} (dynamic dimensions leave it open)"),
                Fit::No(why) => format!("{wants} ({why})"),
            }
        });
        Err(self.unrecognized(nearest.collect::<Vec<_>>().join("; ")))
    }

    fn unrecognized(&self, nearest: String) -> Error {
        let (input, outputs) = (tensor(self.input.info), self.shapes.list());
        Error::Unrecognized {
            model: self.name.to_owned(),
            tensors: format!("input {input}; outputs {outputs}"),
            nearest,
        }
    }

    /// One label for each of `classes`, named by the highest authority that names any.
    pub fn labels(&mut self, family: Family, classes: Option<usize>) -> Result<Labels, Error> {
        let property = self
            .overrides
            .labels
            .as_ref()
            .map(|l| (l, "element property"));
        let sidecar = self.sidecar.labels.as_ref().map(|l| (l, "sidecar"));
        let stated = match property.or(sidecar) {
            Some((labels, who)) => Some((labels.clone(), who)),
            None => self.metadata.labels()?,
        };
        let (labels, who) = match (stated, classes) {
            (Some((labels, who)), Some(classes)) if labels.len() != classes => {
                return Err(Error::Contradiction {
                    one: format!("{who} has {} labels", labels.len()),
                    other: format!("{} as {family} has {classes} classes", self.shapes.list()),
                });
            }
            (Some(stated), _) => stated,
            (None, Some(classes)) => (Labels::numbered(classes), "nobody: classes are numbered"),
            (None, None) if family.leaves_classes_open() => {
                let labels = Labels::numbered(UNKNOWN_CLASSES);
                (
                    labels,
                    "nobody: classes are numbered, their count is unknown",
                )
            }
            (None, None) => {
                let nearest = format!("{family}, whose class count is left open without labels");
                return Err(self.unrecognized(nearest));
            }
        };
        self.reasons.push(format!("{} labels: {who}", labels.len()));
        Ok(labels)
    }

    /// What the input's values mean.
    pub fn pixels(&mut self, family: Family) -> Result<TensorSpec, Error> {
        let (width, height) = (self.input.width, self.input.height);
        let model_api = self.metadata.has_pixels();
        // Of dets and labels the shapes do not tell what goes in.
        let told = self.sidecar.family.is_some();
        let (mut spec, base) = match family {
            Family::YoloV8 => (TensorSpec::new(width, height), "as yolov8 wants"),
            Family::YoloX => (yolox(width, height), "as yolox wants"),
            Family::DetsLabels if told => (yolox(width, height), "as yolox wants"),
            Family::DetsLabels if model_api => {
                (model_api_spec(width, height), "Model API's defaults")
            }
            Family::DetsLabels => (
                yolox(width, height),
                "an assumption, that the model is a YOLOX; a sidecar's \"family\" or \"input\" can settle it",
            ),
            Family::Detr => (detr(width, height), "as RT-DETR, D-FINE and DEIM want"),
            // PP-YOLOE and PicoDet have no im_shape, and some of them want ImageNet's mean and std.
            Family::PaddleDetection if self.has(Content::ImageShape) => (
                stretched(width, height),
                "as PaddleDetection's RT-DETR wants",
            ),
            Family::PaddleDetection => (
                stretched(width, height),
                "an assumption, that the model is a PP-YOLOE+; a sidecar's \"input\" can settle it",
            ),
            Family::Classification if self.metadata.is_ultralytics() => (
                ultralytics_classifier(width, height),
                "as Ultralytics' classifiers want",
            ),
            Family::Classification if model_api => {
                (model_api_spec(width, height), "Model API's defaults")
            }
            Family::Classification => (
                stretched(width, height),
                "an assumption, as nobody says; a sidecar's \"input\" can settle it",
            ),
        };
        spec.layout = self.input.layout;
        spec.element = self.input.element;
        let mut who = vec![base];
        if matches!(spec.element, Element::U8 | Element::I8) {
            // Whole numbers have no room for 0..=1: such a model normalises inside.
            let zero = if spec.element == Element::I8 {
                128.0
            } else {
                0.0
            };
            (spec.mean, spec.std) = ([zero; 3], [1.0; 3]);
            who.push("levels, for the input's type");
        }
        if model_api {
            self.metadata.pixels(&mut spec)?;
            who.push("metadata model_info");
        }
        if self.sidecar_pixels(&mut spec) {
            who.push("the sidecar");
        }
        let TensorSpec {
            color,
            resize,
            pad_value,
            mean,
            std,
            ..
        } = &spec;
        self.reasons.push(format!(
            "pixels {color:?}, {resize:?}, pad {pad_value}, mean {mean:?}, std {std:?}: {}",
            who.join(", then "),
        ));
        let unread = self.metadata.unread();
        if !unread.is_empty() {
            let unread = unread.join(", ");
            self.reasons
                .push(format!("metadata without effect: {unread}"));
        }
        Ok(spec)
    }

    /// Puts what the sidecar says into `spec`; whether it says anything.
    fn sidecar_pixels(&self, spec: &mut TensorSpec) -> bool {
        let before = spec.clone();
        let Sidecar {
            color,
            resize,
            pad_value,
            mean,
            std,
            ..
        } = self.sidecar;
        spec.color = color.unwrap_or(before.color);
        spec.resize = resize.unwrap_or(before.resize);
        spec.pad_value = pad_value.unwrap_or(before.pad_value);
        spec.mean = mean.unwrap_or(before.mean);
        spec.std = std.unwrap_or(before.std);
        color.is_some()
            || resize.is_some()
            || pad_value.is_some()
            || mean.is_some()
            || std.is_some()
    }

    /// The sidecar's version of the model, else the version of its exporter.
    pub fn version(&self) -> Option<String> {
        let sidecar = self.sidecar.version.clone();
        sidecar.or_else(|| self.metadata.version())
    }

    /// Whether one run takes any number of images.
    pub fn dynamic_batch(&mut self, family: Family) -> bool {
        let mixed = self.batches && family == Family::PaddleDetection;
        if mixed {
            let why = "of a batch of images the boxes are one after another";
            self.reasons.push(format!(
                "one image a run, although the batch is open: {why}"
            ));
        }
        self.batches && !mixed
    }

    /// The place and the name of the image, and the inputs beside it.
    pub fn inputs(&self) -> (usize, String, Vec<ExtraInput>) {
        let name = self.input.info.name.clone();
        (self.input.index, name, self.extra.clone())
    }

    fn has(&self, content: Content) -> bool {
        self.extra.iter().any(|extra| extra.content == content)
    }

    pub fn into_reasons(self) -> Vec<String> {
        self.reasons
    }
}

/// BGR, 0..=255, image at the top left, padded with 114: YOLOX since release 0.1.1.
fn yolox(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        color: ColorFormat::Bgr,
        resize: ResizeMode::LetterboxTopLeft,
        std: [1.0; 3],
        ..TensorSpec::new(width, height)
    }
}

/// RGB, 0..=1, the whole picture whatever its aspect ratio.
fn stretched(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        resize: ResizeMode::Stretch,
        ..TensorSpec::new(width, height)
    }
}

/// RGB, 0..=1, stretched as Pillow does it, with which RT-DETR, D-FINE and DEIM train, evaluate and
/// predict (torchvision's `Resize` of a Pillow image).
fn detr(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        filter: Filter::Antialias,
        ..stretched(width, height)
    }
}

/// RGB, 0..=1, the shorter side resized and the middle cut out: torchvision's `Resize` and
/// `CenterCrop`, which Ultralytics trains and predicts with, antialiased as Pillow does it.
fn ultralytics_classifier(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        resize: ResizeMode::CropResize,
        filter: Filter::Antialias,
        ..TensorSpec::new(width, height)
    }
}

/// BGR, 0..=255, stretched: what Model API does when a model says nothing.
fn model_api_spec(width: u32, height: u32) -> TensorSpec {
    TensorSpec {
        color: ColorFormat::Bgr,
        resize: ResizeMode::Stretch,
        pad_value: 0,
        std: [1.0; 3],
        ..TensorSpec::new(width, height)
    }
}
