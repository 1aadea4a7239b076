// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs between start and stop: from a frame to objects on it.

use std::sync::Arc;
use std::time::Instant;

use gst_video::VideoInfo;
use lynx_geometry::{Detection, Rect};
use lynx_meta::tensor::FrameTensor;
use lynx_meta::{Forms, NewObject, Stage, frame, objects, tensor, video};
use lynx_model::OutputView;
use lynx_tensor::Converter;
use lynx_tensor::TensorSpec;

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
    pub converter: Converter,
    pub elements: Vec<f32>,
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
            let result = tensor::with_elements(&ready.data, |elements| {
                self.detector.run(elements, &mut |views| tap(buffer, views))
            });
            let (found, times) = result.map_err(|error| error.to_string())??;
            return Ok((add(buffer, found, &|r| ready.transform.to_frame(r)), times));
        }
        let started = Instant::now();
        if self.own.is_none() {
            self.own = Some(Own::new(info, self.detector.spec())?);
        }
        let own = self.own.as_mut().ok_or("no converter")?;
        video::with_frame(buffer, info, |f| {
            own.converter.convert(f, &mut own.elements)
        })
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
        frame::set_time(buffer, Stage::Preprocess, started.elapsed());
        let transform = own.converter.transform();
        let (found, times) = self
            .detector
            .run(&own.elements, &mut |views| tap(buffer, views))?;
        Ok((add(buffer, found, &|r| transform.to_frame(r)), times))
    }
}

impl Own {
    fn new(info: &VideoInfo, spec: &TensorSpec) -> Result<Self, String> {
        let source = video::source(info)
            .ok_or_else(|| format!("video format {} is not supported", info.format()))?;
        Ok(Self {
            converter: Converter::new(source, spec).map_err(|error| error.to_string())?,
            elements: vec![0.0; spec.len()],
        })
    }
}

fn check_shape(ready: &FrameTensor, spec: &TensorSpec) -> Result<(), String> {
    if ready.shape == spec.shape() {
        return Ok(());
    }
    Err(format!(
        "lynxpreprocess made a tensor of {:?} and the model wants {:?}; leave tensor-width, \
         tensor-height and tensor-layout of lynxpreprocess at their defaults",
        ready.shape,
        spec.shape()
    ))
}
