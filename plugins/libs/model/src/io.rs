// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeMap;

use lynx_tensor::Element;
use ndarray::{Axis, CowArray, IxDyn, Slice};

/// Type of a tensor's elements, as far as Lynx tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    F32,
    F16,
    I64,
    I32,
    U8,
    I8,
    Other,
}

impl ElementType {
    /// Whether outputs of it are read as numbers with fractions.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16)
    }
}

impl From<Element> for ElementType {
    fn from(element: Element) -> Self {
        match element {
            Element::F32 => Self::F32,
            Element::F16 => Self::F16,
            Element::U8 => Self::U8,
            Element::I8 => Self::I8,
        }
    }
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

impl ModelIo {
    /// Whether one run takes any number of images: the first dimension of all inputs and outputs
    /// is left open.
    pub fn has_dynamic_batch(&self) -> bool {
        let mut all = self.inputs.iter().chain(&self.outputs);
        all.all(|tensor| tensor.dims.first() == Some(&None))
    }
}

/// An output tensor of one run, in the model's order of outputs.
#[derive(Debug)]
pub enum OutputView<'a> {
    /// Half precision arrives widened, hence maybe owned.
    F32(CowArray<'a, f32, IxDyn>),
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

    /// A view of the same.
    pub fn all(&self) -> OutputView<'_> {
        match self {
            Self::F32(view) => OutputView::F32(view.view().into()),
            Self::I64(view) => OutputView::I64(view.view().into()),
        }
    }

    /// What it says of one image of a batch, with a batch of 1; `None` where there are fewer.
    pub fn entry(&self, index: usize) -> Option<OutputView<'_>> {
        let batch = *self.shape().first()?;
        let one = Slice::from(index..index + 1);
        (index < batch).then(|| match self {
            Self::F32(view) => OutputView::F32(view.slice_axis(Axis(0), one).into()),
            Self::I64(view) => OutputView::I64(view.slice_axis(Axis(0), one).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array;

    use super::*;

    #[test]
    fn an_entry_is_the_batchs_nth_with_a_batch_of_one() {
        let values = Array::from_iter(0..12).into_shape_with_order(IxDyn(&[3, 2, 2]));
        let values = values.unwrap();
        let floats = values.mapv(|v| v as f32);
        for view in [
            OutputView::F32(floats.view().into()),
            OutputView::I64(values.view().into()),
        ] {
            assert!(view.entry(3).is_none());
            let last = view.entry(2).unwrap();
            assert_eq!(last.shape(), [1, 2, 2]);
            match last {
                OutputView::F32(view) => {
                    assert_eq!(view.as_slice().unwrap(), [8.0, 9.0, 10.0, 11.0])
                }
                OutputView::I64(view) => assert_eq!(view.as_slice().unwrap(), [8, 9, 10, 11]),
            }
        }
        let scalar = Array::from_elem(IxDyn(&[]), 1.0f32);
        assert!(OutputView::F32(scalar.view().into()).entry(0).is_none());
    }

    #[test]
    fn a_batch_is_dynamic_when_every_tensor_leaves_it_open() {
        let tensor = |dims: &[Option<usize>]| TensorInfo {
            name: String::new(),
            element: ElementType::F32,
            dims: dims.to_vec(),
        };
        let io = |input, output| ModelIo {
            inputs: vec![tensor(input)],
            outputs: vec![tensor(&[None, Some(5)]), tensor(output)],
            ..ModelIo::default()
        };
        assert!(io(&[None, Some(3)], &[None]).has_dynamic_batch());
        assert!(!io(&[Some(1), Some(3)], &[None]).has_dynamic_batch());
        assert!(!io(&[None, Some(3)], &[Some(1)]).has_dynamic_batch());
        assert!(!io(&[None, Some(3)], &[]).has_dynamic_batch());
    }
}
