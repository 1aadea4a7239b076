// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loops of nothing but runs of the model, on tensors that are there.

use std::path::Path;
use std::sync::Arc;

use lynx_model::describe::{Overrides, Sidecar, describe};
use lynx_runtime::engine::Runner;
use lynx_runtime::{Binding, Session, SessionOptions, Shape, parse_providers};

use crate::Failure;
use crate::options::Options;
use crate::sample::{Moment, Sample};

/// So many runs at the same time, of so many threads and images each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub requests: usize,
    /// 0 = ONNX Runtime's choice.
    pub threads: usize,
    pub batch: usize,
}

/// What is measured beside the pipelines: what they are asked to do, if that is said, one run on
/// all cores, one run a core, and half of the cores a run, with and without batches.
pub fn ways(options: &Options) -> Vec<Way> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut pairs = vec![(1, 0), (cores, 1)];
    if cores > 3 {
        pairs.push((2, cores / 2));
    }
    if options.nireq > 0 || options.threads > 0 {
        let requests = match options.nireq {
            0 => (cores / options.threads).max(1),
            requests => requests,
        };
        pairs.push((requests, options.threads));
    }
    let mut ways = Vec::new();
    for batch in [1, options.batch] {
        for (requests, threads) in &pairs {
            let way = Way {
                requests: *requests,
                threads: *threads,
                batch,
            };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    ways
}

/// A loop that is ready to run.
pub struct Bare {
    pub way: Way,
    bindings: Vec<Binding>,
}

impl Bare {
    /// Loads the model. `None` where it takes no such batch.
    pub fn new(options: &Options, way: Way) -> Result<Option<Self>, Failure> {
        let session_options = SessionOptions {
            providers: parse_providers(&options.provider)?,
            intra_op_threads: way.threads,
            ..SessionOptions::default()
        };
        let session = Arc::new(Session::load(Path::new(&options.model), &session_options)?);
        let sidecar = std::fs::read_to_string(format!("{}.json", options.model)).ok();
        let sidecar = sidecar.map(|text| Sidecar::parse(&text)).transpose()?;
        let size = Some(options.size).filter(|size| *size > 0);
        let overrides = Overrides {
            width: size,
            height: size,
            ..Overrides::default()
        };
        let description = describe("bench", session.io(), sidecar.as_ref(), &overrides)?;
        if way.batch > 1 && !description.dynamic_batch {
            return Ok(None);
        }
        let shapes = description.input_shapes().into_iter();
        let shapes: Vec<_> = shapes
            .map(|(element, dims)| Shape { element, dims })
            .collect();
        // A picture of nothing takes as long as any other.
        let bindings = (0..way.requests).map(|_| Binding::new(&session, &shapes, &[way.batch]));
        let bindings = bindings.collect::<Result<_, _>>()?;
        Ok(Some(Self { way, bindings }))
    }

    /// Runs on so many images or, of whole batches, a few more.
    pub fn measure(&mut self, frames: usize) -> Result<Sample, Failure> {
        let batch = self.way.batch;
        let runs = frames.div_ceil(batch * self.bindings.len());
        let start = Moment::now();
        let ran: Result<(), lynx_runtime::Error> = std::thread::scope(|scope| {
            let threads = self.bindings.iter_mut().map(|binding| {
                scope.spawn(move || {
                    binding.enter();
                    (0..runs).try_for_each(|_| binding.run(batch))
                })
            });
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .try_for_each(|t| t.join().unwrap_or(Ok(())))
        });
        ran?;
        let frames = runs * batch * self.bindings.len();
        Ok(start.until(Moment::now(), frames))
    }
}
