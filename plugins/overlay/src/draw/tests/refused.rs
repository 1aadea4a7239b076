// SPDX-License-Identifier: MIT OR Apache-2.0

use super::BT709;
use crate::draw::{Canvas, Error, Format, PlaneMut};

fn refusal(format: Format, size: (u32, u32), planes: &[(usize, usize)]) -> Option<Error> {
    let mut data: Vec<_> = planes.iter().map(|&(len, s)| (vec![0; len], s)).collect();
    let mut planes: Vec<_> = data
        .iter_mut()
        .map(|(data, stride)| PlaneMut {
            data,
            stride: *stride,
        })
        .collect();
    Canvas::new(format, size.0, size.1, BT709, &mut planes).err()
}

#[test]
fn a_frame_that_fits_exactly_is_taken() {
    assert_eq!(refusal(Format::Rgb, (5, 3), &[(45, 15)]), None);
    assert_eq!(refusal(Format::Nv12, (5, 3), &[(15, 5), (12, 6)]), None);
    assert_eq!(refusal(Format::I420, (1, 1), &[(1, 1); 3]), None);
}

#[test]
fn sides_must_be_sensible() {
    for (width, height) in [(0, 1), (1, 0), (16385, 1), (1, u32::MAX)] {
        let error = Some(Error::Size { width, height });
        assert_eq!(refusal(Format::Rgb, (width, height), &[(9, 3)]), error);
    }
}

#[test]
fn planes_must_be_as_many_as_the_format_has() {
    let error = Some(Error::PlaneCount {
        format: Format::Nv12.layout(),
        expected: 2,
        found: 3,
    });
    assert_eq!(refusal(Format::Nv12, (2, 2), &[(9, 3); 3]), error);
}

#[test]
fn short_strides_and_planes_are_named() {
    let stride = Error::Stride {
        plane: 1,
        needed: 6,
        found: 5,
    };
    let found = refusal(Format::Nv12, (5, 3), &[(15, 5), (12, 5)]);
    assert_eq!(found, Some(stride));
    let data = Error::PlaneData {
        plane: 2,
        needed: 6,
        found: 5,
    };
    let found = refusal(Format::I420, (5, 3), &[(15, 5), (6, 3), (5, 3)]);
    assert_eq!(found, Some(data.clone()));
    assert!(data.to_string().contains("needs") || data.to_string().contains("need 6"));
    let huge = refusal(Format::Rgb, (2, 3), &[(99, usize::MAX)]);
    assert!(matches!(huge, Some(Error::PlaneData { .. })));
}
