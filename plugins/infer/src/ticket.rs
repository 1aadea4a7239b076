// SPDX-License-Identifier: MIT OR Apache-2.0
//! A frame on its way through the engine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use lynx_meta::Object;
use lynx_meta::element::lock;
use lynx_meta::tensor::FrameTensor;
use lynx_runtime::engine::{Answer, Failure, Request, Slot};
use lynx_tensor::Transform;

use crate::dump::Dump;
use crate::input::Input;
use crate::line::{Line, Pending};
use crate::reader::Reader;
use crate::regions::Region;
use crate::results::{Entry, Results};
use crate::settings::{Overload, Settings};
use crate::spent::Spent;

/// What all frames of a stream have in common.
pub(crate) struct Common {
    pub reader: Arc<Reader>,
    pub line: Line<Ticket>,
    pub dump: Mutex<Dump>,
}

/// What is known of a frame when it enters the line.
pub(crate) struct Entering {
    pub buffer: gst::Buffer,
    pub settings: Arc<Settings>,
    pub input: Arc<Input>,
    /// Each is an image for the model.
    pub regions: Vec<Region>,
    /// The objects that the frame came with, where it matters.
    pub objects: Vec<Object>,
    /// The tensor that was made upstream of the only region.
    pub ready: Option<FrameTensor>,
    /// Nothing is to be done: what it leaves with.
    pub outcome: Option<Outcome>,
    /// What becomes of it when it cannot be kept up with.
    pub overload: Overload,
}

/// A frame between the sink pad and the source pad.
pub(crate) struct Ticket {
    common: Arc<Common>,
    pub settings: Arc<Settings>,
    pub input: Arc<Input>,
    pub regions: Vec<Region>,
    pub objects: Vec<Object>,
    ready: Option<FrameTensor>,
    buffer: RwLock<Option<gst::Buffer>>,
    pub entered: Instant,
    /// When and for how long it is to be seen.
    pub times: (Option<gst::ClockTime>, Option<gst::ClockTime>),
    overload: Overload,
    progress: Mutex<Progress>,
    done: AtomicBool,
}

/// What a frame waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Queue,
    Run,
}

/// What became of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ran,
    Skipped,
    Late,
    Dropped,
    /// A run failed; others may not.
    Failed(String),
    /// It cannot be run on; nor can others.
    Broken(String),
}

#[derive(Default)]
struct Progress {
    /// Images without an answer.
    left: usize,
    /// Where the frame lies in the tensor of each image.
    transforms: Vec<Transform>,
    results: Results,
    spent: Spent,
    /// When its newest tensor was begun.
    begun: Option<Instant>,
    /// Images whose tensors are made, or being made, and that have no answer yet.
    running: usize,
    outcome: Option<Outcome>,
    warnings: Vec<String>,
}

/// A frame that leaves.
pub(crate) struct Leaving {
    pub buffer: Option<gst::Buffer>,
    pub outcome: Outcome,
    pub results: Results,
    pub spent: Spent,
    pub warnings: Vec<String>,
}

impl Ticket {
    pub fn new(common: &Arc<Common>, entering: Entering) -> Self {
        let left = entering.regions.len();
        let outcome = entering.outcome.or((left == 0).then_some(Outcome::Ran));
        let progress = Progress {
            left,
            transforms: vec![Transform::IDENTITY; left],
            results: Results::new(entering.objects.len()),
            outcome,
            ..Progress::default()
        };
        Self {
            common: Arc::clone(common),
            settings: entering.settings,
            input: entering.input,
            regions: entering.regions,
            objects: entering.objects,
            ready: entering.ready,
            times: (entering.buffer.pts(), entering.buffer.duration()),
            buffer: RwLock::new(Some(entering.buffer)),
            entered: Instant::now(),
            overload: entering.overload,
            done: AtomicBool::new(progress.outcome.is_some()),
            progress: Mutex::new(progress),
        }
    }

    /// Images for the model.
    pub fn images(&self) -> usize {
        self.regions.len()
    }

    /// What it waits for, and for how long it has.
    pub fn waits(&self) -> (Stage, Duration) {
        let progress = lock(&self.progress);
        match progress.begun.filter(|_| progress.running > 0) {
            Some(begun) => (Stage::Run, begun.elapsed()),
            None => (Stage::Queue, self.entered.elapsed()),
        }
    }

    /// Ends it, unless it has ended: answers that are still to come are of no use.
    pub fn end(&self, outcome: Outcome) {
        let mut progress = lock(&self.progress);
        if progress.outcome.is_none() {
            progress.outcome = Some(outcome);
            progress.spent.latency = self.entered.elapsed();
            drop(progress);
            self.done.store(true, Ordering::Release);
            self.common.line.wake();
        }
    }

    /// Takes it apart when it is done.
    pub fn leave(&self) -> Leaving {
        let mut buffer = self.buffer.write().unwrap_or_else(PoisonError::into_inner);
        let mut progress = lock(&self.progress);
        let mut warnings = std::mem::take(&mut progress.warnings);
        warnings.extend(self.input.warning());
        Leaving {
            buffer: buffer.take(),
            outcome: progress.outcome.clone().unwrap_or(Outcome::Late),
            results: std::mem::take(&mut progress.results),
            spent: std::mem::take(&mut progress.spent),
            warnings,
        }
    }

    fn begin(&self) {
        let mut progress = lock(&self.progress);
        if progress.begun.is_none() {
            progress.spent.queue = self.entered.elapsed();
        }
        progress.begun = Some(Instant::now());
        progress.running += 1;
    }

    fn dump(&self, tensor: &[u8]) {
        let warning = lock(&self.common.dump).write(self.input.spec(), tensor);
        if let Err(warning) = warning {
            lock(&self.progress).warnings.push(warning);
        }
    }

    /// Reads what the model says of one image.
    fn read(&self, image: usize, answer: &Answer<'_>) -> Result<(), String> {
        let reader = &self.common.reader;
        if let Some(outputs) = reader.outputs() {
            let mut buffer = self.buffer.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(buffer) = buffer.as_mut() {
                outputs.attach(buffer.make_mut(), &reader.entry(answer)?)?;
            }
        }
        let started = Instant::now();
        reader.read(answer, self.settings.decode, &mut |said| {
            let mut progress = lock(&self.progress);
            let entry = Entry {
                index: image,
                region: &self.regions[image],
                transform: progress.transforms[image],
                size: self.input.size(),
            };
            progress.results.take(&entry, said);
        })?;
        let mut progress = lock(&self.progress);
        progress.spent.decode += started.elapsed();
        progress.spent.add(answer.times);
        Ok(())
    }
}

impl Pending for Ticket {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }
}

impl Request for Ticket {
    fn fill(&self, image: usize, slot: &mut Slot<'_>) -> Result<(), String> {
        self.begin();
        let (tensor, writer) = self.common.reader.fill(slot)?;
        let transform = match &self.ready {
            Some(ready) => {
                let map = ready.data.map_readable().map_err(|e| e.to_string())?;
                // Of the shape that was checked when it came.
                tensor.copy_from_slice(&map);
                lock(&self.progress).spent.copies += 1;
                *writer = 0;
                ready.transform
            }
            None => {
                let buffer = self.buffer.read().unwrap_or_else(PoisonError::into_inner);
                let buffer = buffer.as_ref().ok_or("the frame has left")?;
                let region = &self.regions[image];
                self.input.fill(buffer, region, tensor, writer)?
            }
        };
        self.dump(tensor);
        lock(&self.progress).transforms[image] = transform;
        Ok(())
    }

    fn ready(&self, run: &mut dyn FnMut(&[u8])) -> bool {
        let ready = self.ready.as_ref();
        let Some(ready) = ready.filter(|_| self.common.reader.runs_ready()) else {
            return false;
        };
        let Ok(map) = ready.data.map_readable() else {
            return false;
        };
        self.begin();
        self.dump(&map);
        lock(&self.progress).transforms[0] = ready.transform;
        run(&map);
        true
    }

    fn patience(&self) -> Option<Duration> {
        let timeout = Duration::from_millis(self.settings.inference_timeout.into());
        (!timeout.is_zero()).then_some(timeout)
    }

    fn answer(&self, image: usize, answer: Result<Answer<'_>, Failure>) {
        let outcome = match answer {
            Ok(answer) => match self.read(image, &answer) {
                Ok(()) => Outcome::Ran,
                Err(reason) => Outcome::Broken(reason),
            },
            Err(Failure::Fill(reason) | Failure::Run(reason)) => Outcome::Failed(reason),
        };
        let mut progress = lock(&self.progress);
        progress.left = progress.left.saturating_sub(1);
        progress.running = progress.running.saturating_sub(1);
        let last = progress.left == 0;
        drop(progress);
        if last || outcome != Outcome::Ran {
            self.end(outcome);
        }
    }

    fn unanswered(&self) {
        if self.overload == Overload::Drop {
            // Its memory is wanted elsewhere before its turn comes.
            let mut buffer = self.buffer.write().unwrap_or_else(PoisonError::into_inner);
            *buffer = None;
            self.end(Outcome::Dropped);
        } else {
            self.end(Outcome::Late);
        }
    }
}
