// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::color::{Channel, YuvTerm, yuv_terms};
use crate::columns::Columns;
use crate::cpu::Cpu;
use crate::place::{Place, Target};
use crate::plane::{Rows, planes};
use crate::rows::RowPair;
use crate::store::{self, YuvRow};
use crate::{ColorFormat, Frame, PixelFormat, TensorSpec};
use crate::{Error, Source};

/// NV12 and I420 into a tensor.
///
/// Chroma is taken to sit in the centre of its 2×2 luma pixels on both axes, so that it follows
/// the same half-pixel rule as luma at half the size. (MPEG-2 and H.264 by default site it half
/// a luma pixel further left. That shift, a quarter of a chroma sample, is ignored here as it is
/// in the decoders that most training images came through, JPEG's among them.)
#[derive(Debug)]
pub(crate) struct Yuv {
    luma_columns: Columns,
    luma_rows: RowPair,
    chroma_columns: Columns,
    chroma_rows: RowPair,
    terms: [YuvTerm; 3],
    /// Whether Cr comes before Cb in the rows of `chroma_rows`.
    cr_first: bool,
}

/// The chroma of a frame.
#[derive(Clone, Copy)]
enum Chroma<'a> {
    Interleaved(Rows<'a>),
    Planar { cb: Rows<'a>, cr: Rows<'a> },
}

impl Yuv {
    pub(crate) fn new(
        source: &Source,
        spec: &TensorSpec,
        place: &Place,
        channels: &[Channel; 3],
    ) -> Self {
        let (width, height) = (source.width as usize, source.height as usize);
        let step = if source.format == PixelFormat::Nv12 {
            2
        } else {
            1
        };
        let half = |length: usize| length as f64 / 2.0;
        Self {
            luma_columns: Columns::new(place.width, width as f64, width, 1),
            luma_rows: RowPair::new(place.height, height as f64, height, place.width),
            chroma_columns: Columns::new(place.width, half(width), width.div_ceil(2), step),
            chroma_rows: RowPair::new(
                place.height,
                half(height),
                height.div_ceil(2),
                2 * place.width,
            ),
            terms: yuv_terms(source.colorimetry, spec.color, channels),
            cr_first: spec.color == ColorFormat::Rgb,
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
        let (luma, chroma) = if source.format == PixelFormat::Nv12 {
            let [luma, pairs] = planes(source, frame)?;
            (luma, Chroma::Interleaved(pairs))
        } else {
            let [luma, cb, cr] = planes(source, frame)?;
            (luma, Chroma::Planar { cb, cr })
        };
        self.luma_rows.restart();
        self.chroma_rows.restart();
        for y in 0..height {
            let row = YuvRow {
                luma: (self.luma_rows)
                    .at(y, |from, to| self.luma_columns.one(cpu, luma.row(from), to)),
                chroma: self.chroma_rows.at(y, |from, to| {
                    resize_chroma(
                        cpu,
                        &mut self.chroma_columns,
                        chroma,
                        from,
                        self.cr_first,
                        to,
                    );
                }),
            };
            store::yuv(cpu, &row, &self.terms, target, y);
        }
        Ok(())
    }
}

/// Resizes row `from` of Cb and Cr into the two halves of `to`.
fn resize_chroma(
    cpu: Cpu,
    columns: &mut Columns,
    chroma: Chroma<'_>,
    from: usize,
    cr_first: bool,
    to: &mut [f32],
) {
    let (first, second) = to.split_at_mut(columns.len());
    let (cb_out, cr_out) = if cr_first {
        (second, first)
    } else {
        (first, second)
    };
    match chroma {
        Chroma::Interleaved(pairs) => columns.two(cpu, pairs.row(from), [cb_out, cr_out]),
        Chroma::Planar { cb, cr } => {
            columns.one(cpu, cb.row(from), cb_out);
            columns.one(cpu, cr.row(from), cr_out);
        }
    }
}
