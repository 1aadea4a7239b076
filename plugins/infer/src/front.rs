// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a frame that arrives to what is to be done with it, on the sink pad's thread.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gst_video::VideoInfo;
use lynx_meta::element::lock;
use lynx_meta::{FrameClock, Object, Scheduler, frame, objects, tensor};

use crate::cache::Cache;
use crate::input::{Input, check_shape};
use crate::reader::Reader;
use crate::regions::{Places, Region, around};
use crate::settings::{Overload, Settings};
use crate::ticket::{Entering, Outcome};

/// What decides on the frames of one stream.
pub(crate) struct Front {
    reader: Arc<Reader>,
    places: Arc<Places>,
    cache: Arc<Mutex<Cache>>,
    input: Option<Arc<Input>>,
    /// Where regions are the same on every frame: they.
    same: Option<Vec<Region>>,
    clock: FrameClock,
    /// For frames that nobody upstream has decided on.
    scheduler: Scheduler,
}

impl Front {
    pub fn new(reader: &Arc<Reader>, places: &Arc<Places>, cache: &Arc<Mutex<Cache>>) -> Self {
        Self {
            reader: Arc::clone(reader),
            places: Arc::clone(places),
            cache: Arc::clone(cache),
            input: None,
            same: None,
            clock: FrameClock::default(),
            scheduler: Scheduler::default(),
        }
    }

    /// Takes the caps of the frames to come.
    pub fn set_info(&mut self, info: VideoInfo) {
        self.input = Some(Arc::new(Input::new(info, self.reader.spec())));
        self.same = None;
    }

    /// Forgets the frames before a flush.
    pub fn flush(&mut self) {
        self.scheduler.reset();
    }

    /// Finds out what the model is to look at in a frame, if at anything. The error says what cannot
    /// be done.
    pub fn enter(
        &mut self,
        mut buffer: gst::Buffer,
        settings: &Arc<Settings>,
        overload: Overload,
    ) -> Result<Entering, String> {
        let input = self.input.clone().ok_or("no caps before the first frame")?;
        let frame = buffer.make_mut();
        let due = self.decide(frame, &input, settings);
        let ready = tensor::detach(frame);
        let (mut objects, mut regions) = (Vec::new(), Vec::new());
        if due {
            self.set_regions(frame, &input, settings, &mut objects, &mut regions)?;
        }
        let takes_tensor = due && self.places.takes_tensor();
        let ready = ready.filter(|ready| takes_tensor && ready.frame_size == input.size());
        match &ready {
            Some(ready) => check_shape(ready, &input)?,
            None if regions.is_empty() => {}
            None => input.check()?,
        }
        Ok(Entering {
            buffer,
            settings: Arc::clone(settings),
            input,
            regions,
            objects,
            ready,
            outcome: (!due).then_some(Outcome::Skipped),
            overload,
        })
    }

    /// Whether the model is to run on the frame, as an element upstream or the schedule says.
    fn decide(&mut self, frame: &mut gst::BufferRef, input: &Input, settings: &Settings) -> bool {
        let time = self.clock.time(frame, Some(input.info()));
        self.scheduler.set(settings.schedule);
        let due = frame::decide(frame, &mut self.scheduler, time);
        frame::clear_due(frame);
        due
    }

    /// Finds out which parts of this frame to look at.
    fn set_regions(
        &mut self,
        frame: &mut gst::BufferRef,
        input: &Input,
        settings: &Settings,
        objects: &mut Vec<Object>,
        regions: &mut Vec<Region>,
    ) -> Result<(), String> {
        let size = input.size();
        match &*self.places {
            Places::FullFrame => regions.push(Region::whole(size)),
            Places::Areas(areas) => {
                let same = match self.same.take() {
                    Some(regions) => regions,
                    None => areas.regions(size)?,
                };
                regions.clone_from(&same);
                self.same = Some(same);
            }
            Places::Objects(filter) => {
                objects.extend(objects::iter(frame, size));
                let classifies = self.reader.is_classifier();
                filter.regions(objects, size, settings, classifies, regions);
                if classifies {
                    self.leave_out_known(frame, settings, objects, regions);
                }
            }
            Places::Motion => {
                let moving = frame::motion(frame, size).and_then(|motion| motion.region);
                let room = (input.spec().width, input.spec().height);
                let region = match moving {
                    Some(moving) => around(&moving, size, room).into(),
                    None => Region::whole(size),
                };
                let part = (!region.is_whole(size)).then_some(&region.rect);
                frame::set_looked_at(frame, part);
                regions.push(region);
            }
        }
        Ok(())
    }

    /// Leaves out the objects of which it is known what they are, or asked already.
    fn leave_out_known(
        &self,
        frame: &gst::BufferRef,
        settings: &Settings,
        objects: &[Object],
        regions: &mut Vec<Region>,
    ) {
        let now = frame.pts().map(Duration::from).unwrap_or_default();
        let mut cache = lock(&self.cache);
        regions.retain(|region| {
            let object = region.object.and_then(|index| objects.get(index));
            let identity = object.and_then(|object| object.identity);
            identity.is_none_or(|i| cache.ask(i.id, settings.reclassify_interval, now))
        });
    }
}
