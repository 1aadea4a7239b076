// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which family a model's output shapes are of. `A`, the number of anchor points, is
//! Σ H·W/s² over the strides s of the model's feature maps.

use super::{Error, Family, Labels};
use crate::{ElementType, TensorInfo};

/// A tensor as messages show it: `images f32 [?, 3, 640, 640]`.
pub(super) fn tensor(info: &TensorInfo) -> String {
    let element = match info.element {
        ElementType::F32 => "f32",
        ElementType::F16 => "f16",
        ElementType::I64 => "i64",
        ElementType::I32 => "i32",
        ElementType::U8 => "u8",
        ElementType::I8 => "i8",
        ElementType::Other => "of another type",
    };
    let dim = |dim: &Option<usize>| dim.map_or("?".to_owned(), |dim| dim.to_string());
    let dims: Vec<_> = info.dims.iter().map(dim).collect();
    format!("{} {element} [{}]", info.name, dims.join(", "))
}

/// How well outputs fit a family.
pub(super) enum Fit {
    /// They are the family's, and nobody else's; with the number of classes, where shapes tell.
    Yes(Option<usize>),
    /// Others have them, too: dynamic dimensions leave room, or it is a shape that says little.
    Maybe(Option<usize>),
    /// They are not, and why.
    No(String),
}

/// A model's outputs, and what of its inputs they are judged by.
pub(super) struct Shapes<'a> {
    pub outputs: &'a [TensorInfo],
    /// Whether the model is told the size that its boxes are in.
    pub told_size: bool,
    pub width: u32,
    pub height: u32,
}

impl Shapes<'_> {
    pub fn fit(&self, family: Family) -> Fit {
        let fit = match family {
            Family::YoloV8 => self.yolov8(),
            Family::YoloX => self.yolox(),
            Family::DetsLabels => self.dets_labels(),
            Family::Detr => self.detr(),
            Family::PaddleDetection => self.paddle_detection(),
            Family::Classification => self.classification(),
        };
        match fit {
            Ok(Fit::Yes(Some(classes)) | Fit::Maybe(Some(classes))) if classes > Labels::MAX => {
                Fit::No(format!("{classes} classes are more than {}", Labels::MAX))
            }
            Ok(fit) => fit,
            Err(why) => Fit::No(why),
        }
    }

    /// What a model of `family` with this input would have.
    pub fn wants(&self, family: Family) -> String {
        let anchors = self.anchors(8, 32);
        match family {
            Family::YoloV8 => {
                format!("yolov8 wants one f32 or f16 output [1, 4 + classes, {anchors}]")
            }
            Family::YoloX => {
                format!("yolox wants one f32 or f16 output [1, {anchors}, 5 + classes]")
            }
            Family::DetsLabels => {
                "yolox-dets wants the outputs dets f32 or f16 [1, N, 5] and labels i64 [1, N]"
                    .to_owned()
            }
            Family::Detr => {
                "detr wants the outputs labels i64 [1, N], boxes [1, N, 4] and scores [1, N] of f32 or f16"
                    .to_owned()
            }
            Family::PaddleDetection => {
                "paddle-detection wants f32 or f16 [N, 6] and i32 or i64 [1]".to_owned()
            }
            Family::Classification => {
                "classification wants one f32 or f16 output [1, classes]".to_owned()
            }
        }
    }

    /// A model that is recognised, but not supported. `ultralytics`: their tools exported it.
    pub fn unsupported(&self, ultralytics: bool, head: Option<&str>) -> Option<Error> {
        let [_, points, values] = self.only_output().ok()?;
        let values = values?;
        let count = |count: usize| points.map_or(ultralytics, |points| points == count);
        if values == 6 && points.map_or(ultralytics, |points| points <= 300) {
            let which = head.unwrap_or("YOLOv10, YOLO26, RT-DETR or an export with NMS inside");
            return Some(Error::Unsupported {
                what: format!("the end-to-end output {} ({which})", self.list()),
                instead: "export without it (end2end=False, nms=False) or use YOLOv8, 11, 12"
                    .to_owned(),
            });
        }
        if values >= 6 && count(3 * self.anchors(8, 32)) {
            return Some(Error::Unsupported {
                what: format!("the YOLOv5 output {}, [1, 3A, 5 + classes]", self.list()),
                instead: "use YOLOv8, 11, 12 or YOLOX".to_owned(),
            });
        }
        None
    }

    /// All outputs, as messages show them.
    pub fn list(&self) -> String {
        let all: Vec<_> = self.outputs.iter().map(tensor).collect();
        all.join(", ")
    }

    /// `A` for the strides `first`, 2·`first`, ... `last`.
    fn anchors(&self, first: u32, last: u32) -> usize {
        anchors(self.width, self.height, first, last)
    }

    fn only(&self) -> Result<&TensorInfo, String> {
        let [info] = self.outputs else {
            return Err(format!(
                "the model has {} outputs, not one",
                self.outputs.len()
            ));
        };
        Ok(info)
    }

    /// The dimensions of the only output of a one-stage detector.
    fn only_output(&self) -> Result<[Option<usize>; 3], String> {
        let info = self.only()?;
        let dims: [Option<usize>; 3] = info.dims.as_slice().try_into().map_err(|_| {
            format!(
                "{} has {} dimensions, not three",
                tensor(info),
                info.dims.len()
            )
        })?;
        if !info.element.is_float() {
            return Err(format!("{} is neither f32 nor f16", tensor(info)));
        }
        if dims[0].is_some_and(|batch| batch != 1) {
            return Err(format!("{} has a batch other than 1", tensor(info)));
        }
        Ok(dims)
    }

    fn yolov8(&self) -> Result<Fit, String> {
        let [_, values, points] = self.only_output()?;
        // P3 to P5, and Ultralytics' variants with a P6 or a P2 map.
        let counts = [
            self.anchors(8, 32),
            self.anchors(8, 64),
            self.anchors(4, 32),
        ];
        if let Some(points) = points.filter(|points| !counts.contains(points)) {
            return Err(format!("dimension 2 is {points}, not {}", counts[0]));
        }
        let classes = match values {
            Some(values) if values < 5 => {
                return Err(format!("dimension 1 is {values}, less than 5"));
            }
            values => values.map(|values| values - 4),
        };
        let other = values.is_some_and(|v| counts.contains(&v) || v == 3 * counts[0]);
        Ok(match (values, points) {
            (Some(_), Some(_)) => Fit::Yes(classes),
            (Some(_), None) if !other => Fit::Yes(classes),
            _ => Fit::Maybe(classes),
        })
    }

    fn yolox(&self) -> Result<Fit, String> {
        let [_, points, values] = self.only_output()?;
        let count = self.anchors(8, 32);
        if let Some(points) = points.filter(|points| *points != count) {
            return Err(format!("dimension 1 is {points}, not {count}"));
        }
        let classes = match values {
            Some(values) if values < 6 => {
                return Err(format!("dimension 2 is {values}, less than 6"));
            }
            values => values.map(|values| values - 5),
        };
        Ok(match (points, values) {
            (Some(_), Some(_)) => Fit::Yes(classes),
            _ => Fit::Maybe(classes),
        })
    }

    /// Never sure: a model that describes an image for comparison (re-identification) has the same.
    fn classification(&self) -> Result<Fit, String> {
        let info = self.only()?;
        let (batch, classes) = match *info.dims.as_slice() {
            [batch, classes] | [batch, classes, Some(1), Some(1)] => (batch, classes),
            _ => return Err(format!("{} is not [1, classes]", tensor(info))),
        };
        if !info.element.is_float() {
            return Err(format!("{} is neither f32 nor f16", tensor(info)));
        }
        if batch.is_some_and(|batch| batch != 1) {
            return Err(format!("{} has a batch other than 1", tensor(info)));
        }
        if classes.is_some_and(|classes| classes < 2) {
            return Err(format!("{} has less than two classes", tensor(info)));
        }
        Ok(Fit::Maybe(classes))
    }

    fn dets_labels(&self) -> Result<Fit, String> {
        let [a, b] = self.outputs else {
            return Err(format!(
                "the model has {} outputs, not two",
                self.outputs.len()
            ));
        };
        let (dets, labels) = if a.element.is_float() { (a, b) } else { (b, a) };
        let batch = |info: &TensorInfo| info.dims.first().copied().flatten().is_none_or(|n| n == 1);
        let five = |dim: Option<usize>| dim == Some(5) || (dim.is_none() && dets.name == "dets");
        let boxes = matches!(dets.dims.as_slice(), [_, _, last] if five(*last));
        if !dets.element.is_float() || !boxes || !batch(dets) {
            return Err(format!("{} is not f32 or f16 [1, N, 5]", tensor(dets)));
        }
        if !is_whole(labels) || labels.dims.len() != 2 || !batch(labels) {
            return Err(format!("{} is not i64 or i32 [1, N]", tensor(labels)));
        }
        match (dets.dims[1], labels.dims[1]) {
            (Some(d), Some(l)) if d != l => Err(format!("{d} boxes have {l} labels")),
            _ => Ok(Fit::Yes(None)),
        }
    }

    /// Sure where the model is told the size that its boxes are in.
    fn detr(&self) -> Result<Fit, String> {
        let [_, _, _] = self.outputs else {
            return Err(format!(
                "the model has {} outputs, not three",
                self.outputs.len()
            ));
        };
        let whole = |info: &&TensorInfo| is_whole(info);
        let [labels] = *self.outputs.iter().filter(whole).collect::<Vec<_>>() else {
            return Err("not one of them is i64 or i32".to_owned());
        };
        let rank3 = |info: &&TensorInfo| info.dims.len() == 3;
        let [boxes] = *self.outputs.iter().filter(rank3).collect::<Vec<_>>() else {
            return Err("not one of them has three dimensions".to_owned());
        };
        let mut counts = Vec::new();
        for info in self.outputs {
            let one = info
                .dims
                .first()
                .is_some_and(|dim| dim.is_none_or(|n| n == 1));
            let (fits, expected) = if std::ptr::eq(info, boxes) {
                let four = info.dims[2].is_none_or(|n| n == 4);
                (four && info.element.is_float(), "f32 or f16 [1, N, 4]")
            } else if std::ptr::eq(info, labels) {
                (info.dims.len() == 2, "i64 or i32 [1, N]")
            } else {
                let float = info.element.is_float();
                (float && info.dims.len() == 2, "f32 or f16 [1, N]")
            };
            if !fits || !one {
                return Err(not(info, expected));
            }
            counts.extend(info.dims[1]);
        }
        if counts.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err("they are of different numbers of boxes".to_owned());
        }
        Ok(match self.told_size {
            true => Fit::Yes(None),
            false => Fit::Maybe(None),
        })
    }

    fn paddle_detection(&self) -> Result<Fit, String> {
        let [a, b] = self.outputs else {
            return Err(format!(
                "the model has {} outputs, not two",
                self.outputs.len()
            ));
        };
        let (rows, counts) = if a.element.is_float() { (a, b) } else { (b, a) };
        if !rows.element.is_float() || !matches!(*rows.dims, [_, Some(6)]) {
            return Err(not(rows, "f32 or f16 [N, 6]"));
        }
        if !is_whole(counts) || !matches!(*counts.dims, [None | Some(1)]) {
            return Err(not(counts, "i32 or i64 [1]"));
        }
        Ok(Fit::Yes(None))
    }
}

fn is_whole(info: &TensorInfo) -> bool {
    matches!(info.element, ElementType::I64 | ElementType::I32)
}

/// What to call a shape that is not as expected.
fn not(info: &TensorInfo, expected: &str) -> String {
    format!("{} is not {expected}", tensor(info))
}

/// Number of anchor points of an input for the strides `first`, 2·`first`, ... `last`.
pub(crate) fn anchors(width: u32, height: u32, first: u32, last: u32) -> usize {
    let strides = std::iter::successors(Some(first), |stride| Some(stride * 2));
    let maps = strides.take_while(|stride| *stride <= last);
    maps.map(|stride| (width / stride) as usize * (height / stride) as usize)
        .sum()
}
