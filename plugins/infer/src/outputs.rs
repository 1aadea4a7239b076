// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model's output tensors, handed on for others to decode.

use lynx_meta::output::{self, Elements, Order, OutputTensor};
use lynx_model::describe::Family;
use lynx_model::{ModelIo, OutputView};

/// What the model's outputs are called, in the model's order.
///
/// The ids and orders are those of the tensor id registry that GStreamer's decoders go by. It has
/// `yolo-v8-out`. (Its `yolox-out` is of exports with the grid decoded, which Lynx does not take.)
/// Other tensors keep the names that the model gives them.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    group: String,
    tensors: Vec<(String, usize, Order)>,
}

impl Outputs {
    pub fn new(model: &str, io: &ModelIo, family: Family) -> Self {
        let tensors = io.outputs.iter().map(|tensor| match family {
            Family::YoloV8 => ("yolo-v8-out".to_owned(), tensor.dims.len(), Order::ColMajor),
            _ => (tensor.name.clone(), tensor.dims.len(), Order::RowMajor),
        });
        let group = match family {
            Family::YoloV8 => "yolo-v8-out",
            _ => model,
        };
        Self {
            group: group.to_owned(),
            tensors: tensors.collect(),
        }
    }

    /// Says in the caps which tensors travel with the frames.
    pub fn announce(&self, caps: &mut gst::Caps) {
        let tensors: Vec<_> = self
            .tensors
            .iter()
            .map(|(id, r, o)| (id.as_str(), *r, *o))
            .collect();
        output::announce(caps, &self.group, &tensors);
    }

    /// Puts the outputs of one run on a frame.
    pub fn attach(
        &self,
        buffer: &mut gst::BufferRef,
        views: &[OutputView<'_>],
    ) -> Result<(), String> {
        let tensors = self
            .tensors
            .iter()
            .zip(views)
            .map(|((id, _, order), view)| {
                let (dims, elements) = match view {
                    OutputView::F32(view) => (view.shape(), view.as_slice().map(Elements::F32)),
                    OutputView::I64(view) => (view.shape(), view.as_slice().map(Elements::I64)),
                };
                Ok(OutputTensor {
                    id,
                    dims,
                    order: *order,
                    elements: elements.ok_or_else(|| format!("output {id} has gaps"))?,
                })
            });
        let tensors = tensors.collect::<Result<Vec<_>, String>>()?;
        output::attach(buffer, &tensors).map_err(|error| error.to_string())
    }
}
