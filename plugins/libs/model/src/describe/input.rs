// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model's image: which input it is, its layout and size.

use super::{Error, MAX_SIZE, Overrides, Sidecar, metadata::Metadata, shapes::tensor};
use crate::{ElementType, ModelIo, TensorInfo};
use lynx_tensor::{Element, TensorLayout};

/// Multiple of the input size that YOLO models have without saying so.
const STRIDE: u32 = 32;
/// Width and height of a dynamic input of which nobody says anything.
const SIZE: u32 = 640;

/// The input that is an image.
pub(super) struct Input<'a> {
    /// Its place among the model's inputs.
    pub index: usize,
    pub info: &'a TensorInfo,
    pub element: Element,
    pub layout: TensorLayout,
    pub width: u32,
    pub height: u32,
}

/// Who may say a dynamic input's size, highest authority first.
struct Stated {
    property: Option<u32>,
    sidecar: Option<u32>,
    imgsz: Option<u32>,
}

impl<'a> Input<'a> {
    /// Finds the input's layout and size, with reasons.
    pub fn find(
        io: &'a ModelIo,
        sidecar: &Sidecar,
        overrides: &Overrides,
        reasons: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let index = image(io)?;
        let info = &io.inputs[index];
        check_image(io, info)?;
        let layout = layout(info, sidecar.layout)?;
        let (h, w) = match layout {
            TensorLayout::Nchw => (info.dims[2], info.dims[3]),
            TensorLayout::Nhwc => (info.dims[1], info.dims[2]),
        };
        let metadata = Metadata(&io.metadata);
        let stride = metadata.stride()?.unwrap_or(STRIDE);
        let settled = [
            overrides.width.or(sidecar.width),
            overrides.height.or(sidecar.height),
        ];
        // Metadata that a higher authority has settled in full is not even read.
        let imgsz = match settled {
            [Some(_), Some(_)] => None,
            _ => metadata.size()?,
        };
        let axis = |axis, dim, property, sidecar, imgsz| {
            let stated = Stated {
                property,
                sidecar,
                imgsz,
            };
            stated.settle(info, axis, dim, stride)
        };
        let (width, why_width) = axis(
            "width",
            w,
            overrides.width,
            sidecar.width,
            imgsz.map(|size| size.0),
        )?;
        let (height, why_height) = axis(
            "height",
            h,
            overrides.height,
            sidecar.height,
            imgsz.map(|size| size.1),
        )?;
        let word = match layout {
            TensorLayout::Nchw => "NCHW",
            TensorLayout::Nhwc => "NHWC",
        };
        reasons.push(format!(
            "input {width}x{height} {word}: {}; width from {why_width}, height from {why_height}",
            tensor(info)
        ));
        Ok(Self {
            index,
            info,
            element: element(info).unwrap_or_default(),
            layout,
            width,
            height,
        })
    }
}

/// The only input, or of several the only one of four dimensions.
fn image(io: &ModelIo) -> Result<usize, Error> {
    let all = || io.inputs.iter().enumerate();
    let mut images = all().filter(|(_, info)| io.inputs.len() == 1 || info.dims.len() == 4);
    if let (Some((index, _)), None) = (images.next(), images.next()) {
        return Ok(index);
    }
    let tensors: Vec<_> = all().map(|(_, info)| tensor(info)).collect();
    Err(Error::Tensor {
        tensors: format!("inputs {}", tensors.join(", ")),
        problem: format!(
            "the model has {} inputs, {} of them of four dimensions",
            io.inputs.len(),
            all().filter(|(_, info)| info.dims.len() == 4).count()
        ),
        expected: "one image tensor",
    })
}

fn check_image(io: &ModelIo, info: &TensorInfo) -> Result<(), Error> {
    let refuse = |tensors: String, problem: String, expected| {
        Err(Error::Tensor {
            tensors,
            problem,
            expected,
        })
    };
    let named = || format!("input {}", tensor(info));
    if element(info).is_none() {
        return refuse(
            named(),
            "no type for an image".to_owned(),
            "f32, f16, u8 or i8",
        );
    }
    if info.dims.len() != 4 {
        let problem = format!("{} dimensions", info.dims.len());
        return refuse(named(), problem, "four: [1, 3, H, W] or [1, H, W, 3]");
    }
    for info in io.inputs.iter().chain(&io.outputs) {
        if info.dims.contains(&Some(0)) {
            return refuse(tensor(info), "a dimension is 0".to_owned(), "at least 1");
        }
    }
    if info.dims[0].is_some_and(|batch| batch != 1) {
        return Err(Error::Unsupported {
            what: format!("input {} with a fixed batch", tensor(info)),
            instead: "export the model with a batch of 1 or a dynamic one".to_owned(),
        });
    }
    Ok(())
}

/// The elements of an image.
fn element(info: &TensorInfo) -> Option<Element> {
    Some(match info.element {
        ElementType::F32 => Element::F32,
        ElementType::F16 => Element::F16,
        ElementType::U8 => Element::U8,
        ElementType::I8 => Element::I8,
        ElementType::I64 | ElementType::I32 | ElementType::Other => return None,
    })
}

fn layout(info: &TensorInfo, sidecar: Option<TensorLayout>) -> Result<TensorLayout, Error> {
    let fits = |dim: usize| info.dims[dim] == Some(3);
    let open = |dim: usize| info.dims[dim].is_none();
    let refuse = |problem: &str| {
        Err(Error::Tensor {
            tensors: format!("input {}", tensor(info)),
            problem: problem.to_owned(),
            expected: "three channels: [1, 3, H, W] or [1, H, W, 3]",
        })
    };
    match (sidecar, fits(1), fits(3)) {
        (Some(TensorLayout::Nchw), nchw, _) if nchw || open(1) => Ok(TensorLayout::Nchw),
        (Some(TensorLayout::Nhwc), _, nhwc) if nhwc || open(3) => Ok(TensorLayout::Nhwc),
        (Some(_), ..) => refuse("the sidecar's \"input.layout\" puts no 3 where the channels are"),
        (None, true, _) => Ok(TensorLayout::Nchw),
        (None, false, true) => Ok(TensorLayout::Nhwc),
        (None, ..) if open(1) || open(3) => refuse(
            "which dimension the channels are is left open, say so in the sidecar's \"input.layout\"",
        ),
        (None, ..) => refuse("no dimension has three channels"),
    }
}

impl Stated {
    /// The size of one axis and who said it.
    fn settle(
        self,
        info: &TensorInfo,
        axis: &'static str,
        dim: Option<usize>,
        stride: u32,
    ) -> Result<(u32, &'static str), Error> {
        let higher = [
            ("element property", self.property),
            ("sidecar", self.sidecar),
        ];
        let imgsz = ("metadata imgsz", self.imgsz);
        let Some(dim) = dim else {
            let all = higher.into_iter().chain([imgsz]);
            let stated = all
                .filter_map(|(who, size)| size.map(|size| (size, who)))
                .next();
            let (size, who) = stated.unwrap_or((SIZE, "nothing: the default of most models"));
            return Ok((check(axis, size, stride)?, who));
        };
        let size = u32::try_from(dim).ok().filter(|size| *size <= MAX_SIZE);
        let size = size.ok_or_else(|| Error::Tensor {
            tensors: format!("input {}", tensor(info)),
            problem: format!("a {axis} of {dim}"),
            expected: "at most 16384",
        })?;
        let contradicts = |(_, stated): &(_, Option<u32>)| stated.is_some_and(|v| v != size);
        // What a person states for the file settles what the exporter left in it.
        let lower = if higher.iter().all(|(_, stated)| stated.is_none()) {
            Some(imgsz)
        } else {
            None
        };
        if let Some((who, stated)) = higher.into_iter().chain(lower).find(contradicts) {
            return Err(Error::Contradiction {
                one: format!("{who} says {axis} {}", stated.unwrap_or_default()),
                other: format!("the input {} is fixed to {size}", tensor(info)),
            });
        }
        Ok((size, "the model's shape"))
    }
}

fn check(axis: &'static str, size: u32, stride: u32) -> Result<u32, Error> {
    if size > 0 && size <= MAX_SIZE && size.is_multiple_of(stride) {
        return Ok(size);
    }
    let below = size.min(MAX_SIZE) / stride * stride;
    let above = below + stride;
    let near = [below, above]
        .into_iter()
        .filter(|v| (1..=MAX_SIZE).contains(v));
    let near: Vec<_> = near.map(|v| v.to_string()).collect();
    Err(Error::Size {
        axis,
        value: size,
        stride,
        nearest: near.join(" or "),
    })
}
