// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::color::{Channel, RgbTerm, rgb_terms};
use crate::columns::Columns;
use crate::cpu::Cpu;
use crate::place::{Place, Target};
use crate::plane::planes;
use crate::rows::RowPair;
use crate::{ColorFormat, Frame, PixelFormat, TensorSpec};
use crate::{Error, Source, store};

/// RGB, BGR, RGBx and BGRx into a tensor.
#[derive(Debug)]
pub(crate) struct Rgb {
    columns: Columns,
    rows: RowPair,
    terms: [RgbTerm; 3],
    /// Whether a pixel has four bytes.
    padded: bool,
    /// Whether the tensor's channels are in the opposite order of the frame's.
    swapped: bool,
}

impl Rgb {
    pub(crate) fn new(
        source: &Source,
        spec: &TensorSpec,
        place: &Place,
        channels: &[Channel; 3],
    ) -> Self {
        let (width, height) = (source.width as usize, source.height as usize);
        let padded = matches!(source.format, PixelFormat::Rgbx | PixelFormat::Bgrx);
        let red_first = matches!(source.format, PixelFormat::Rgb | PixelFormat::Rgbx);
        let step = if padded { 4 } else { 3 };
        Self {
            columns: Columns::new(place.width, width as f64, width, step),
            rows: RowPair::new(place.height, height as f64, height, 3 * place.width),
            terms: rgb_terms(channels),
            padded,
            swapped: red_first != (spec.color == ColorFormat::Rgb),
        }
    }

    pub(crate) fn convert(
        &mut self,
        cpu: Cpu,
        source: &Source,
        frame: &Frame<'_>,
        target: &mut Target<'_>,
        height: usize,
    ) -> Result<(), Error> {
        let [pixels] = planes(source, frame)?;
        let width = self.columns.len();
        self.rows.restart();
        for y in 0..height {
            let row = self.rows.at(y, |from, to| {
                let (first, rest) = to.split_at_mut(width);
                let (second, third) = rest.split_at_mut(width);
                let out = if self.swapped {
                    [third, second, first]
                } else {
                    [first, second, third]
                };
                if self.padded {
                    self.columns.three::<4>(cpu, pixels.row(from), out);
                } else {
                    self.columns.three::<3>(cpu, pixels.row(from), out);
                }
            });
            store::rgb(cpu, &row, &self.terms, target, y);
        }
        Ok(())
    }
}
