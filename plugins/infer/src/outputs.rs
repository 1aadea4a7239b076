// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model's output tensors, handed on for others to decode.

use lynx_meta::output::{self, Announced, Elements, Order, OutputTensor};
use lynx_model::describe::{Description, Family};
use lynx_model::{ElementType, ModelIo, OutputView};

const YOLO_V8: &str = "yolo-v8-out";

/// What the model's outputs are called, in the model's order.
///
/// The ids and orders are those of the tensor id registry that GStreamer's decoders go by. It has
/// `yolo-v8-out`. (Its `yolox-out` is of exports with the grid decoded, which Lynx does not take.)
/// Other tensors keep the names that the model gives them.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    group: String,
    tensors: Vec<Announced>,
}

impl Outputs {
    /// What a description and one run say of the outputs: `ran` has the dimensions that they had
    /// there. Those of a YOLOv8 model depend on the input's size alone, also where the file leaves
    /// them open; decoders are chosen by them.
    pub fn new(description: &Description, io: &ModelIo, ran: &[Vec<usize>]) -> Self {
        let yolov8 = description.family == Family::YoloV8;
        let tensors = io.outputs.iter().zip(ran).map(|(tensor, ran)| {
            let integer = matches!(tensor.element, ElementType::I64 | ElementType::I32);
            let (id, dims, order) = if yolov8 {
                let dims = ran.iter().map(|dim| Some(*dim)).collect();
                (YOLO_V8, dims, Order::ColMajor)
            } else {
                (tensor.name.as_str(), tensor.dims.clone(), Order::RowMajor)
            };
            Announced {
                id: id.to_owned(),
                dims,
                order,
                integer,
            }
        });
        Self {
            group: if yolov8 { YOLO_V8 } else { &description.name }.to_owned(),
            tensors: tensors.collect(),
        }
    }

    /// Says in the caps which tensors travel with the frames.
    pub fn announce(&self, caps: &mut gst::Caps) {
        output::announce(caps, &self.group, &self.tensors);
    }

    /// Puts the outputs of one run on a frame.
    pub fn attach(
        &self,
        buffer: &mut gst::BufferRef,
        views: &[OutputView<'_>],
    ) -> Result<(), String> {
        let tensors = self.tensors.iter().zip(views).map(|(announced, view)| {
            let elements = match view {
                OutputView::F32(view) => view.as_slice().map(Elements::F32),
                OutputView::I64(view) => view.as_slice().map(Elements::I64),
            };
            let id = &announced.id;
            Ok(OutputTensor {
                id,
                dims: view.shape(),
                order: announced.order,
                elements: elements.ok_or_else(|| format!("output {id} has gaps"))?,
            })
        });
        let tensors = tensors.collect::<Result<Vec<_>, String>>()?;
        output::attach(buffer, &tensors).map_err(|error| error.to_string())
    }
}
