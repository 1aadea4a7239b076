// SPDX-License-Identifier: MIT OR Apache-2.0

mod assignment;
mod binding;
mod describe;
mod load;
mod value;

use std::ffi::CString;
use std::path::Path;

use half::f16;
use half::slice::HalfFloatSliceExt;
use lynx_model::{ElementType, ModelIo, OutputView, TensorInfo};
use ndarray::ArrayD;
use ort::value::DynValue;

use self::assignment::assigned_operators;
use self::describe::{describe, fixed_outputs};
use self::load::Built;
use crate::placement::{Placement, ProviderPolicy, Verdict, verdict};
use crate::{CpuSet, Error, Provider, SessionOptions};

pub use binding::{Binding, Loaded};
pub(crate) use load::io;
pub use value::Shape;

/// A provider of the list that was passed over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    requested: Vec<Provider>,
    cpu_affinity: Option<CpuSet>,
    /// Its first run of a size may take as long as compiling does.
    compiles: bool,
    refusals: Vec<Refusal>,
    placement: Result<Placement, String>,
    cache_problem: Option<String>,
    // After all that has memory.
    _returned: Returned,
}

/// When it goes, memory that was freed goes back to the system: glibc keeps most of what was a model's
/// weights otherwise, which are more than all else that a program of cameras has.
#[derive(Debug)]
struct Returned;

impl Drop for Returned {
    fn drop(&mut self) {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        // SAFETY: it gives back what nobody has, and is called from any thread.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

impl Session {
    /// Loads the ONNX file `model` on those providers of the list that take it.
    pub fn load(model: &Path, options: &SessionOptions) -> Result<Self, Error> {
        let Built {
            session,
            providers,
            refusals,
            mut notes,
        } = load::load(model, options)?;
        let io = describe(&session);
        let placement = match assigned_operators(&session) {
            Ok(operators) => Ok(Placement::new(operators)),
            Err(error) => Err(error.to_string()),
        };
        let provider = foremost(&providers, placement.as_ref().ok());
        if !provider.takes(options.precision) {
            let precision = options.precision;
            notes.push(format!(
                "{provider} does not compute in {precision}: it runs the model in its own types"
            ));
        }
        Ok(Self {
            names: Names::new(&io),
            fixed_outputs: fixed_outputs(&session),
            provider,
            compiles: options.compiles(provider),
            requested: options.providers.clone(),
            cpu_affinity: options.cpu_affinity.clone(),
            placement: placement.map(|placement| placement.with_notes(notes)),
            session,
            io,
            refusals,
            cache_problem: None,
            _returned: Returned,
        })
    }

    /// What the model file says of itself.
    pub fn io(&self) -> &ModelIo {
        &self.io
    }

    /// The provider that runs the model: the one that took most of its heavy operators.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The providers of the list that refused the model.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Which operators each provider took, or why ONNX Runtime does not say.
    pub fn placement(&self) -> Result<&Placement, &str> {
        self.placement.as_ref().map_err(String::as_str)
    }

    /// Why what a provider compiled could not be kept, with the remedy; it runs all the same.
    pub fn cache_problem(&self) -> Option<&str> {
        self.cache_problem.as_deref()
    }

    pub(crate) fn with_cache_problem(self, cache_problem: Option<String>) -> Self {
        Self {
            cache_problem,
            ..self
        }
    }

    /// Whether the model runs where it was asked for.
    pub fn verdict(&self, policy: ProviderPolicy) -> Verdict {
        verdict(policy, &self.requested, self.placement(), &self.refusals)
    }
}

/// Which of the providers took most; without a placement the first.
fn foremost(providers: &[Provider], placement: Option<&Placement>) -> Provider {
    let share = |provider| placement.map_or(0.0, |placement| placement.share(provider));
    let mut all = providers.iter().copied().chain([Provider::Cpu]);
    let first = all.next().unwrap_or(Provider::Cpu);
    all.fold(first, |foremost, provider| {
        match share(provider) > share(foremost) {
            true => provider,
            false => foremost,
        }
    })
}

fn failed(error: ort::Error) -> Error {
    Error::Run {
        reason: error.to_string(),
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
