// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeMap;

use ndarray::{ArrayViewD, CowArray, IxDyn};

/// Type of a tensor's elements, as far as Lynx tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    F32,
    F16,
    I64,
    I32,
    U8,
    I8,
    Other,
}

/// A model's input or output as its file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    pub name: String,
    pub element: ElementType,
    /// `None` for a dimension that is dynamic.
    pub dims: Vec<Option<usize>>,
}

/// All that a model file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelIo {
    pub inputs: Vec<TensorInfo>,
    pub outputs: Vec<TensorInfo>,
    /// The ONNX file's `metadata_props`.
    pub metadata: BTreeMap<String, String>,
}

/// An output tensor of one run, in the model's order of outputs.
#[derive(Debug)]
pub enum OutputView<'a> {
    F32(ArrayViewD<'a, f32>),
    /// Narrower integers arrive widened, hence maybe owned.
    I64(CowArray<'a, i64, IxDyn>),
}

impl OutputView<'_> {
    /// Its dimensions.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(view) => view.shape(),
            Self::I64(view) => view.shape(),
        }
    }
}
