// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a model file says of itself.

use lynx_model::{ElementType, ModelIo, TensorInfo};
use ort::value::{TensorElementType, ValueType};

pub(super) fn describe(session: &ort::session::Session) -> ModelIo {
    let infos = |outlets: &[ort::value::Outlet]| {
        let infos = outlets.iter().map(|o| info(o.name(), o.dtype()));
        infos.collect()
    };
    let mut io = ModelIo {
        inputs: infos(session.inputs()),
        outputs: infos(session.outputs()),
        metadata: Default::default(),
    };
    if let Ok(metadata) = session.metadata() {
        for key in metadata.custom_keys().unwrap_or_default() {
            if let Some(value) = metadata.custom(&key) {
                io.metadata.insert(key, value);
            }
        }
    }
    io
}

/// Which outputs are of one size for each size of the batch: all their dimensions are numbers, but
/// for the first, which may be what the first of the input is called.
pub(super) fn fixed_outputs(session: &ort::session::Session) -> Vec<Option<ElementType>> {
    let first = session.inputs().first();
    let batch = first.and_then(|input| symbol(input.dtype()));
    let outputs = session.outputs().iter().map(|output| {
        let info = info(output.name(), output.dtype());
        let (first, rest) = info.dims.split_first()?;
        let known = first.is_some() || (batch.is_some() && symbol(output.dtype()) == batch);
        let element = info.element;
        let read = element.is_float() || element == ElementType::I64;
        (known && read && rest.iter().all(Option::is_some)).then_some(element)
    });
    outputs.collect()
}

/// What the first dimension is called.
fn symbol(dtype: &ValueType) -> Option<&str> {
    match dtype {
        ValueType::Tensor {
            dimension_symbols, ..
        } => dimension_symbols
            .first()
            .filter(|name| !name.is_empty())
            .map(|name| &**name),
        _ => None,
    }
}

fn info(name: &str, dtype: &ValueType) -> TensorInfo {
    let element = match dtype.tensor_type() {
        Some(TensorElementType::Float32) => ElementType::F32,
        Some(TensorElementType::Float16) => ElementType::F16,
        Some(TensorElementType::Int64) => ElementType::I64,
        Some(TensorElementType::Int32) => ElementType::I32,
        Some(TensorElementType::Uint8) => ElementType::U8,
        Some(TensorElementType::Int8) => ElementType::I8,
        _ => ElementType::Other,
    };
    let dims = dtype.tensor_shape().map_or(&[][..], |shape| shape);
    TensorInfo {
        name: name.to_owned(),
        element,
        dims: dims.iter().map(|&d| usize::try_from(d).ok()).collect(),
    }
}
