// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;
use lynx_tensor::{ColorFormat, Element, PixelFormat, ResizeMode, TensorLayout, TensorSpec, Word};

/// Frames of one kind into tensors of one kind.
#[derive(Debug, Clone)]
pub struct Case {
    pub format: PixelFormat,
    pub width: u32,
    pub height: u32,
    pub spec: TensorSpec,
    /// Regions to make a tensor of each, in turn; none: of the whole frame.
    pub regions: Vec<Rect>,
}

impl Case {
    /// The whole frame into the tensor of [`TensorSpec::new`], 640 × 640.
    fn new(format: PixelFormat, (width, height): (u32, u32)) -> Self {
        Self {
            format,
            width,
            height,
            spec: TensorSpec::new(640, 640),
            regions: Vec::new(),
        }
    }

    /// `nv12-1920x1080-to-f32-nchw-640x640`; `crop` before `to` for regions.
    pub fn name(&self) -> String {
        let crop = if self.regions.is_empty() { "" } else { "-crop" };
        let output = self.output().replace(' ', "-");
        format!("{}-{}{crop}-to-{output}", self.format_name(), self.size())
    }

    /// The format's name, in lower case.
    pub fn format_name(&self) -> String {
        format!("{:?}", self.format).to_lowercase()
    }

    /// `1920x1080`.
    pub fn size(&self) -> String {
        format!("{}x{}", self.width, self.height)
    }

    /// `f32 nchw 640x640`, with the colour format if it is not RGB.
    pub fn output(&self) -> String {
        let spec = &self.spec;
        let color = match spec.color {
            ColorFormat::Rgb => String::new(),
            color => format!("{} ", color.word()),
        };
        let (element, layout) = (spec.element.word(), spec.layout.word());
        format!("{element} {layout} {color}{}x{}", spec.width, spec.height)
    }
}

const VGA: (u32, u32) = (768, 576);
const HD: (u32, u32) = (1280, 720);
const FULL_HD: (u32, u32) = (1920, 1080);
const UHD: (u32, u32) = (3840, 2160);

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for format in [PixelFormat::Nv12, PixelFormat::I420] {
        cases.extend([VGA, HD, FULL_HD, UHD].map(|size| Case::new(format, size)));
    }
    cases.extend([PixelFormat::Rgb, PixelFormat::Rgbx].map(|format| Case::new(format, FULL_HD)));
    let other_outputs = [
        (Element::F32, TensorLayout::Nhwc, 255.0),
        (Element::F16, TensorLayout::Nchw, 255.0),
        (Element::U8, TensorLayout::Nhwc, 1.0),
    ];
    cases.extend(other_outputs.map(|(element, layout, std)| {
        let mut case = Case::new(PixelFormat::Nv12, FULL_HD);
        case.spec = TensorSpec {
            element,
            layout,
            std: [std; 3],
            ..case.spec
        };
        case
    }));
    cases.push(yolox());
    cases.push(crops());
    cases
}

/// The sample clip into YOLOX-tiny's tensor, as in the README.
fn yolox() -> Case {
    let spec = TensorSpec {
        color: ColorFormat::Bgr,
        resize: ResizeMode::LetterboxTopLeft,
        std: [1.0; 3],
        ..TensorSpec::new(416, 416)
    };
    Case {
        spec,
        ..Case::new(PixelFormat::I420, VGA)
    }
}

/// People of many sizes into a re-identification model's tensor.
fn crops() -> Case {
    let spec = TensorSpec {
        resize: ResizeMode::Stretch,
        mean: [123.675, 116.28, 103.53],
        std: [58.395, 57.12, 57.375],
        ..TensorSpec::new(128, 256)
    };
    // 40 to 199 pixels wide, about 2.5 times as high, all over the frame.
    let region = |i: u32| {
        let width = 40 + i * 53 % 160;
        let height = width * 5 / 2 + i % 7;
        let (x, y) = (i * 397 % (1920 - width), i * 211 % (1080 - height));
        Rect::new(x as f32, y as f32, width as f32, height as f32)
    };
    Case {
        spec,
        regions: (0..64).map(region).collect(),
        ..Case::new(PixelFormat::Nv12, FULL_HD)
    }
}
