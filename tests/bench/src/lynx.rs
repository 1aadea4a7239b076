// SPDX-License-Identifier: MIT OR Apache-2.0

use std::hint::black_box;

use lynx_tensor::{AlignedBytes, Converter, Source};

use crate::{Case, Picture, Variant};

/// Lynx's converter, the whole tensor with its padding every time.
pub struct Lynx<'a> {
    case: &'a Case,
    picture: &'a Picture,
    converter: Converter,
    tensor: AlignedBytes,
    next: usize,
}

impl<'a> Lynx<'a> {
    pub fn new(case: &'a Case, picture: &'a Picture) -> Self {
        let source = Source::new(case.format, case.width, case.height);
        Self {
            case,
            picture,
            converter: Converter::new(source, &case.spec).expect("a case that works"),
            tensor: AlignedBytes::new(case.spec.bytes()),
            next: 0,
        }
    }
}

impl Variant for Lynx<'_> {
    fn run(&mut self) {
        let (converter, tensor) = (&mut self.converter, &mut self.tensor);
        let region = self.case.regions.get(self.next);
        self.picture.with_frame(|frame| match black_box(region) {
            None => converter.convert(black_box(frame), tensor).expect("fits"),
            Some(region) => {
                let made = converter.convert_region(black_box(frame), region, tensor);
                made.expect("lies in the frame");
            }
        });
        black_box(&self.tensor);
        self.next = (self.next + 1) % self.case.regions.len().max(1);
    }

    fn tensor(&self) -> Option<&[u8]> {
        Some(&self.tensor)
    }
}
