// SPDX-License-Identifier: MIT OR Apache-2.0
//! How `lynxpreprocess` learns which tensor to make, and of which frames: a custom query that
//! travels downstream and that `lynxinfer` answers from its model and its properties. When the
//! answer changes, a custom event tells upstream to ask again. GStreamer's own for that,
//! `reconfigure`, would have sources and decoders negotiate the video anew.

use gst::prelude::*;
use lynx_tensor::{TensorSpec, Word};

use crate::Schedule;
use crate::names::{TENSOR_CHANGED, TENSOR_QUERY, tensor as names};

/// What an element downstream wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The tensor of a whole frame; `None` where it makes those of parts of the frame itself.
    pub tensor: Option<TensorSpec>,
    /// On which frames it looks.
    pub schedule: Schedule,
}

/// Asks the elements downstream of `pad` which input tensor they want.
pub fn ask(pad: &gst::Pad) -> Option<Wanted> {
    let mut query = gst::query::Custom::new(gst::Structure::new_empty(TENSOR_QUERY));
    if !pad.peer_query(query.query_mut()) {
        return None;
    }
    let structure = query.structure()?;
    let tensor = match structure.get(names::WANTED) {
        Ok(false) => None,
        _ => Some(tensor(structure)?),
    };
    Some(Wanted {
        tensor,
        schedule: schedule(structure),
    })
}

/// Whether a query asks for the wanted tensor.
pub fn is_tensor_query(query: &gst::QueryRef) -> bool {
    query.structure().is_some_and(|s| s.name() == TENSOR_QUERY)
}

/// Tells the elements upstream of `pad` that the answer has changed.
pub fn announce_change(pad: &gst::Pad) {
    let structure = gst::Structure::new_empty(TENSOR_CHANGED);
    // Nobody may be there to take it.
    let _ = pad.push_event(gst::event::CustomUpstream::new(structure));
}

/// Whether an event says that the answer has changed.
pub fn is_change(event: &gst::EventRef) -> bool {
    event.has_name(TENSOR_CHANGED)
}

/// Answers the query.
pub fn answer(query: &mut gst::QueryRef, wanted: &Wanted) {
    let array = |values: [f32; 3]| gst::Array::new(values);
    let structure = query.structure_mut();
    structure.set(names::INTERVAL, wanted.schedule.interval);
    structure.set(names::MAX_RATE, wanted.schedule.max_rate);
    let Some(spec) = &wanted.tensor else {
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

/// Every frame, where the answer does not say.
fn schedule(structure: &gst::StructureRef) -> Schedule {
    let every = Schedule::default();
    Schedule {
        interval: structure.get(names::INTERVAL).unwrap_or(every.interval),
        max_rate: structure.get(names::MAX_RATE).unwrap_or(every.max_rate),
    }
}

fn tensor(structure: &gst::StructureRef) -> Option<TensorSpec> {
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
