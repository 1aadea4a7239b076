// SPDX-License-Identifier: MIT OR Apache-2.0
//! A model's output tensors as GStreamer's tensor decoders take them: `GstTensorMeta` (1.26 and
//! newer) and, from 1.28 on, a field `tensors` in the caps that announces them.

/// An output tensor of one run.
#[derive(Debug, Clone, Copy)]
pub struct OutputTensor<'a> {
    /// What its contents mean, as registered in the tensor id registry, or the tensor's own name.
    pub id: &'a str,
    pub dims: &'a [usize],
    pub order: Order,
    pub elements: Elements<'a>,
}

/// How the registry calls the order of a tensor's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The fields of one candidate lie together.
    RowMajor,
    /// One field of all candidates lies together.
    ColMajor,
}

#[derive(Debug, Clone, Copy)]
pub enum Elements<'a> {
    F32(&'a [f32]),
    I64(&'a [i64]),
}

/// Whether this build can attach tensors.
pub const AVAILABLE: bool = cfg!(feature = "v1_26");

/// Puts the tensors of one run on a frame, in native byte order.
///
/// # Errors
/// In a build without the cargo feature `v1_26`, and when there is no memory.
#[cfg(feature = "v1_26")]
pub fn attach(
    buffer: &mut gst::BufferRef,
    tensors: &[OutputTensor<'_>],
) -> Result<(), gst::glib::BoolError> {
    use gst_analytics::{Tensor, TensorDataType, TensorDimOrder, TensorMeta};

    let tensor = |tensor: &OutputTensor<'_>| {
        let (kind, bytes): (_, &[u8]) = match tensor.elements {
            Elements::F32(elements) => (TensorDataType::Float32, bytemuck::cast_slice(elements)),
            Elements::I64(elements) => (TensorDataType::Int64, bytemuck::cast_slice(elements)),
        };
        let order = match tensor.order {
            Order::RowMajor => TensorDimOrder::RowMajor,
            Order::ColMajor => TensorDimOrder::ColMajor,
        };
        let mut data = gst::Buffer::with_size(bytes.len())?;
        if let Some(data) = data.get_mut() {
            data.copy_from_slice(0, bytes)
                .map_err(|_| gst::glib::bool_error!("a tensor of {} bytes", bytes.len()))?;
        }
        let id = gst::glib::Quark::from_str(tensor.id);
        Ok(Tensor::new_simple(id, kind, data, order, tensor.dims))
    };
    let tensors: Vec<_> = tensors.iter().map(tensor).collect::<Result<_, _>>()?;
    TensorMeta::add(buffer).set(tensors.into());
    Ok(())
}

#[cfg(not(feature = "v1_26"))]
pub fn attach(_: &mut gst::BufferRef, _: &[OutputTensor<'_>]) -> Result<(), gst::glib::BoolError> {
    Err(gst::glib::bool_error!(
        "this build has no GstTensorMeta: build with the cargo feature v1_26"
    ))
}

/// A tensor to come.
#[derive(Debug, Clone)]
pub struct Announced {
    /// As [`OutputTensor::id`].
    pub id: String,
    /// Its dimensions; `None` for one that is not known.
    pub dims: Vec<Option<usize>>,
    pub order: Order,
    /// Whether it holds `i64` instead of `f32`.
    pub integer: bool,
}

/// The caps field that announces a group of tensors.
#[cfg(feature = "v1_28")]
fn announcement(group: &str, tensors: &[Announced]) -> Option<gst::glib::SendValue> {
    let caps = tensors.iter().map(|tensor| {
        let dims = tensor.dims.iter().map(|dim| match dim {
            Some(dim) => format!("(int){dim}"),
            None => "(int)[1,max]".to_owned(),
        });
        let dims = dims.collect::<Vec<_>>().join(",");
        let order = match tensor.order {
            Order::RowMajor => "row-major",
            Order::ColMajor => "col-major",
        };
        let kind = if tensor.integer { "int64" } else { "float32" };
        let id = &tensor.id;
        format!(
            "(GstCaps)[tensor/strided,tensor-id={id},dims=<{dims}>,dims-order={order},type={kind}]"
        )
    });
    let caps = caps.collect::<Vec<_>>().join(",");
    let text = format!("a/b,tensors=(structure)[tensorgroups,{group}=(/uniquelist){{{caps}}}]");
    let caps: gst::Caps = text.parse().ok()?;
    caps.structure(0)?.value("tensors").ok().cloned()
}

/// The caps with an announcement of tensors, or without any: `group` is what the registry calls
/// the tensors together. Before 1.28 there is no such field, and caps stay as they are.
#[cfg_attr(not(feature = "v1_28"), allow(unused_variables))]
pub fn announce(caps: &mut gst::Caps, group: &str, tensors: &[Announced]) {
    #[cfg(feature = "v1_28")]
    if let Some(value) = announcement(group, tensors) {
        for structure in caps.make_mut().iter_mut() {
            structure.set_value("tensors", value.clone());
        }
    }
}

/// Takes [`announce`]'s field off.
pub fn withdraw(caps: &mut gst::Caps) {
    for structure in caps.make_mut().iter_mut() {
        structure.remove_field("tensors");
    }
}
