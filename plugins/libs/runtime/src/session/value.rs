// SPDX-License-Identifier: MIT OR Apache-2.0
//! ONNX Runtime's view of tensors that lie in our memory.

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use lynx_model::ElementType;
use lynx_tensor::AlignedBytes;
use ort::AsPointer;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::sys::{ONNXTensorElementDataType as Type, OrtValue};

use super::failed;
use crate::Error;

/// What a tensor is: its elements, and how many there are of them on each axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    pub element: ElementType,
    pub dims: Vec<usize>,
}

impl Shape {
    /// How many bytes such a tensor takes; `None` for elements that Lynx does not know, and for more
    /// of them than there is an address for.
    pub fn bytes(&self) -> Option<usize> {
        let mut dims = self.dims.iter();
        dims.try_fold(self.element_bytes()?, |bytes, dim| bytes.checked_mul(*dim))
    }

    /// Whether elements may lie there.
    pub(super) fn is_aligned(&self, memory: &[u8]) -> bool {
        let element = self.element_bytes();
        element.is_some_and(|bytes| memory.as_ptr().addr().is_multiple_of(bytes))
    }

    fn element_bytes(&self) -> Option<usize> {
        match self.element {
            ElementType::F32 | ElementType::I32 => Some(4),
            ElementType::F16 => Some(2),
            ElementType::I64 => Some(8),
            ElementType::U8 | ElementType::I8 => Some(1),
            ElementType::Other => None,
        }
    }

    /// The shape of so many of them, one after another.
    pub(crate) fn times(&self, count: usize) -> Self {
        let mut dims = self.dims.clone();
        if let Some(batch) = dims.first_mut() {
            *batch *= count;
        }
        let element = self.element;
        Self { element, dims }
    }

    fn type_(&self) -> Type {
        match self.element {
            ElementType::F32 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
            ElementType::F16 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
            ElementType::I64 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
            ElementType::I32 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
            ElementType::U8 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
            ElementType::I8 => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
            ElementType::Other => Type::ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED,
        }
    }
}

/// A tensor without memory of its own.
#[derive(Debug)]
pub(super) struct Value(NonNull<OrtValue>);

// SAFETY: a value is a description of memory that knows no thread.
unsafe impl Send for Value {}

impl Value {
    /// A tensor of `shape` at `data`.
    ///
    /// # Safety
    /// The memory must hold `len` bytes and stay where it is for as long as the value is used in
    /// runs; that of an output must not be read or written elsewhere during one, that of an input
    /// not be written.
    pub unsafe fn at(data: *mut u8, len: usize, shape: &Shape) -> Result<Self, Error> {
        let info = MemoryInfo::new(
            AllocationDevice::CPU,
            0,
            AllocatorType::Device,
            MemoryType::Default,
        )
        .map_err(failed)?;
        let dims: Vec<i64> = shape.dims.iter().map(|dim| *dim as i64).collect();
        let mut value = null_mut();
        // SAFETY: `info` and `dims` live through the call, which copies them; of the memory see
        // above. ONNX Runtime checks `len` against the shape.
        let status = unsafe {
            (ort::api().CreateTensorWithDataAsOrtValue)(
                info.ptr(),
                data.cast::<c_void>(),
                len,
                dims.as_ptr(),
                dims.len(),
                shape.type_(),
                &mut value,
            )
        };
        // SAFETY: the status is the call's, and nobody else's.
        unsafe { ort::Error::result_from_status(status) }.map_err(failed)?;
        NonNull::new(value).map(Self).ok_or_else(|| Error::Run {
            reason: "ONNX Runtime made no tensor".into(),
        })
    }

    pub fn ptr(&self) -> *mut OrtValue {
        self.0.as_ptr()
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: it was made by ONNX Runtime, for us alone.
        unsafe { (ort::api().ReleaseValue)(self.0.as_ptr()) }
    }
}

/// The memory of an input or output for runs of several sizes, which are one after another the
/// first of its tensors.
#[derive(Debug)]
pub(super) struct Tensors {
    // Before the memory that they describe.
    values: Vec<(usize, Value)>,
    memory: AlignedBytes,
    /// Of one image.
    one: Shape,
    /// Bytes of one image.
    bytes: usize,
}

impl Tensors {
    /// Zeros, in tensors of the shape `one` times each of `rungs`.
    pub fn new(one: Shape, rungs: &[usize]) -> Result<Self, Error> {
        let most = rungs.iter().copied().max().unwrap_or(1);
        let (bytes, all) = one
            .bytes()
            .and_then(|bytes| Some((bytes, bytes.checked_mul(most)?)))
            .ok_or_else(|| Error::Run {
                reason: format!("there are no {most} tensors of {one:?}"),
            })?;
        let mut memory = AlignedBytes::new(all);
        let data = memory.as_mut_ptr();
        let value = |rung: &usize| {
            // SAFETY: the memory holds the largest, is on the heap and stays there when `Tensors`
            // moves; while a run uses it, it is reached through `&mut self` alone.
            let value = unsafe { Value::at(data, bytes * rung, &one.times(*rung)) };
            value.map(|value| (*rung, value))
        };
        let values = rungs.iter().map(value).collect::<Result<_, _>>()?;
        Ok(Self {
            values,
            memory,
            one,
            bytes,
        })
    }

    /// The tensor of a run of `rung` images.
    pub fn value(&self, rung: usize) -> Result<*mut OrtValue, Error> {
        let value = self.values.iter().find(|(size, _)| *size == rung);
        value
            .map(|(_, value)| value.ptr())
            .ok_or_else(|| Error::Run {
                reason: format!("there is no memory for runs of {rung} images"),
            })
    }

    /// Of one image.
    pub fn shape(&self) -> &Shape {
        &self.one
    }

    /// The tensor of one image.
    pub fn image_mut(&mut self, index: usize) -> &mut [u8] {
        &mut self.memory[index * self.bytes..(index + 1) * self.bytes]
    }

    pub fn copy_image(&mut self, from: usize, to: usize) {
        let source = from * self.bytes..(from + 1) * self.bytes;
        self.memory.copy_within(source, to * self.bytes);
    }

    /// The tensors of the first `count` images.
    pub fn images(&self, count: usize) -> &[u8] {
        &self.memory[..count * self.bytes]
    }
}
