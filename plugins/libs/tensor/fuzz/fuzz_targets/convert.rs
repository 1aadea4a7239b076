// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any frame into any tensor: no panic, and no byte read or written that is not the frame's or the
//! tensor's, whose memory ends where it must.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use lynx_geometry::Rect;
use lynx_tensor::{
    Affine, ChromaSite, ColorFormat, Colorimetry, Converter, Element, Filter, Frame, Matrix,
    PixelFormat, Plane, Range, ResizeMode, Source, TensorLayout, TensorSpec,
};

#[derive(Debug, Arbitrary)]
struct Input {
    format: u8,
    size: (u16, u16),
    /// A few sides are long.
    wide: bool,
    aspect: (u8, u8),
    sites: (bool, bool),
    full_range: bool,
    /// For each plane: stride beyond the row, bytes less than needed.
    planes: [(u8, u8); 3],
    tensor: (u8, u8),
    choices: [u8; 5],
    pad_value: u8,
    mean: [f32; 3],
    std: [f32; 3],
    affine: [f32; 6],
    regions: Vec<[f32; 4]>,
    seed: u8,
}

fn pick<T: Copy>(all: &[T], index: u8) -> T {
    all[usize::from(index) % all.len()]
}

fuzz_target!(|input: Input| {
    let format = pick(&PixelFormat::ALL, input.format);
    let most = if input.wide { 16385 } else { 97 };
    let width = u32::from(input.size.0) % most;
    let height = u32::from(input.size.1) % if input.wide { 5 } else { 97 };
    let source = Source {
        pixel_aspect: (input.aspect.0.into(), input.aspect.1.into()),
        colorimetry: Colorimetry {
            matrix: Matrix::Bt709,
            range: if input.full_range { Range::Full } else { Range::Limited },
        },
        chroma_site: ChromaSite {
            left: input.sites.0,
            top: input.sites.1,
        },
        ..Source::new(format, width, height)
    };
    let [element, layout, color, resize, filter] = input.choices;
    let spec = TensorSpec {
        element: pick(&[Element::F32, Element::F16, Element::U8, Element::I8], element),
        layout: pick(&[TensorLayout::Nchw, TensorLayout::Nhwc], layout),
        color: pick(&[ColorFormat::Rgb, ColorFormat::Bgr, ColorFormat::Gray], color),
        resize: pick(
            &[
                ResizeMode::Stretch,
                ResizeMode::Letterbox,
                ResizeMode::LetterboxTopLeft,
                ResizeMode::Crop,
                ResizeMode::CropResize,
            ],
            resize,
        ),
        filter: pick(&[Filter::Bilinear, Filter::Nearest, Filter::Antialias], filter),
        pad_value: input.pad_value,
        mean: input.mean,
        std: input.std,
        ..TensorSpec::new(input.tensor.0.into(), input.tensor.1.into())
    };
    let Ok(mut converter) = Converter::new(source, &spec) else {
        return;
    };
    // Boxed slices have no room behind them: the sanitizer sees a byte too far.
    let memory: Vec<(Box<[u8]>, usize)> = (0..format.n_planes())
        .zip(input.planes)
        .map(|(plane, (pad, less))| {
            let row = format.row_bytes(plane, width as usize);
            let stride = row + usize::from(pad % 40);
            let len = stride * (format.rows(plane, height as usize) - 1) + row;
            // Most are whole.
            let len = len.saturating_sub(usize::from(less.saturating_sub(240)));
            (vec![input.seed; len].into_boxed_slice(), stride)
        })
        .collect();
    let planes: Vec<_> = memory
        .iter()
        .map(|(data, stride)| Plane {
            data,
            stride: *stride,
        })
        .collect();
    let frame = Frame { planes: &planes };
    // The same of the tensor: words, as aligned as elements need, and none behind the last.
    let mut memory = vec![0_u32; spec.bytes().div_ceil(4)].into_boxed_slice();
    // SAFETY: bytes of words.
    let out = unsafe { memory.align_to_mut::<u8>().1 };
    let out = &mut out[..spec.bytes()];
    let _ = converter.convert(&frame, out);
    let _ = converter.padding().fill(out);
    let _ = converter.convert_image(&frame, out);
    let [xx, xy, x0, yx, yy, y0] = input.affine;
    let affine = Affine { xx, xy, x0, yx, yy, y0 };
    let _ = converter.convert_turned(&frame, &affine, out);
    for [x, y, w, h] in input.regions.into_iter().take(4) {
        let _ = converter.convert_region(&frame, &Rect::new(x, y, w, h), out);
        // Where it is not far away.
        let near = Rect::new(x % 120.0, y % 120.0, w % 120.0, h % 120.0);
        let _ = converter.convert_region(&frame, &near, out);
    }
});
