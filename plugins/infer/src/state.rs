// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs between start and stop: from a frame to what the model says of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gst_video::VideoInfo;
use lynx_meta::tensor::FrameTensor;
use lynx_meta::{FrameClock, Object, Scheduler, Stage, frame, objects, tensor};
use lynx_tensor::{TensorSpec, Word};

use crate::batch::{Batch, runs};
use crate::cache::Cache;
use crate::dump::Dump;
use crate::model::{Model, Times};
use crate::regions::{Places, Region, around};
use crate::results::{Entry, Results};
use crate::settings::Settings;

/// What runs between start and stop.
pub(crate) struct State {
    pub model: Model,
    places: Places,
    /// What the caps decide.
    input: Option<Input>,
    clock: FrameClock,
    /// For frames that nobody upstream has decided on.
    scheduler: Scheduler,
    /// The objects that the frame came with, where it matters.
    objects: Vec<Object>,
    regions: Vec<Region>,
    results: Results,
    cache: Cache,
    dump: Dump,
    /// What the user is to be told, once said.
    pub warnings: Vec<String>,
}

struct Input {
    info: VideoInfo,
    /// Made for the first frame that brings no tensor along.
    batch: Option<Batch>,
    /// Where regions are the same on every frame: they.
    regions: Option<Vec<Region>>,
}

/// What looking at one frame took and gave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looked {
    pub regions: usize,
    pub runs: usize,
    /// Objects found or, by a classifier, classified.
    pub objects: usize,
    pub inference: Duration,
}

impl State {
    /// The error says which settings do not go together.
    pub fn new(model: Model, settings: &Settings) -> Result<Self, String> {
        let places = Places::new(settings)?;
        if model.outputs().is_some() && !matches!(places, Places::FullFrame) {
            return Err(
                "output-tensor-meta hands on the output tensors of a whole frame; leave \
                 inference-region, regions and tiles at their defaults"
                    .into(),
            );
        }
        if model.is_classifier() && !matches!(places, Places::Objects(_)) {
            return Err(format!(
                "model {} is a classifier, which says what an object is and finds none; put it \
                 after a detector and set inference-region=roi-list",
                model.description().name
            ));
        }
        let dump = Dump::new(settings, &model.description().name)?;
        Ok(Self {
            model,
            places,
            input: None,
            clock: FrameClock::default(),
            scheduler: Scheduler::default(),
            objects: Vec::new(),
            regions: Vec::new(),
            results: Results::default(),
            cache: Cache::default(),
            dump,
            warnings: Vec::new(),
        })
    }

    /// Takes the caps of the frames to come.
    pub fn set_info(&mut self, info: VideoInfo) {
        self.input = Some(Input {
            info,
            batch: None,
            regions: None,
        });
    }

    /// Forgets the frames before a flush.
    pub fn flush(&mut self) {
        self.scheduler.reset();
        self.cache.clear();
    }

    /// Whether it looks at the frame in one piece, so that a ready-made tensor is of use.
    pub fn takes_tensor(&self) -> bool {
        matches!(self.places, Places::FullFrame)
    }

    /// Whether it looks at what other elements have found.
    pub fn is_second(&self) -> bool {
        matches!(self.places, Places::Objects(_))
    }

    /// Whether the model is to run on the frame, as an element upstream or the schedule says.
    pub fn decide(&mut self, buffer: &mut gst::BufferRef, settings: &Settings) -> bool {
        let info = self.input.as_ref().map(|input| &input.info);
        let time = self.clock.time(buffer, info);
        self.scheduler.set(settings.schedule);
        let due = frame::decide(buffer, &mut self.scheduler, time);
        frame::clear_due(buffer);
        due
    }

    /// Runs the model on the frame, or its parts, and adds what it says.
    pub fn look(
        &mut self,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
    ) -> Result<Looked, String> {
        let ready = tensor::detach(buffer);
        let mut input = self.input.take().ok_or("no caps before the first frame")?;
        let result = self.look_with(&mut input, ready, buffer, settings);
        self.input = Some(input);
        result
    }

    fn look_with(
        &mut self,
        input: &mut Input,
        ready: Option<FrameTensor>,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
    ) -> Result<Looked, String> {
        let size = (input.info.width(), input.info.height());
        self.set_regions(input, buffer, settings)?;
        if let Places::Motion = self.places {
            let part = self.regions.first().filter(|r| !r.is_whole(size));
            frame::set_looked_at(buffer, part.map(|r| &r.rect));
        }
        self.results.begin(self.objects.len());
        if self.model.is_classifier() {
            self.recall(buffer, settings);
        }
        let ready = ready.filter(|ready| self.takes_tensor() && ready.frame_size == size);
        let mut looked = match ready {
            Some(ready) => self.run_ready(&ready, buffer)?,
            None => self.run_regions(input, buffer, settings)?,
        };
        let description = Arc::clone(self.model.description());
        looked.objects = if self.model.is_classifier() {
            self.note(buffer);
            self.results.add_classes(buffer, &description)
        } else {
            let whence = (&self.regions[..], &self.objects[..]);
            self.results
                .add_objects(buffer, size, settings, &description, whence)
        };
        Ok(looked)
    }

    /// Passes over a frame; what a classifier said of an object stays with it.
    pub fn skip(&mut self, buffer: &mut gst::BufferRef) {
        tensor::detach(buffer);
        let Some(input) = self.input.as_ref().filter(|_| self.model.is_classifier()) else {
            return;
        };
        let size = (input.info.width(), input.info.height());
        self.results.begin(objects::iter(buffer, size).count());
        for (index, object) in objects::iter(buffer, size).enumerate() {
            let said = object.identity.and_then(|i| self.cache.last(i.id));
            self.results.say(index, said);
        }
        self.results.add_classes(buffer, self.model.description());
    }

    /// Finds out which parts of this frame to look at.
    fn set_regions(
        &mut self,
        input: &mut Input,
        buffer: &gst::BufferRef,
        settings: &Settings,
    ) -> Result<(), String> {
        let size = (input.info.width(), input.info.height());
        match &self.places {
            Places::FullFrame => {
                self.regions.clear();
                self.regions.push(Region::whole(size));
            }
            Places::Areas(areas) => {
                let same = match input.regions.take() {
                    Some(regions) => regions,
                    None => areas.regions(size)?,
                };
                self.regions.clone_from(&same);
                input.regions = Some(same);
            }
            Places::Objects(filter) => {
                self.objects.clear();
                self.objects.extend(objects::iter(buffer, size));
                let turned = self.model.is_classifier();
                filter.regions(&self.objects, size, settings, turned, &mut self.regions);
            }
            Places::Motion => {
                let moving = frame::motion(buffer, size).and_then(|motion| motion.region);
                let input = (self.model.spec().width, self.model.spec().height);
                self.regions.clear();
                self.regions.push(match moving {
                    Some(moving) => around(&moving, size, input).into(),
                    None => Region::whole(size),
                });
            }
        }
        Ok(())
    }

    /// Leaves out the objects of which it is known what they are.
    fn recall(&mut self, buffer: &gst::BufferRef, settings: &Settings) {
        let now = time(buffer);
        self.regions.retain(|region| {
            let Some(index) = region.object else {
                return true;
            };
            let identity = self.objects.get(index).and_then(|o| o.identity);
            let known =
                identity.and_then(|i| self.cache.recall(i.id, settings.reclassify_interval, now));
            if let Some(class) = known {
                self.results.say(index, class);
            }
            known.is_none()
        });
    }

    /// Notes what was said of the objects that were looked at.
    fn note(&mut self, buffer: &gst::BufferRef) {
        let now = time(buffer);
        for index in self.regions.iter().filter_map(|region| region.object) {
            if let Some(identity) = self.objects.get(index).and_then(|o| o.identity) {
                self.cache.note(identity.id, self.results.said(index), now);
            }
        }
    }

    /// Runs the model on the tensor that `lynxpreprocess` made.
    fn run_ready(
        &mut self,
        ready: &FrameTensor,
        buffer: &mut gst::BufferRef,
    ) -> Result<Looked, String> {
        check_shape(ready, self.model.spec())?;
        let outputs = self.model.outputs().cloned();
        let entry = Entry {
            index: 0,
            region: &Region::whole(ready.frame_size),
            transform: ready.transform,
            size: ready.frame_size,
        };
        let (model, results) = (&mut self.model, &mut self.results);
        let map = ready.data.map_readable();
        let map = map.map_err(|error| error.to_string())?;
        self.warnings
            .extend(self.dump.write(model.spec(), &map).err());
        let times = model.run(
            &map,
            1,
            1,
            &mut |views| outputs.iter().try_for_each(|o| o.attach(buffer, views)),
            &mut |_, answer| results.take(&entry, answer),
        )?;
        note_times(buffer, times, None, false);
        Ok(Looked {
            regions: 1,
            runs: 1,
            objects: 0,
            inference: times.inference,
        })
    }

    /// Makes the tensors of the regions and runs the model on them, a batch at a time.
    fn run_regions(
        &mut self,
        input: &mut Input,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
    ) -> Result<Looked, String> {
        let info = &input.info;
        if input.batch.is_none() {
            let mut batch = Batch::new(info, self.model.spec())?;
            self.warnings.extend(batch.warning().map(str::to_owned));
            input.batch = Some(batch);
        }
        let batch = input.batch.as_mut().ok_or("no batch")?;
        let outputs = self.model.outputs().cloned();
        let limit = self.model.batch_limit(settings.batch_size as usize);
        let (mut times, mut preprocess) = (Times::default(), Duration::ZERO);
        let mut looked = Looked {
            regions: self.regions.len(),
            ..Looked::default()
        };
        let steady = matches!(self.places, Places::FullFrame | Places::Areas(_));
        for run in runs(self.regions.len(), limit, steady) {
            let started = Instant::now();
            let regions = &self.regions[run.entries.clone()];
            batch.fill(buffer, regions, run.batch)?;
            preprocess += started.elapsed();
            let spec = self.model.spec();
            let tensors = batch.tensors(regions.len()).chunks_exact(spec.bytes());
            for tensor in tensors {
                self.warnings.extend(self.dump.write(spec, tensor).err());
            }
            let (results, transforms) = (&mut self.results, batch.transforms());
            times += self.model.run(
                batch.tensors(run.batch),
                run.batch,
                regions.len(),
                &mut |views| outputs.iter().try_for_each(|o| o.attach(buffer, views)),
                &mut |nth, answer| {
                    let entry = Entry {
                        index: run.entries.start + nth,
                        region: &regions[nth],
                        transform: transforms[nth],
                        size: (info.width(), info.height()),
                    };
                    results.take(&entry, answer);
                },
            )?;
            looked.runs += 1;
        }
        looked.inference = times.inference;
        note_times(buffer, times, Some(preprocess), self.is_second());
        Ok(looked)
    }
}

/// The buffer's time; 0 where it has none.
fn time(buffer: &gst::BufferRef) -> Duration {
    buffer.pts().map(Duration::from).unwrap_or_default()
}

/// Writes on the frame how long the stages took; `add` to what an earlier element took for them.
fn note_times(buffer: &mut gst::BufferRef, times: Times, preprocess: Option<Duration>, add: bool) {
    let stages = [
        (Stage::Preprocess, preprocess),
        (Stage::Inference, Some(times.inference)),
        (Stage::Decode, Some(times.decode)),
    ];
    for (stage, time) in stages {
        let before = frame::time(buffer, stage).filter(|_| add);
        if let Some(time) = time {
            frame::set_time(buffer, stage, before.unwrap_or_default() + time);
        }
    }
}

fn check_shape(ready: &FrameTensor, spec: &TensorSpec) -> Result<(), String> {
    if (ready.element, ready.shape) == (spec.element, spec.shape()) {
        return Ok(());
    }
    Err(format!(
        "lynxpreprocess made a tensor of {:?} {} and the model wants {:?} {}; leave tensor-width, \
         tensor-height, tensor-type, color-format and tensor-layout of lynxpreprocess at their \
         defaults",
        ready.shape,
        ready.element.word(),
        spec.shape(),
        spec.element.word()
    ))
}
