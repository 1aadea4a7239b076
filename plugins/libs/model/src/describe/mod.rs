// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a model is: its family, the input it wants and the names of its classes.
//!
//! In the order of authority: element properties ([`Overrides`]), a [`Sidecar`] beside the
//! model, the model's own metadata, the names, shapes and types of its tensors. What nobody
//! says is refused with the nearest families, and two sources that cannot both be right are an
//! error: a wrong guess shows as "no detections and no error" hours later.

mod error;
mod evidence;
mod extra;
mod input;
mod labels;
mod metadata;
mod names;
mod shapes;
mod sidecar;
#[cfg(test)]
mod tests;

use std::fmt;

pub use error::Error;
use evidence::Evidence;
pub use extra::{Content, ExtraInput};
pub use labels::Labels;
pub(crate) use shapes::anchors;
pub use sidecar::Sidecar;

use crate::{ElementType, ModelIo};
use lynx_tensor::{TensorSpec, Word};

/// The largest width or height of an input.
const MAX_SIZE: u32 = 16_384;

/// How a model's outputs say what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// One output `[1, A, 5 + classes]` of boxes still on the grid, objectness and class
    /// scores (YOLOX, arXiv 2107.08430, exported without its decoder).
    YoloX,
    /// One output `[1, 4 + classes, A]` of boxes `cx, cy, w, h` in elements of the input tensor
    /// and class scores (Ultralytics YOLOv8, v9, 11, 12).
    YoloV8,
    /// NMS inside the model: boxes `dets [1, N, 5]` as `x0, y0, x1, y1, score` in elements of
    /// the input tensor, and classes `labels [1, N]` (MMDeploy).
    DetsLabels,
    /// A set of boxes that needs no NMS: classes `labels [1, N]`, `boxes [1, N, 4]` as
    /// `x0, y0, x1, y1` in the units of `orig_target_sizes` and `scores [1, N]` (the deploy exports
    /// of RT-DETR, RT-DETRv2, D-FINE and DEIM).
    Detr,
    /// NMS, where there is any, inside the model: rows `[N, 6]` as `class, score, x0, y0, x1, y1` in
    /// the units of `im_shape` over `scale_factor`, and how many they are, `[1]` (PaddleDetection:
    /// RT-DETR, PP-YOLOE, PicoDet). The rows of a batch are one after another, so that such a model
    /// runs on one image at a time.
    PaddleDetection,
    /// No boxes: one output `[1, classes]` (or `[1, classes, 1, 1]`) of probabilities or logits
    /// that say what the whole image shows.
    Classification,
}

/// In the order in which messages name them.
impl Word for Family {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::YoloV8, "yolov8"),
        (Self::YoloX, "yolox"),
        (Self::DetsLabels, "yolox-dets"),
        (Self::Detr, "detr"),
        (Self::PaddleDetection, "paddle-detection"),
        (Self::Classification, "classification"),
    ];
}

impl Family {
    /// Whether the outputs say each box's class without saying of how many.
    fn leaves_classes_open(self) -> bool {
        matches!(self, Self::DetsLabels | Self::Detr | Self::PaddleDetection)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What element properties say of a model; it outranks everything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    pub labels: Option<Labels>,
    /// Width of a dynamic input, 1..=16384 elements.
    pub width: Option<u32>,
    /// Height of a dynamic input, 1..=16384 elements.
    pub height: Option<u32>,
}

/// All that Lynx needs to know of a model, and why it thinks so.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub name: String,
    pub version: Option<String>,
    pub family: Family,
    pub input: TensorSpec,
    /// Name of the input tensor.
    pub input_name: String,
    /// Place of the input tensor among the model's inputs.
    pub image_input: usize,
    /// The model's other inputs, in its order.
    pub extra_inputs: Vec<ExtraInput>,
    /// Whether one run takes any number of images, of which
    /// [`OutputView::entry`](crate::OutputView::entry) tells the outputs apart.
    pub dynamic_batch: bool,
    /// One label for each class.
    pub labels: Labels,
    /// One line for each decision: what was decided and by whom.
    pub reasons: Vec<String>,
}

impl Description {
    /// Elements and dimensions of each input for one image (the first is 1), in the model's order.
    pub fn input_shapes(&self) -> Vec<(ElementType, Vec<usize>)> {
        let extra = self.extra_inputs.iter();
        let mut all: Vec<_> = extra.map(|e| (e.element, e.dims.to_vec())).collect();
        let image = (self.input.element.into(), self.input.shape().to_vec());
        all.insert(self.image_input.min(all.len()), image);
        all
    }
}

/// Finds out what a model is from what its file (`io`), a sidecar and a person say.
///
/// `name` is used where the sidecar has none.
///
/// # Errors
/// [`Error`] for a model that fits no family or one that is not supported, for inputs without an
/// image or with one that Lynx has nothing to feed with, and for sources that contradict each other.
pub fn describe(
    name: &str,
    io: &ModelIo,
    sidecar: Option<&Sidecar>,
    overrides: &Overrides,
) -> Result<Description, Error> {
    let none = Sidecar::default();
    let sidecar = sidecar.unwrap_or(&none);
    let mut evidence = Evidence::new(name, io, sidecar, overrides)?;
    let (family, classes) = evidence.family()?;
    let labels = evidence.labels(family, classes)?;
    let input = evidence.pixels(family)?;
    let dynamic_batch = evidence.dynamic_batch(family);
    let (image_input, input_name, extra_inputs) = evidence.inputs();
    Ok(Description {
        name: sidecar.name.clone().unwrap_or_else(|| name.to_owned()),
        version: evidence.version(),
        family,
        input,
        input_name,
        image_input,
        extra_inputs,
        dynamic_batch,
        labels,
        reasons: evidence.into_reasons(),
    })
}
