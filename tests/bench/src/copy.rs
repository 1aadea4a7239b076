// SPDX-License-Identifier: MIT OR Apache-2.0

use std::hint::black_box;

use lynx_geometry::Rect;
use lynx_tensor::AlignedBytes;

use crate::{Case, Picture, Variant};

/// The floor that memory sets: a plain copy of as many bytes as the frame, or the region, and the
/// tensor have.
pub struct Copy<'a> {
    case: &'a Case,
    picture: &'a Picture,
    copy: Picture,
    tensors: [AlignedBytes; 2],
    next: usize,
}

impl<'a> Copy<'a> {
    pub fn new(case: &'a Case, picture: &'a Picture) -> Self {
        let mut tensors = [(); 2].map(|()| AlignedBytes::new(case.spec.bytes()));
        // Pages that were never written are all one page of zeros.
        tensors.iter_mut().for_each(|tensor| tensor.fill(1));
        Self {
            case,
            picture,
            copy: picture.clone(),
            tensors,
            next: 0,
        }
    }
}

/// Copies the bytes of a plane that a region lies in.
fn copy_region(case: &Case, region: &Rect, from: &(Vec<u8>, usize), to: &mut [u8]) {
    let (data, stride) = from;
    let rows = data.len() / stride;
    let part = |from: f32, length: f32, frame: u32, here: usize| {
        let scale = here as f32 / frame as f32;
        let start = (from * scale) as usize;
        start..(((from + length) * scale).ceil() as usize).min(here)
    };
    let bytes = part(region.x, region.w, case.width, *stride);
    for y in part(region.y, region.h, case.height, rows) {
        let row = y * stride + bytes.start..y * stride + bytes.end;
        to[row.clone()].copy_from_slice(&data[row]);
    }
}

impl Variant for Copy<'_> {
    fn run(&mut self) {
        let region = self.case.regions.get(self.next);
        let planes = self.picture.planes().iter().zip(self.copy.planes_mut());
        for (from, (to, _)) in planes {
            match region {
                None => black_box(to).copy_from_slice(black_box(&from.0)),
                Some(region) => copy_region(self.case, region, black_box(from), black_box(to)),
            }
        }
        let [from, to] = &mut self.tensors;
        black_box(to).copy_from_slice(black_box(from));
        self.next = (self.next + 1) % self.case.regions.len().max(1);
    }
}
