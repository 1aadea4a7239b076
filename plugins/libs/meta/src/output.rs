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

/// The value of a group's field in the structure that announces tensors.
#[cfg(feature = "v1_28")]
fn announcement(tensors: &[Announced]) -> Option<gst::glib::SendValue> {
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
        let id: String = tensor.id.bytes().map(escaped).collect();
        format!(
            "(GstCaps)[tensor/strided,tensor-id=(string)\"{id}\",dims=<{dims}>,dims-order={order},type={kind}]"
        )
    });
    let caps = caps.collect::<Vec<_>>().join(",");
    let text = format!("{TENSOR_GROUPS},group=(/uniquelist){{{caps}}}");
    let groups: gst::Structure = text.parse().ok()?;
    groups.value("group").ok().cloned()
}

/// A byte as a quoted string in caps may have it, whatever brackets are around.
#[cfg(feature = "v1_28")]
fn escaped(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

/// The caps field, and the structure in it: a field for each group.
const TENSORS: &str = "tensors";
#[cfg(feature = "v1_28")]
const TENSOR_GROUPS: &str = "tensorgroups";

/// A group's name as a field may be called.
#[cfg(feature = "v1_28")]
fn field(group: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = group.chars().map(plain).collect();
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("g{name}"),
    }
}

/// Adds an announcement of tensors to the caps: `group` is what the registry calls them together.
/// Before 1.28 there is no such field, and caps stay as they are.
///
/// It takes the place of what is announced already: caps come back from upstream with all that
/// decoders downstream would take, which `tensordecodebin` would then try to decode (1.28.8).
#[cfg_attr(not(feature = "v1_28"), allow(unused_variables))]
pub fn announce(caps: &mut gst::Caps, group: &str, tensors: &[Announced]) {
    #[cfg(feature = "v1_28")]
    withdraw(caps);
    #[cfg(feature = "v1_28")]
    if let Some(value) = announcement(tensors) {
        let mut groups = gst::Structure::new_empty(TENSOR_GROUPS);
        groups.set_value(field(group), value);
        for structure in caps.make_mut().iter_mut() {
            structure.set(TENSORS, &groups);
        }
    }
}

/// Takes the announcement off: what downstream asks for is nothing that upstream has to bring.
pub fn withdraw(caps: &mut gst::Caps) {
    for structure in caps.make_mut().iter_mut() {
        structure.remove_field(TENSORS);
    }
}
