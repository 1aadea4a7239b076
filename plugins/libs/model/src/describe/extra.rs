// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a model wants to be told besides the image: the sizes that its boxes are to be in.
//!
//! Exporters mean the frame's size there, to get boxes in its pixels. Lynx says the tensor's size
//! instead: boxes then come back in elements of the tensor as from any other model, so that one
//! transform takes them to the frame, whatever the resize mode (these models would undo a stretch
//! alone), region and pixel aspect ratio, and nothing is rounded to whole pixels on the way
//! (PaddleDetection's post-processing rounds the frame's size). It also is the same for each frame.
//!
//! Sources: `tools/deployment/export_onnx.py` and `references/deploy` of RT-DETRv2 and D-FINE, where
//! `orig_target_sizes` is width and height (not to be confused with `target_sizes` of Hugging Face
//! transformers, height and width, which no export has as an input); `deploy/EXPORT_MODEL.md` and
//! `ppdet/modeling/post_process.py` of PaddleDetection.

use half::f16;
use lynx_tensor::TensorSpec;

use super::{Error, shapes::tensor};
use crate::{ElementType, ModelIo, TensorInfo};

/// What the values of an [`ExtraInput`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Content {
    /// `orig_target_sizes` (RT-DETR, D-FINE, DEIM): width and height that boxes are scaled to.
    TargetSize,
    /// `im_shape` (PaddleDetection): height and width of the image in the tensor.
    ImageShape,
    /// `scale_factor` (PaddleDetection): height and width of the image in the tensor over the
    /// frame's. Boxes are divided by it.
    ScaleFactor,
}

impl Content {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "orig_target_sizes" => Self::TargetSize,
            "im_shape" => Self::ImageShape,
            "scale_factor" => Self::ScaleFactor,
            _ => return None,
        })
    }

    fn says(self) -> &'static str {
        match self {
            Self::TargetSize => "the tensor's width and height",
            Self::ImageShape => "the tensor's height and width",
            Self::ScaleFactor => "1 and 1",
        }
    }
}

/// An input besides the image, of two numbers an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraInput {
    /// Its place among the model's inputs.
    pub index: usize,
    pub name: String,
    /// [`ElementType::F32`], `F16`, `I64` or `I32`.
    pub element: ElementType,
    /// Dimensions of its tensor for one image.
    pub dims: [usize; 2],
    pub content: Content,
}

impl ExtraInput {
    /// Writes its tensor for one image of `spec` to `out`, in native byte order. Memory that does
    /// not hold two elements is filled as far as whole elements fit.
    pub fn write(&self, spec: &TensorSpec, out: &mut [u8]) {
        let values = match self.content {
            Content::TargetSize => [spec.width, spec.height],
            Content::ImageShape => [spec.height, spec.width],
            Content::ScaleFactor => [1, 1],
        };
        match self.element {
            ElementType::F16 => put(out, values.map(|v| f16::from_f32(v as f32).to_ne_bytes())),
            ElementType::I64 => put(out, values.map(|v| i64::from(v).to_ne_bytes())),
            ElementType::I32 => put(out, values.map(|v| (v as i32).to_ne_bytes())),
            _ => put(out, values.map(|v| (v as f32).to_ne_bytes())),
        }
    }
}

fn put<const N: usize>(out: &mut [u8], values: [[u8; N]; 2]) {
    for (place, value) in out.as_chunks_mut::<N>().0.iter_mut().zip(values) {
        *place = value;
    }
}

/// The inputs of a model but the one at `image`, with reasons.
///
/// # Errors
/// [`Error::Tensor`] for one that is not known by its name, or that has another shape or type.
pub(super) fn find(
    io: &ModelIo,
    image: usize,
    reasons: &mut Vec<String>,
) -> Result<Vec<ExtraInput>, Error> {
    let others = io.inputs.iter().enumerate().filter(|(i, _)| *i != image);
    let others = others.map(|(index, info)| extra(index, info));
    let others = others.collect::<Result<Vec<_>, _>>()?;
    for other in &others {
        let info = tensor(&io.inputs[other.index]);
        let says = other.content.says();
        reasons.push(format!(
            "input {info} says {says}: boxes are in its elements"
        ));
    }
    Ok(others)
}

fn extra(index: usize, info: &TensorInfo) -> Result<ExtraInput, Error> {
    let refuse = |problem: &str, expected| Error::Tensor {
        tensors: format!("input {}", tensor(info)),
        problem: problem.to_owned(),
        expected,
    };
    let content = Content::of(&info.name).ok_or_else(|| {
        refuse(
            "nothing is known to feed it with",
            "besides the image orig_target_sizes, im_shape or scale_factor alone",
        )
    })?;
    let numbers = matches!(
        info.element,
        ElementType::F32 | ElementType::F16 | ElementType::I64 | ElementType::I32
    );
    if !numbers || !matches!(*info.dims, [None | Some(1), None | Some(2)]) {
        return Err(refuse(
            "two numbers an image do not fit",
            "f32, f16, i64 or i32 [1, 2]",
        ));
    }
    Ok(ExtraInput {
        index,
        name: info.name.clone(),
        element: info.element,
        dims: [1, 2],
        content,
    })
}
