// SPDX-License-Identifier: MIT OR Apache-2.0
//! How `lynxpreprocess` learns which tensor to make: a custom query that travels downstream and
//! that `lynxinfer` answers from its model.

use lynx_tensor::{TensorSpec, Word};

use crate::names::{TENSOR_QUERY, tensor as names};

/// What an element downstream answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A tensor of the whole frame.
    Tensor(TensorSpec),
    /// No tensor: it makes those of parts of the frame itself.
    Nothing,
}

/// Asks the elements downstream of `pad` which input tensor they want.
pub fn ask(pad: &gst::Pad) -> Option<Wanted> {
    use gst::prelude::*;
    let mut query = gst::query::Custom::new(gst::Structure::new_empty(TENSOR_QUERY));
    if !pad.peer_query(query.query_mut()) {
        return None;
    }
    let structure = query.structure()?;
    if structure.get(names::WANTED) == Ok(false) {
        return Some(Wanted::Nothing);
    }
    read(structure).map(Wanted::Tensor)
}

/// Whether a query asks for the wanted tensor.
pub fn is_tensor_query(query: &gst::QueryRef) -> bool {
    query.structure().is_some_and(|s| s.name() == TENSOR_QUERY)
}

/// Answers the query.
pub fn answer(query: &mut gst::QueryRef, wanted: &Wanted) {
    let array = |values: [f32; 3]| gst::Array::new(values);
    let structure = query.structure_mut();
    let Wanted::Tensor(spec) = wanted else {
        return structure.set(names::WANTED, false);
    };
    structure.set(names::WIDTH, spec.width);
    structure.set(names::HEIGHT, spec.height);
    structure.set(names::ELEMENT, spec.element.word());
    structure.set(names::FILTER, spec.filter.word());
    structure.set(names::LAYOUT, spec.layout.word());
    structure.set(names::COLOR, spec.color.word());
    structure.set(names::RESIZE, spec.resize.word());
    structure.set(names::PAD, u32::from(spec.pad_value));
    structure.set(names::MEAN, array(spec.mean));
    structure.set(names::STD, array(spec.std));
}

fn read(structure: &gst::StructureRef) -> Option<TensorSpec> {
    let text = |field| structure.get::<&str>(field).ok();
    let triple = |field| {
        let array = structure.get::<gst::ArrayRef<'_>>(field).ok()?;
        let values: Vec<f32> = array.iter().filter_map(|v| v.get().ok()).collect();
        <[f32; 3]>::try_from(values).ok()
    };
    Some(TensorSpec {
        width: structure.get(names::WIDTH).ok()?,
        height: structure.get(names::HEIGHT).ok()?,
        element: Word::from_word(text(names::ELEMENT)?)?,
        filter: Word::from_word(text(names::FILTER)?)?,
        layout: Word::from_word(text(names::LAYOUT)?)?,
        color: Word::from_word(text(names::COLOR)?)?,
        resize: Word::from_word(text(names::RESIZE)?)?,
        pad_value: u8::try_from(structure.get::<u32>(names::PAD).ok()?).ok()?,
        mean: triple(names::MEAN)?,
        std: triple(names::STD)?,
    })
}
