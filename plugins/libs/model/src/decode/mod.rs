// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a model's output tensors to detections.

mod classification;
mod detr;
mod dets_labels;
mod error;
mod nms;
mod paddle_detection;
#[cfg(test)]
mod tests;
mod yolov8;
mod yolox;

pub use classification::{Class, classify};
pub use error::Error;
use lynx_geometry::{Detection, Rect};
use ndarray::{ArrayBase, Data, IxDyn};
use nms::Nms;

use crate::{
    OutputView,
    describe::{Description, Family, anchors},
};

/// What to keep of what a model finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecodeConfig {
    /// The lowest score that is kept, 0..=1. Lower finds more, also of what is not there.
    pub threshold: f32,
    /// Two boxes of a class whose intersection over union is above this are one object,
    /// 0..=1. Higher keeps more of a crowd, and more doubles. Models with NMS inside ignore it.
    pub iou_threshold: f32,
    /// The most detections of one frame.
    pub max_detections: usize,
}

impl Default for DecodeConfig {
    /// 0.25, 0.45 and 300: usual for showing detections; a tracker wants a threshold of 0.1.
    fn default() -> Self {
        Self {
            threshold: 0.25,
            iou_threshold: 0.45,
            max_detections: 300,
        }
    }
}

impl DecodeConfig {
    fn validate(&self) -> Result<(), Error> {
        for (name, value) in [
            ("threshold", self.threshold),
            ("iou-threshold", self.iou_threshold),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::Config { name, value });
            }
        }
        Ok(())
    }
}

/// Turns the outputs of one detector into detections (a classifier's are for [`classify`]). Its
/// scratch grows with the first frames and is reused from then on.
#[derive(Debug)]
pub struct Decoder {
    family: Family,
    width: u32,
    height: u32,
    classes: usize,
    config: DecodeConfig,
    candidates: Vec<Detection>,
    nms: Nms,
    /// Copies of outputs whose elements are not in one piece.
    floats: Vec<f32>,
    integers: Vec<i64>,
}

impl Decoder {
    /// A decoder of the outputs of the model that `description` describes.
    ///
    /// # Errors
    /// [`Error::Config`] for a threshold outside 0..=1.
    pub fn new(description: &Description, config: DecodeConfig) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self {
            family: description.family,
            width: description.input.width,
            height: description.input.height,
            classes: description.labels.len(),
            config,
            candidates: Vec::new(),
            nms: Nms::default(),
            floats: Vec::new(),
            integers: Vec::new(),
        })
    }

    /// Takes other limits from the next run on.
    ///
    /// # Errors
    /// [`Error::Config`] for a threshold outside 0..=1; the limits before stay.
    pub fn set_config(&mut self, config: DecodeConfig) -> Result<(), Error> {
        config.validate()?;
        self.config = config;
        Ok(())
    }

    /// Replaces what `found` holds by the detections of one run: rectangles in elements of the
    /// input tensor (not clipped to it), in descending order of score, of equal scores in the
    /// order of the output. Of more than 4096 candidates above the threshold, NMS sees the best.
    ///
    /// Scores and boxes that are not finite, and boxes without area, are skipped.
    ///
    /// # Errors
    /// [`Error::Outputs`] when number, types or shapes are not those of the model's
    /// description, [`Error::Class`] for a class without a label; `found` is then empty.
    pub fn decode(
        &mut self,
        outputs: &[OutputView],
        found: &mut Vec<Detection>,
    ) -> Result<(), Error> {
        found.clear();
        self.candidates.clear();
        let DecodeConfig {
            threshold,
            iou_threshold,
            max_detections,
        } = self.config;
        match self.family {
            Family::YoloV8 => {
                let (values, points) = match outputs {
                    [OutputView::F32(view)] => match *view.shape() {
                        [1, rows, points] if rows == 4 + self.classes => (view, points),
                        _ => return Err(self.unexpected(outputs)),
                    },
                    _ => return Err(self.unexpected(outputs)),
                };
                let values = contiguous(values, &mut self.floats);
                yolov8::decode(values, points, threshold, &mut self.candidates);
            }
            Family::YoloX => {
                let points = anchors(self.width, self.height, 8, 32);
                let values = match outputs {
                    [OutputView::F32(view)] if *view.shape() == [1, points, 5 + self.classes] => {
                        view
                    }
                    _ => return Err(self.unexpected(outputs)),
                };
                let values = contiguous(values, &mut self.floats);
                let size = (self.width, self.height);
                yolox::decode(values, self.classes, size, threshold, &mut self.candidates);
            }
            Family::DetsLabels => {
                let (dets, labels) = match outputs {
                    [OutputView::F32(dets), OutputView::I64(labels)]
                    | [OutputView::I64(labels), OutputView::F32(dets)] => (dets, labels),
                    _ => return Err(self.unexpected(outputs)),
                };
                match (dets.shape(), labels.shape()) {
                    ([1, boxes, 5], [1, classes]) if boxes == classes => {}
                    _ => return Err(self.unexpected(outputs)),
                }
                let dets = contiguous(dets, &mut self.floats);
                let labels = contiguous(labels, &mut self.integers);
                dets_labels::decode(dets, labels, self.classes, threshold, &mut self.candidates)?;
                self.nms.best(&self.candidates, max_detections, found);
                return Ok(());
            }
            Family::Detr => {
                let Some(set) = detr::Outputs::of(outputs) else {
                    return Err(self.unexpected(outputs));
                };
                let boxes = contiguous(&set.boxes, &mut self.floats);
                set.decode(boxes, self.classes, threshold, &mut self.candidates)?;
                self.nms.best(&self.candidates, max_detections, found);
                return Ok(());
            }
            Family::PaddleDetection => {
                let (rows, counts) = match outputs {
                    [OutputView::F32(rows), OutputView::I64(counts)]
                    | [OutputView::I64(counts), OutputView::F32(rows)] => (rows, counts),
                    _ => return Err(self.unexpected(outputs)),
                };
                let count = match (rows.shape(), counts.shape()) {
                    (&[all, 6], [1]) => usize::try_from(counts[0]).ok().filter(|n| *n <= all),
                    _ => None,
                };
                let Some(count) = count else {
                    return Err(self.unexpected(outputs));
                };
                let rows = &contiguous(rows, &mut self.floats)[..count * 6];
                paddle_detection::decode(rows, self.classes, threshold, &mut self.candidates)?;
                self.nms.best(&self.candidates, max_detections, found);
                return Ok(());
            }
            Family::Classification => return Err(self.unexpected(outputs)),
        }
        self.nms
            .suppress(&self.candidates, iou_threshold, max_detections, found);
        Ok(())
    }

    fn unexpected(&self, outputs: &[OutputView]) -> Error {
        let classes = self.classes;
        let expected = match self.family {
            Family::YoloV8 => format!("f32 [1, {}, A]", 4 + classes),
            Family::YoloX => {
                let points = anchors(self.width, self.height, 8, 32);
                format!("f32 [1, {points}, {}]", 5 + classes)
            }
            Family::DetsLabels => "f32 [1, N, 5] and i64 [1, N]".to_owned(),
            Family::Detr => "i64 [1, N], f32 [1, N, 4] and f32 [1, N]".to_owned(),
            Family::PaddleDetection => {
                "f32 [N, 6] and i64 [1] that is N or less, of one image".to_owned()
            }
            Family::Classification => "to be read by classify".to_owned(),
        };
        Error::outputs(self.family, outputs, expected)
    }
}

/// A candidate, if its score is at least `threshold` and everything is finite.
fn candidate(rect: Rect, class: u32, score: f32, threshold: f32) -> Option<Detection> {
    let fits = score >= threshold && score.is_finite() && rect.is_valid();
    // Adding 0 makes a negative zero positive: NMS orders scores by their bits.
    let score = score + 0.0;
    fits.then_some(Detection { rect, class, score })
}

/// A candidate whose class the model says by itself.
///
/// # Errors
/// [`Error::Class`] for one whose class is not below `labels`.
fn labelled(
    rect: Rect,
    class: i64,
    score: f32,
    threshold: f32,
    labels: usize,
) -> Result<Option<Detection>, Error> {
    // Padding, whose class may be anything, scores 0 or less or has no area.
    let Some(found) = candidate(rect, 0, score, threshold) else {
        return Ok(None);
    };
    let known = u32::try_from(class).ok();
    let class = known
        .filter(|class| (*class as usize) < labels)
        .ok_or(Error::Class { class, labels })?;
    Ok(Some(Detection { class, ..found }))
}

/// The elements of `view` in row-major order, copied to `scratch` only if they do not lie so.
fn contiguous<'a, T: Copy>(
    view: &'a ArrayBase<impl Data<Elem = T>, IxDyn>,
    scratch: &'a mut Vec<T>,
) -> &'a [T] {
    if let Some(elements) = view.as_slice() {
        return elements;
    }
    scratch.clear();
    scratch.extend(view.iter());
    scratch
}
