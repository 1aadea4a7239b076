// SPDX-License-Identifier: MIT OR Apache-2.0
//! The input tensor that travels beside a frame from `lynxpreprocess` to `lynxinfer`.

use std::sync::Once;

use gst::meta::CustomMeta;
use lynx_tensor::{Element, Transform, Word};

use crate::names::{TENSOR_META, tensor as names};

/// A tensor made from a frame.
#[derive(Debug, Clone)]
pub struct FrameTensor {
    /// The elements, in native byte order.
    pub data: gst::Buffer,
    pub element: Element,
    /// Dimensions as `TensorSpec::shape` gives them.
    pub shape: [usize; 4],
    /// Where the frame lies in the tensor.
    pub transform: Transform,
    /// Width and height of the frame that it was made from, in pixels. It is of no use for a
    /// frame of another size.
    pub frame_size: (u32, u32),
}

/// Puts a tensor beside the frame. One that is there already is replaced.
pub fn attach(
    buffer: &mut gst::BufferRef,
    tensor: FrameTensor,
) -> Result<(), gst::glib::BoolError> {
    detach(buffer);
    let shape = gst::Array::new(tensor.shape.map(|d| d as u64));
    let mut meta = CustomMeta::add(buffer, TENSOR_META)?;
    let structure = meta.mut_structure();
    structure.set(names::DATA, tensor.data);
    structure.set(names::ELEMENT, tensor.element.word());
    structure.set(names::SHAPE, shape);
    structure.set(names::SCALE_X, tensor.transform.scale_x);
    structure.set(names::SCALE_Y, tensor.transform.scale_y);
    structure.set(names::OFFSET_X, tensor.transform.offset_x);
    structure.set(names::OFFSET_Y, tensor.transform.offset_y);
    structure.set(names::FRAME_WIDTH, tensor.frame_size.0);
    structure.set(names::FRAME_HEIGHT, tensor.frame_size.1);
    Ok(())
}

/// Takes the tensor off the frame, so that its memory goes back to its pool.
pub fn detach(buffer: &mut gst::BufferRef) -> Option<FrameTensor> {
    register();
    let meta = CustomMeta::from_mut_buffer(buffer, TENSOR_META).ok()?;
    let tensor = read(meta.structure());
    let _ = meta.remove();
    tensor
}

fn read(structure: &gst::StructureRef) -> Option<FrameTensor> {
    let number = |field| structure.get::<f32>(field).ok();
    let shape = structure.get::<gst::ArrayRef<'_>>(names::SHAPE).ok()?;
    let mut dims = [0; 4];
    for (dim, value) in dims.iter_mut().zip(shape.as_slice()) {
        *dim = usize::try_from(value.get::<u64>().ok()?).ok()?;
    }
    Some(FrameTensor {
        data: structure.get(names::DATA).ok()?,
        element: Element::from_word(structure.get(names::ELEMENT).ok()?)?,
        shape: dims,
        transform: Transform {
            scale_x: number(names::SCALE_X)?,
            scale_y: number(names::SCALE_Y)?,
            offset_x: number(names::OFFSET_X)?,
            offset_y: number(names::OFFSET_Y)?,
        },
        frame_size: (
            structure.get(names::FRAME_WIDTH).ok()?,
            structure.get(names::FRAME_HEIGHT).ok()?,
        ),
    })
}

/// Registers the meta unless another copy of Lynx in this process has.
fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !CustomMeta::is_registered(TENSOR_META) {
            CustomMeta::register_with_transform(TENSOR_META, &[], carry_over);
        }
    });
}

/// Copies the tensor to another buffer of the same pixels.
///
/// Not to a frame that an element made anew: some (`videoflip` in 1.22) copy all metadata to a
/// frame that looks different. `lynxinfer` makes the tensor of such a frame itself.
fn carry_over(
    to: &mut gst::BufferRef,
    meta: &CustomMeta,
    from: &gst::BufferRef,
    _transform: gst::glib::Quark,
) -> bool {
    let pixels = |buffer: &gst::BufferRef| {
        let whole = buffer.n_memory() > 0;
        whole.then(|| buffer.peek_memory(0).as_ptr())
    };
    if pixels(to).is_none() || pixels(to) != pixels(from) {
        return false;
    }
    let Ok(mut copy) = CustomMeta::add(to, TENSOR_META) else {
        return false;
    };
    let copy = copy.mut_structure();
    for (field, value) in meta.structure().iter() {
        copy.set_value(field, value.clone());
    }
    true
}
