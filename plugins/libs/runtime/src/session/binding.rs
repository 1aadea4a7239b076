// SPDX-License-Identifier: MIT OR Apache-2.0
//! The memory of a run, used again by the next one.

use std::ffi::CString;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::time::Duration;

use bytemuck::cast_slice;
use half::f16;
use half::slice::HalfFloatSliceExt;
use lynx_model::{ElementType, OutputView};
use ndarray::ArrayViewD;
use ort::AsPointer;
use ort::session::RunOptions;
use ort::sys::OrtValue;
use ort::value::DynValue;

use super::value::{Shape, Tensors, Value};
use super::{Session, failed, view};
use crate::Error;
use crate::engine::{Backend, Runner};

/// The memory of inputs and outputs of a session, for runs of some sizes.
///
/// Runs on several bindings of one session may go on at the same time.
pub struct Binding {
    inputs: Vec<Tensors>,
    outputs: Vec<Output>,
    options: Arc<RunOptions>,
    /// Images of the last run.
    ran: usize,
    // After the outputs, which may lie in its memory.
    session: Arc<Session>,
}

struct Output {
    place: Place,
    /// Room for half precision, widened.
    wide: Vec<f32>,
}

/// Where an output lies.
enum Place {
    /// In memory that each run writes to.
    Bound(Tensors),
    /// Where ONNX Runtime puts it, because its size depends on what the inputs show.
    Open(Option<DynValue>),
}

impl Binding {
    /// Memory for inputs of these shapes of one image, in the model's order, and runs of `rungs`
    /// images. Runs the model on zeros, so that nothing is new to the first real run;
    /// [`views`](Runner::views) shows what it gave.
    pub fn new(session: &Arc<Session>, inputs: &[Shape], rungs: &[usize]) -> Result<Self, Error> {
        let declared = session.io.inputs.len();
        if inputs.len() != declared {
            return Err(Error::Run {
                reason: format!("{} tensors for {declared} inputs", inputs.len()),
            });
        }
        let inputs = inputs.iter().map(|one| Tensors::new(one.clone(), rungs));
        let outputs = session.io.outputs.iter().map(|_| Output {
            place: Place::Open(None),
            wide: Vec::new(),
        });
        let mut binding = Self {
            inputs: inputs.collect::<Result<_, _>>()?,
            outputs: outputs.collect(),
            options: Arc::new(RunOptions::new().map_err(failed)?),
            ran: 0,
            session: Arc::clone(session),
        };
        // The largest first: what ONNX Runtime then holds is enough for the others.
        let mut ones = Vec::new();
        for rung in rungs.iter().rev() {
            binding.run(*rung)?;
            let these = binding.outputs.iter().map(|output| output.one(*rung));
            if ones.is_empty() {
                ones.extend(these);
                continue;
            }
            // A model may take no batches although its file says so.
            for (one, this) in ones.iter_mut().zip(these) {
                *one = one.take().filter(|one| Some(one) == this.as_ref());
            }
        }
        binding.bind_outputs(ones, rungs)?;
        binding.run(binding.ran)?;
        Ok(binding)
    }

    /// Gives the outputs whose size the batch alone decides a place for good. Of those `ones` has
    /// the shape for one image.
    fn bind_outputs(
        &mut self,
        ones: Vec<Option<Vec<usize>>>,
        rungs: &[usize],
    ) -> Result<(), Error> {
        let fixed = self.session.fixed_outputs.iter().zip(ones);
        for (output, (element, one)) in self.outputs.iter_mut().zip(fixed) {
            if let (Some(element), Some(dims)) = (*element, one) {
                output.place = Place::Bound(Tensors::new(Shape { element, dims }, rungs)?);
            }
        }
        Ok(())
    }

    fn run_on(&mut self, rung: usize, inputs: &[*mut OrtValue]) -> Result<(), Error> {
        let outputs = self.outputs.iter_mut().map(|output| output.begin(rung));
        let mut outputs = outputs.collect::<Result<Vec<_>, _>>()?;
        let names = &self.session.names;
        let (input_names, output_names) = (pointers(&names.inputs), pointers(&names.outputs));
        // SAFETY: all pointers are those of values and names that live through the call, and the
        // lengths are theirs. ONNX Runtime documents that runs of one session may go on at the
        // same time; what a run writes to is this binding's alone, by `&mut self`.
        let status = unsafe {
            (ort::api().Run)(
                self.session.session.ptr().cast_mut(),
                self.options.ptr(),
                input_names.as_ptr(),
                inputs.as_ptr().cast(),
                inputs.len(),
                output_names.as_ptr(),
                outputs.len(),
                outputs.as_mut_ptr(),
            )
        };
        // SAFETY: the status is the call's, and nobody else's.
        let result = unsafe { ort::Error::result_from_status(status) }.map_err(failed);
        if result.is_err() {
            let _ = self.options.unterminate();
        }
        result?;
        self.ran = rung;
        for (output, value) in self.outputs.iter_mut().zip(outputs) {
            output.end(rung, value, &self.session)?;
        }
        Ok(())
    }
}

fn pointers(names: &[CString]) -> Vec<*const std::ffi::c_char> {
    names.iter().map(|name| name.as_ptr()).collect()
}

impl Runner for Binding {
    /// Has the thread run where the session's own do.
    fn enter(&self) {
        if let Some(cpus) = &self.session.cpu_affinity {
            // They were checked when the session was loaded.
            let _ = cpus.pin_this_thread();
        }
    }

    fn image(&mut self, index: usize) -> Vec<&mut [u8]> {
        let images = self.inputs.iter_mut().map(|input| input.image_mut(index));
        images.collect()
    }

    fn copy_image(&mut self, from: usize, to: usize) {
        for input in &mut self.inputs {
            input.copy_image(from, to);
        }
    }

    fn run(&mut self, rung: usize) -> Result<(), Error> {
        let inputs = self.inputs.iter().map(|input| input.value(rung));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        self.run_on(rung, &inputs)
    }

    fn run_ready(&mut self, first: &[u8]) -> Result<(), Error> {
        let Some((own, rest)) = self.inputs.split_first() else {
            return self.run(1);
        };
        if !own.shape().is_aligned(first) {
            return Err(Error::Run {
                reason: "the input tensor's memory is not aligned to its elements".into(),
            });
        }
        // SAFETY: the value goes before the borrow ends, and runs do not write to inputs.
        let value = unsafe { Value::at(first.as_ptr().cast_mut(), first.len(), own.shape()) }?;
        let rest = rest.iter().map(|input| input.value(1));
        let inputs = std::iter::once(Ok(value.ptr())).chain(rest);
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        self.run_on(1, &inputs)
    }

    fn views(&self) -> Result<Vec<OutputView<'_>>, Error> {
        let views = self.outputs.iter().enumerate();
        views
            .map(|(index, output)| output.view(index, self.ran))
            .collect()
    }

    fn terminate(&self) -> Box<dyn Fn() + Send + Sync> {
        let options = Arc::clone(&self.options);
        Box::new(move || {
            let _ = options.terminate();
        })
    }
}

impl Output {
    /// Its shape for one image, by that of a run of so many; `None` unless it is these images' one
    /// after another.
    fn one(&self, images: usize) -> Option<Vec<usize>> {
        let Place::Open(Some(value)) = &self.place else {
            return None;
        };
        let mut dims: Vec<_> = value.shape().iter().map(|dim| *dim as usize).collect();
        let batch = dims.first_mut().filter(|batch| **batch == images)?;
        *batch = 1;
        Some(dims)
    }

    /// Where a run is to put it; null where ONNX Runtime finds a place.
    fn begin(&mut self, rung: usize) -> Result<*mut OrtValue, Error> {
        match &mut self.place {
            Place::Bound(tensors) => tensors.value(rung),
            Place::Open(before) => {
                *before = None;
                Ok(null_mut())
            }
        }
    }

    /// Takes what a run has put there.
    fn end(&mut self, rung: usize, value: *mut OrtValue, session: &Session) -> Result<(), Error> {
        match &mut self.place {
            Place::Open(place) => {
                let value = NonNull::new(value).ok_or_else(|| Error::Run {
                    reason: "an output is missing".into(),
                })?;
                let allocator = session.session.allocator();
                // SAFETY: the run has made the value for us, with the session's allocator.
                *place = Some(unsafe { DynValue::from_ptr(value, Some(allocator)) });
            }
            Place::Bound(tensors) if tensors.shape().element == ElementType::F16 => {
                let halves: &[f16] = cast_slice(tensors.images(rung));
                self.wide.resize(halves.len(), 0.0);
                halves.convert_to_f32_slice(&mut self.wide);
            }
            Place::Bound(_) => {}
        }
        Ok(())
    }

    fn view(&self, index: usize, rung: usize) -> Result<OutputView<'_>, Error> {
        let tensors = match &self.place {
            Place::Bound(tensors) => tensors,
            Place::Open(Some(value)) => return view(index, value),
            Place::Open(None) => {
                return Err(Error::Run {
                    reason: "there was no run".into(),
                });
            }
        };
        let dims = tensors.shape().times(rung).dims;
        let bytes = tensors.images(rung);
        let view = match tensors.shape().element {
            ElementType::F32 => floats(&dims, cast_slice(bytes)),
            ElementType::F16 => floats(&dims, &self.wide),
            _ => ArrayViewD::from_shape(dims, cast_slice(bytes))
                .ok()
                .map(|integers| OutputView::I64(integers.into())),
        };
        view.ok_or_else(|| Error::Run {
            reason: format!("output {index} is not {:?}", tensors.shape()),
        })
    }
}

fn floats<'a>(dims: &[usize], floats: &'a [f32]) -> Option<OutputView<'a>> {
    let view = ArrayViewD::from_shape(dims, floats).ok()?;
    Some(OutputView::F32(view.into()))
}

/// A session with the shapes of its inputs for one image, in the model's order.
pub struct Loaded {
    pub session: Arc<Session>,
    pub inputs: Vec<Shape>,
}

impl Backend for Loaded {
    fn runner(&self, rungs: &[usize]) -> Result<Box<dyn Runner>, Error> {
        let binding = Binding::new(&self.session, &self.inputs, rungs)?;
        Ok(Box::new(binding))
    }

    /// A minute, as a GPU tries its kernels first, and ten seconds an image: models that take
    /// longer do not run on streams. For ever where the first run may have to compile.
    fn patience(&self, rungs: &[usize], first: bool) -> Option<Duration> {
        if first && self.session.compiles {
            return None;
        }
        // Each size is run before and after its outputs are bound.
        let images = 2 * rungs.iter().sum::<usize>();
        let images = u32::try_from(images).unwrap_or(u32::MAX);
        Some(Duration::from_secs(60) + Duration::from_secs(10).saturating_mul(images))
    }
}
