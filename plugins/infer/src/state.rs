// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs between start and stop: from a frame to objects on it.

use std::sync::Arc;
use std::time::Instant;

use gst_video::VideoInfo;
use lynx_geometry::{Detection, Rect};
use lynx_meta::tensor::FrameTensor;
use lynx_meta::{Forms, NewObject, Stage, TensorMaker, frame, objects, tensor};
use lynx_model::OutputView;
use lynx_tensor::{AlignedBytes, TensorSpec, Word};

use crate::detector::{Detector, Times};

/// What runs between start and stop.
pub(crate) struct State {
    pub detector: Detector,
    pub info: Option<VideoInfo>,
    /// For frames that bring no tensor along.
    pub own: Option<Own>,
    /// Frames since start or flush.
    pub frame: u64,
}

/// The tensor that the element makes itself.
pub(crate) struct Own {
    pub maker: TensorMaker,
    /// With its padding, once made.
    pub memory: AlignedBytes,
}

impl State {
    /// Runs the model on the frame and adds what it finds. Returns how many objects that were.
    pub fn detect(
        &mut self,
        buffer: &mut gst::BufferRef,
        forms: Forms,
    ) -> Result<(usize, Times), String> {
        let info = self.info.as_ref().ok_or("no caps before the first frame")?;
        let size = (info.width(), info.height());
        let description = Arc::clone(self.detector.description());
        let add =
            |buffer: &mut gst::BufferRef, found: &[Detection], to_frame: &dyn Fn(&Rect) -> Rect| {
                for d in found {
                    let label = description.labels.get(d.class);
                    let object = NewObject::new(to_frame(&d.rect), label, d.class, d.score);
                    objects::add(buffer, size, &object, forms);
                }
                found.len()
            };
        let outputs = self.detector.outputs().cloned();
        let tap = |buffer: &mut gst::BufferRef, views: &[OutputView<'_>]| match &outputs {
            Some(outputs) => outputs.attach(buffer, views),
            None => Ok(()),
        };
        if let Some(ready) = tensor::detach(buffer).filter(|ready| ready.frame_size == size) {
            check_shape(&ready, self.detector.spec())?;
            let map = ready.data.map_readable();
            let map = map.map_err(|error| error.to_string())?;
            let (found, times) = self.detector.run(&map, &mut |views| tap(buffer, views))?;
            return Ok((add(buffer, found, &|r| ready.transform.to_frame(r)), times));
        }
        let started = Instant::now();
        if self.own.is_none() {
            self.own = Some(Own::new(info, self.detector.spec())?);
        }
        let own = self.own.as_mut().ok_or("no converter")?;
        let transform = own.maker.picture(buffer, &mut own.memory, true)?;
        frame::set_time(buffer, Stage::Preprocess, started.elapsed());
        let (found, times) = self
            .detector
            .run(&own.memory, &mut |views| tap(buffer, views))?;
        Ok((add(buffer, found, &|r| transform.to_frame(r)), times))
    }
}

impl Own {
    fn new(info: &VideoInfo, spec: &TensorSpec) -> Result<Self, String> {
        let maker = TensorMaker::new(info, spec)?;
        let mut memory = AlignedBytes::new(spec.bytes());
        let padded = maker.padding().fill(&mut memory);
        padded.map_err(|error| error.to_string())?;
        Ok(Self { maker, memory })
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
