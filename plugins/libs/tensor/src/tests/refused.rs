// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

use super::Picture;
use crate::{
    AlignedBytes, Converter, Error, Frame, FrameError, PixelFormat, Plane, Source, TensorSpec,
};

fn source(width: u32, height: u32) -> Source {
    Source::new(PixelFormat::Nv12, width, height)
}

#[test]
fn sizes_of_nothing_or_too_much_are_refused() {
    for (width, height) in [(0, 1), (1, 0), (16385, 1), (1, u32::MAX)] {
        let spec = TensorSpec::new(8, 8);
        let error = Converter::new(source(width, height), &spec).unwrap_err();
        assert_eq!(error, FrameError::Size { width, height }.into());
        let error = Converter::new(source(8, 8), &TensorSpec::new(width, height)).unwrap_err();
        assert_eq!(error, Error::TensorSize { width, height });
    }
    assert!(Converter::new(source(16384, 1), &TensorSpec::new(1, 16384)).is_ok());
}

#[test]
fn a_normalisation_without_a_finite_result_is_refused() {
    let bad = [
        (0.0, 0.0),
        (0.0, -0.0),
        (0.0, f32::NAN),
        (0.0, f32::INFINITY),
        (0.0, 1e-40),
        (f32::NAN, 1.0),
        (f32::INFINITY, 1.0),
        (f32::MAX, 0.5),
    ];
    for (mean, std) in bad {
        let spec = TensorSpec {
            mean: [0.0, mean, 0.0],
            std: [1.0, std, 1.0],
            ..TensorSpec::new(8, 8)
        };
        let error = Converter::new(source(8, 8), &spec).unwrap_err();
        let refused = matches!(error, Error::Normalization { channel: 1, .. });
        assert!(refused, "{mean} {std}: {error}");
    }
}

#[test]
fn a_plane_cut_anywhere_is_an_error_and_leaves_the_tensor_alone() {
    let spec = TensorSpec::new(6, 6);
    for format in PixelFormat::ALL {
        let picture = Picture::new(format, (5, 3), 2, |_, _, x| x as u8);
        let mut converter = Converter::new(picture.source, &spec).unwrap();
        for plane in 0..format.n_planes() {
            let whole = picture.planes[plane].0.len();
            for found in 0..whole {
                let mut cut = picture.clone();
                cut.planes[plane].0.truncate(found);
                let mut out = AlignedBytes::new(spec.bytes());
                out.fill(7);
                let error = cut
                    .with(|frame| converter.convert(frame, &mut out))
                    .unwrap_err();
                let needed = whole;
                assert_eq!(
                    error,
                    FrameError::PlaneData {
                        plane,
                        needed,
                        found
                    }
                    .into()
                );
                assert!(out.iter().all(|&v| v == 7));
            }
        }
    }
}

#[test]
fn wrong_planes_strides_and_tensors_are_named() {
    let spec = TensorSpec::new(6, 6);
    let mut out = AlignedBytes::new(spec.bytes());
    let picture = Picture::new(PixelFormat::I420, (5, 3), 0, |_, _, _| 0);
    let mut converter = Converter::new(picture.source, &spec).unwrap();

    let mut fewer = picture.clone();
    fewer.planes.pop();
    let error = fewer
        .with(|frame| converter.convert(frame, &mut out))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Frame(FrameError::PlaneCount {
                expected: 3,
                found: 2,
                ..
            })
        ),
        "{error}"
    );
    let mut more = picture.clone();
    more.planes.push((vec![0; 99], 9));
    let error = more
        .with(|frame| converter.convert(frame, &mut out))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Frame(FrameError::PlaneCount {
                expected: 3,
                found: 4,
                ..
            })
        ),
        "{error}"
    );

    let mut overlapping = picture.clone();
    overlapping.planes[1].1 = 2;
    let error = overlapping
        .with(|frame| converter.convert(frame, &mut out))
        .unwrap_err();
    assert_eq!(
        error,
        FrameError::Stride {
            plane: 1,
            needed: 3,
            found: 2
        }
        .into()
    );

    for wrong in [0, 431, 433] {
        let mut out = AlignedBytes::new(wrong);
        let expected = Error::TensorLen {
            expected: 432,
            found: wrong,
        };
        let error = picture
            .with(|frame| converter.convert(frame, &mut out))
            .unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(converter.padding().fill(&mut out).unwrap_err(), expected);
    }
}

#[test]
fn a_stride_that_overflows_is_an_error() {
    let planes = [Plane {
        data: &[0; 64],
        stride: usize::MAX,
    }; 2];
    let spec = TensorSpec::new(6, 6);
    let mut out = AlignedBytes::new(spec.bytes());
    let mut converter = Converter::new(source(4, 4), &spec).unwrap();
    let error = converter
        .convert(&Frame { planes: &planes }, &mut out)
        .unwrap_err();
    assert!(
        matches!(error, Error::Frame(FrameError::PlaneData { plane: 0, .. })),
        "{error}"
    );
}

#[test]
fn one_row_needs_no_whole_stride() {
    let planes = [Plane {
        data: &[255; 12],
        stride: 4096,
    }];
    let one = Source {
        format: PixelFormat::Rgb,
        ..source(4, 1)
    };
    let spec = TensorSpec::new(4, 1);
    let mut out = AlignedBytes::new(spec.bytes());
    let mut converter = Converter::new(one, &spec).unwrap();
    converter
        .convert(&Frame { planes: &planes }, &mut out)
        .unwrap();
    assert_eq!(super::elements(spec.element, &out), [1.0; 12]);
}

#[test]
fn memory_that_elements_may_not_begin_at_is_refused() {
    let spec = TensorSpec::new(6, 6);
    let mut room = AlignedBytes::new(spec.bytes() + 64);
    let picture = Picture::new(PixelFormat::Gray8, (5, 3), 0, |_, _, _| 0);
    let mut converter = Converter::new(picture.source, &spec).unwrap();
    for shift in 1..4 {
        let out = &mut room[shift..][..spec.bytes()];
        let error = picture
            .with(|frame| converter.convert(frame, out))
            .unwrap_err();
        assert_eq!(error, Error::Alignment { needed: 4 });
    }
}

#[test]
fn regions_without_a_pixel_are_refused_and_others_cut() {
    let spec = TensorSpec::new(6, 6);
    let mut out = AlignedBytes::new(spec.bytes());
    let picture = Picture::new(PixelFormat::Nv12, (5, 3), 0, |_, _, _| 9);
    let mut converter = Converter::new(picture.source, &spec).unwrap();
    let mut convert = |x, y, w, h| {
        let region = Rect::new(x, y, w, h);
        picture.with(|frame| converter.convert_region(frame, &region, &mut out))
    };
    const NAN: f32 = f32::NAN;
    const INFINITY: f32 = f32::INFINITY;
    for (x, y, w, h) in [
        (5.0, 0.0, 1.0, 1.0),
        (0.0, 3.0, 1.0, 1.0),
        (-2.0, 0.0, 2.0, 1.0),
        (0.0, 0.0, 0.0, 1.0),
        (0.0, 0.0, 1.0, -1.0),
        (3.0, 0.0, -2.0, 1.0),
        (NAN, 0.0, 1.0, 1.0),
        (0.0, NAN, 1.0, 1.0),
        (0.0, 0.0, NAN, 1.0),
        (0.0, 0.0, 1.0, NAN),
        (INFINITY, 0.0, 1.0, 1.0),
        (-INFINITY, 0.0, INFINITY, 1.0),
        (0.0, 0.0, INFINITY, 1.0),
        (f32::MAX, 0.0, f32::MAX, 1.0),
    ] {
        let error = convert(x, y, w, h).unwrap_err();
        let region = matches!(
            error,
            Error::Region {
                width: 5,
                height: 3,
                ..
            }
        );
        assert!(region, "{x} {y} {w} {h}: {error}");
    }
    for (x, y, w, h) in [
        (-1e9, -1e9, 2e9, 2e9),
        (4.9, 2.9, 9.0, 9.0),
        (2.2, 1.1, 0.1, 0.1),
        (-3.0, 0.0, 3.001, 1.0),
        (0.0, 0.0, f32::MIN_POSITIVE, 1.0),
    ] {
        convert(x, y, w, h).unwrap_or_else(|error| panic!("{x} {y} {w} {h}: {error}"));
    }
}

#[test]
fn the_widest_frames_and_the_smallest_are_converted() {
    for (size, tensor) in [
        ((16384, 3), (1, 1)),
        ((3, 16384), (9, 2)),
        ((1, 1), (64, 64)),
    ] {
        for format in PixelFormat::ALL {
            let picture = Picture::new(format, size, 0, |_, _, _| 128);
            for spec in [TensorSpec::new(tensor.0, tensor.1), TensorSpec::new(16, 16)] {
                assert!(picture.convert(&spec).iter().all(|v| v.is_finite()));
            }
        }
    }
}
