// SPDX-License-Identifier: MIT OR Apache-2.0

use super::super::{Converter, Error, Source};
use super::{FORMATS, Picture};
use crate::{Colorimetry, Frame, FrameError, PixelFormat, Plane, TensorSpec};

fn source(width: u32, height: u32) -> Source {
    Source {
        format: PixelFormat::Nv12,
        width,
        height,
        colorimetry: Colorimetry::default(),
    }
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
    for format in FORMATS {
        let picture = Picture::new(format, (5, 3), 2, |_, _, x| x as u8);
        let mut converter = Converter::new(picture.source, &spec).unwrap();
        for plane in 0..format.n_planes() {
            let whole = picture.planes[plane].0.len();
            for found in 0..whole {
                let mut cut = picture.clone();
                cut.planes[plane].0.truncate(found);
                let mut out = vec![7.0; spec.len()];
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
                assert!(out.iter().all(|&v| v == 7.0));
            }
        }
    }
}

#[test]
fn wrong_planes_strides_and_tensors_are_named() {
    let spec = TensorSpec::new(6, 6);
    let mut out = vec![0.0; spec.len()];
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

    for wrong in [0, 107, 109] {
        let mut out = vec![0.0; wrong];
        let expected = Error::TensorLen {
            expected: 108,
            found: wrong,
        };
        let error = picture
            .with(|frame| converter.convert(frame, &mut out))
            .unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(converter.fill_padding(&mut out).unwrap_err(), expected);
    }
}

#[test]
fn a_stride_that_overflows_is_an_error() {
    let planes = [Plane {
        data: &[0; 64],
        stride: usize::MAX,
    }; 2];
    let spec = TensorSpec::new(6, 6);
    let mut out = vec![0.0; spec.len()];
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
    let mut out = vec![0.0; spec.len()];
    let mut converter = Converter::new(one, &spec).unwrap();
    converter
        .convert(&Frame { planes: &planes }, &mut out)
        .unwrap();
    assert_eq!(out, [1.0; 12]);
}
