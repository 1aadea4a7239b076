// SPDX-License-Identifier: MIT OR Apache-2.0

mod binding;
mod value;

use std::ffi::CString;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use lynx_model::{ElementType, ModelIo, OutputView, TensorInfo};
use lynx_tensor::Element;
use ndarray::ArrayD;
use ort::value::{
    DynValue, PrimitiveTensorElementType, TensorElementType, TensorRef, ValueRef, ValueType,
};

use crate::{Error, Library, Provider};

pub use binding::{Binding, Loaded};
pub use value::Shape;

/// How a session is built.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Providers in order of preference; the first that serves the model is used.
    pub providers: Vec<Provider>,
    /// Threads that one run uses; 0 leaves the choice to ONNX Runtime (one a physical core).
    pub intra_op_threads: usize,
}

/// A provider of the list that was passed over, and why.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub provider: Provider,
    pub reason: String,
}

/// What the inputs and outputs are called, as the C interface takes it.
#[derive(Debug)]
struct Names {
    inputs: Vec<CString>,
    outputs: Vec<CString>,
}

impl Names {
    fn new(io: &ModelIo) -> Self {
        let names = |tensors: &[TensorInfo]| {
            let names = tensors.iter().map(|t| CString::new(t.name.as_str()));
            names.map(Result::unwrap_or_default).collect()
        };
        Self {
            inputs: names(&io.inputs),
            outputs: names(&io.outputs),
        }
    }
}

/// A loaded model on the provider that runs it.
#[derive(Debug)]
pub struct Session {
    session: ort::session::Session,
    io: ModelIo,
    names: Names,
    /// Of each output whose size the batch alone decides: its elements.
    fixed_outputs: Vec<Option<ElementType>>,
    provider: Provider,
    refusals: Vec<Refusal>,
    partial: Option<String>,
}

impl Session {
    /// Loads the ONNX file `model` on the first provider of the list that takes it.
    pub fn load(model: &Path, options: &SessionOptions) -> Result<Self, Error> {
        check_file(model)?;
        let library = Library::open()?;
        let mut refusals = Vec::new();
        for &provider in &options.providers {
            match build(library, model, provider, options.intra_op_threads) {
                Ok((session, partial)) => {
                    let io = describe(&session);
                    return Ok(Self {
                        names: Names::new(&io),
                        fixed_outputs: fixed_outputs(&session),
                        session,
                        io,
                        provider,
                        refusals,
                        partial,
                    });
                }
                // A file that is no model is no model on any provider.
                Err(error) if is_model_error(&error) => {
                    return Err(Error::ModelInvalid {
                        path: model.into(),
                        version: library.version().into(),
                        reason: error.to_string(),
                    });
                }
                Err(error) => refusals.push(Refusal {
                    provider,
                    reason: error.to_string(),
                }),
            }
        }
        let refusals = refusals
            .iter()
            .map(|r| format!("{}: {}", r.provider, r.reason));
        Err(Error::NoProvider {
            model: model.into(),
            refusals: refusals.collect(),
            version: library.version().into(),
            library: library.path().into(),
            available: library.providers(),
        })
    }

    /// What the model file says of itself.
    pub fn io(&self) -> &ModelIo {
        &self.io
    }

    /// The provider that the session was built on.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The providers of the list that come before it and refused the model.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Why a part of the model runs on the CPU although another provider was asked for, which
    /// ONNX Runtime says only when it is forbidden to do so.
    pub fn partial(&self) -> Option<&str> {
        self.partial.as_deref()
    }

    /// Runs the model once on its only input, the bytes of a tensor of that type and shape. The
    /// outputs borrow the session until they are dropped.
    pub fn run(
        &mut self,
        element: Element,
        shape: [usize; 4],
        input: &[u8],
    ) -> Result<Outputs<'_>, Error> {
        let tensor = match element {
            Element::F32 => tensor::<f32>(shape, input),
            Element::F16 => tensor::<f16>(shape, input),
            Element::U8 => tensor::<u8>(shape, input),
            Element::I8 => tensor::<i8>(shape, input),
        };
        self.session
            .run(ort::inputs![tensor?])
            .map(Outputs)
            .map_err(failed)
    }
}

fn failed(error: ort::Error) -> Error {
    Error::Run {
        reason: error.to_string(),
    }
}

/// A view of a tensor's bytes.
fn tensor<T>(shape: [usize; 4], bytes: &[u8]) -> Result<ValueRef<'_>, Error>
where
    T: PrimitiveTensorElementType + bytemuck::AnyBitPattern + std::fmt::Debug + 'static,
{
    let elements: &[T] = bytemuck::try_cast_slice(bytes).map_err(|error| Error::Run {
        reason: format!("the input tensor's memory does not hold its elements: {error}"),
    })?;
    let tensor = TensorRef::from_array_view((shape, elements)).map_err(failed)?;
    Ok(tensor.into_dyn())
}

/// The output tensors of one run.
#[derive(Debug)]
pub struct Outputs<'a>(ort::session::SessionOutputs<'a>);

impl Outputs<'_> {
    /// Views of the tensors in the model's order.
    pub fn views(&self) -> Result<Vec<OutputView<'_>>, Error> {
        (0..self.0.len())
            .map(|index| view(index, &self.0[index]))
            .collect()
    }
}

fn check_file(model: &Path) -> Result<(), Error> {
    let unreadable = |reason: String| Error::ModelUnreadable {
        path: PathBuf::from(model),
        reason,
    };
    let file = std::fs::File::open(model).map_err(|error| unreadable(error.to_string()))?;
    let metadata = file
        .metadata()
        .map_err(|error| unreadable(error.to_string()))?;
    if metadata.is_dir() {
        return Err(unreadable("it is a folder".into()));
    }
    if metadata.len() == 0 {
        return Err(Error::ModelEmpty { path: model.into() });
    }
    Ok(())
}

/// Builds the session with all of the model on `provider` or, where that cannot be, with the
/// rest on ONNX Runtime's own CPU kernels and the reason beside it.
fn build(
    library: &Library,
    model: &Path,
    provider: Provider,
    intra_op_threads: usize,
) -> Result<(ort::session::Session, Option<String>), ort::Error> {
    let builder = || {
        ort::session::Session::builder(&library.environment)?
            .with_intra_threads(intra_op_threads)?
            .with_execution_providers([provider.dispatch(intra_op_threads)])
            .map_err(ort::Error::from)
    };
    if provider == Provider::Cpu {
        return Ok((builder()?.commit_from_file(model)?, None));
    }
    match builder()?
        .with_disable_cpu_fallback()?
        .commit_from_file(model)
    {
        Ok(session) => Ok((session, None)),
        Err(whole) => {
            let session = builder()?.commit_from_file(model)?;
            Ok((session, Some(whole.to_string())))
        }
    }
}

fn is_model_error(error: &ort::Error) -> bool {
    use ort::ErrorCode::{InvalidGraph, InvalidProtobuf, NoModel};
    matches!(error.code(), InvalidGraph | InvalidProtobuf | NoModel)
}

fn describe(session: &ort::session::Session) -> ModelIo {
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
fn fixed_outputs(session: &ort::session::Session) -> Vec<Option<ElementType>> {
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

fn view<'a>(index: usize, value: &'a DynValue) -> Result<OutputView<'a>, Error> {
    if let Ok(array) = value.try_extract_array::<f32>() {
        return Ok(OutputView::F32(array.into()));
    }
    if let Ok((shape, halves)) = value.try_extract_tensor::<f16>() {
        let dims: Vec<_> = shape.iter().map(|&dim| dim as usize).collect();
        // As a slice: one by one takes 1.7 times as long.
        let floats = ArrayD::from_shape_vec(dims, halves.to_f32_vec());
        let floats = floats.map_err(|error| Error::Run {
            reason: format!("output {index} has gaps: {error}"),
        })?;
        return Ok(OutputView::F32(floats.into()));
    }
    if let Ok(array) = value.try_extract_array::<i64>() {
        return Ok(OutputView::I64(array.into()));
    }
    if let Ok(array) = value.try_extract_array::<i32>() {
        return Ok(OutputView::I64(array.mapv(i64::from).into()));
    }
    Err(Error::OutputType {
        index,
        found: value.dtype().to_string(),
    })
}
