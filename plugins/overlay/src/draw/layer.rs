// SPDX-License-Identifier: MIT OR Apache-2.0

use super::PlaneMut;
use super::span::Span;

/// One plane of a frame.
#[derive(Debug, Default)]
pub(super) struct Layer<'a> {
    data: &'a mut [u8],
    stride: usize,
    /// Bytes of a sample, 1..=4.
    pub(super) step: usize,
    /// Which of them is alpha, or nothing.
    alpha: Option<usize>,
}

impl<'a> Layer<'a> {
    /// A plane that is known to hold its frame's rows.
    pub(super) fn new(plane: &'a mut PlaneMut<'_>, step: usize, alpha: Option<usize>) -> Self {
        Self {
            data: plane.data,
            stride: plane.stride,
            step,
            alpha,
        }
    }

    /// `count` samples of row `y` from sample `x` on.
    pub(super) fn samples(&mut self, x: usize, y: usize, count: usize) -> &mut [u8] {
        &mut self.data[y * self.stride + x * self.step..][..count * self.step]
    }

    /// Makes all samples of `span` equal `ink`.
    pub(super) fn fill(&mut self, span: Span, ink: [u8; 4]) {
        match self.step {
            1 => self.fill_steps::<1>(span, ink),
            2 => self.fill_steps::<2>(span, ink),
            3 => self.fill_steps::<3>(span, ink),
            _ => self.fill_steps::<4>(span, ink),
        }
    }

    fn fill_steps<const STEP: usize>(&mut self, span: Span, ink: [u8; 4]) {
        let bytes = span.width() * STEP;
        match bytes {
            // Most of an outline is columns a few bytes wide, where calling `memcpy` for each
            // row costs more than what it does.
            1 => self.fill_column::<STEP, 1>(span, ink),
            2..4 => self.fill_column::<STEP, 2>(span, ink),
            4..8 => self.fill_column::<STEP, 4>(span, ink),
            8..=16 => self.fill_column::<STEP, 8>(span, ink),
            _ => {
                let first = self.samples(span.x0, span.y0, span.width());
                for sample in first.as_chunks_mut::<STEP>().0 {
                    sample.copy_from_slice(&ink[..STEP]);
                }
                self.repeat_row(span);
            }
        }
    }

    /// Makes all rows of `span` equal its first.
    pub(super) fn repeat_row(&mut self, span: Span) {
        let start = span.y0 * self.stride + span.x0 * self.step;
        let bytes = span.width() * self.step;
        for row in 1..span.height() {
            let to = start + row * self.stride;
            self.data.copy_within(start..start + bytes, to);
        }
    }

    /// Fills rows of `N` to `2 * N` bytes by writing their first and their last `N`.
    fn fill_column<const STEP: usize, const N: usize>(&mut self, span: Span, ink: [u8; 4]) {
        let mut all = [0; 16];
        for sample in all.chunks_mut(STEP) {
            sample.copy_from_slice(&ink[..sample.len()]);
        }
        let bytes = span.width() * STEP;
        let all = &all[..bytes];
        let (Some(head), Some(tail)) = (all.first_chunk::<N>(), all.last_chunk::<N>()) else {
            return;
        };
        let start = span.y0 * self.stride + span.x0 * STEP;
        let rows = self.data[start..].chunks_mut(self.stride);
        for row in rows.take(span.height()) {
            let row = &mut row[..bytes];
            if let Some(first) = row.first_chunk_mut() {
                *first = *head;
            }
            if let Some(last) = row.last_chunk_mut() {
                *last = *tail;
            }
        }
    }

    /// Mixes `ink` into all samples of `span`, all of it at an `alpha` of 255.
    pub(super) fn tint(&mut self, span: Span, ink: [u8; 4], alpha: u8) {
        let alphas = [alpha; 256];
        for y in span.y0..span.y1 {
            for x in (span.x0..span.x1).step_by(alphas.len()) {
                let count = alphas.len().min(span.x1 - x);
                self.blend(x, y, &alphas[..count], ink);
            }
        }
    }

    /// Mixes `ink` into the samples of row `y` from `x` on, each by its own alpha.
    pub(super) fn blend(&mut self, x: usize, y: usize, alphas: &[u8], ink: [u8; 4]) {
        let (step, opaque) = (self.step, self.alpha);
        let row = self.samples(x, y, alphas.len());
        match step {
            1 => blend_row::<1>(row, alphas, ink, opaque),
            2 => blend_row::<2>(row, alphas, ink, opaque),
            3 => blend_row::<3>(row, alphas, ink, opaque),
            _ => blend_row::<4>(row, alphas, ink, opaque),
        }
    }

    /// Mixes `ink` into the pixels `span` of packed 4:2:2. Of a pair that it has half of, the other
    /// half keeps its luma.
    pub(super) fn tint_pairs(&mut self, span: Span, ink: [u8; 4], alpha: u8, luma: usize) {
        let whole = Span::new(span.x0.div_ceil(2), span.y0, span.x1 / 2, span.y1);
        match whole {
            Some(whole) if alpha == 255 => self.fill(whole, ink),
            Some(whole) => self.tint(whole, ink, alpha),
            None => {}
        }
        let halves = [
            (span.x0 % 2 == 1).then_some((span.x0 / 2, [0, alpha])),
            (span.x1 % 2 == 1).then_some((span.x1 / 2, [alpha, 0])),
        ];
        for (x, alphas) in halves.into_iter().flatten() {
            for y in span.y0..span.y1 {
                // Chroma is that of what is drawn, as in 4:2:0.
                let sample = self.samples(x, y, 1);
                for (index, byte) in sample.iter_mut().enumerate() {
                    let alpha = match index.checked_sub(luma) {
                        Some(0) => alphas[0],
                        Some(2) => alphas[1],
                        _ => alpha,
                    };
                    *byte = mix(*byte, ink[index], alpha);
                }
            }
        }
    }

    /// Mixes `ink` into packed 4:2:2: two bytes of four are luma, each by the alpha of its own
    /// pixel, and two are chroma, by the mean of both. `x` is a sample, that is a pair of pixels; `luma` is where the first
    /// pixel's luma is.
    pub(super) fn blend_pairs(
        &mut self,
        x: usize,
        y: usize,
        alphas: &[u8],
        ink: [u8; 4],
        luma: usize,
    ) {
        let luma_first = luma == 0;
        let (pairs, _) = alphas.as_chunks::<2>();
        let row = self.samples(x, y, pairs.len());
        for (sample, [left, right]) in row.as_chunks_mut::<4>().0.iter_mut().zip(pairs) {
            if (*left, *right) == (0, 0) {
                continue;
            }
            let both = ((u16::from(*left) + u16::from(*right)) / 2) as u8;
            let alphas = match luma_first {
                true => [*left, both, *right, both],
                false => [both, *left, both, *right],
            };
            for ((byte, alpha), ink) in sample.iter_mut().zip(alphas).zip(ink) {
                *byte = mix(*byte, ink, alpha);
            }
        }
    }
}

/// Samples that are mixed together.
const BLOCK: usize = 16;

/// Mixes block by block. Within a block the alphas are first spread to one a byte: then all bytes
/// are treated alike and the compiler makes vectors of them, which it does not for the two to
/// four bytes of a sample. Blocks where nothing is to be drawn are common in text.
fn blend_row<const STEP: usize>(
    row: &mut [u8],
    alphas: &[u8],
    ink: [u8; 4],
    opaque: Option<usize>,
) {
    let (row, _) = row.as_chunks_mut::<STEP>();
    let (blocks, last) = row.as_chunks_mut::<BLOCK>();
    let (alphas, last_alphas) = alphas.as_chunks::<BLOCK>();
    for (samples, alphas) in blocks.iter_mut().zip(alphas) {
        if *alphas != [0; BLOCK] {
            blend_block(samples, alphas, ink, opaque);
        }
    }
    if last_alphas.iter().any(|&alpha| alpha > 0) {
        let (mut samples, mut alphas) = ([[0; STEP]; BLOCK], [0; BLOCK]);
        samples[..last.len()].copy_from_slice(last);
        alphas[..last.len()].copy_from_slice(last_alphas);
        blend_block(&mut samples, &alphas, ink, opaque);
        last.copy_from_slice(&samples[..last.len()]);
    }
}

fn blend_block<const STEP: usize>(
    samples: &mut [[u8; STEP]; BLOCK],
    alphas: &[u8; BLOCK],
    ink: [u8; 4],
    opaque: Option<usize>,
) {
    let mut spread = [[0; STEP]; BLOCK];
    let mut inks = [[0; STEP]; BLOCK];
    for i in 0..BLOCK {
        spread[i] = [alphas[i]; STEP];
        if let (4, Some(byte), 1..) = (STEP, opaque, alphas[i]) {
            spread[i][byte & 3] = 255;
        }
        inks[i].copy_from_slice(&ink[..STEP]);
    }
    let mixed = spread.as_flattened().iter().zip(inks.as_flattened());
    for (byte, (&alpha, &ink)) in samples.as_flattened_mut().iter_mut().zip(mixed) {
        *byte = mix(*byte, ink, alpha);
    }
}

/// `(from * (255 - alpha) + to * alpha) / 255`, rounded, in 16 bits (J. Blinn, "Three wrongs make
/// a right", IEEE CG&A 1995).
fn mix(from: u8, to: u8, alpha: u8) -> u8 {
    let (from, to, alpha) = (u16::from(from), u16::from(to), u16::from(alpha));
    let sum = from * (255 - alpha) + to * alpha + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::mix;

    #[test]
    fn a_mix_is_the_rounded_average() {
        for alpha in 0..=255_u8 {
            for from in (0..=255).step_by(5) {
                for to in (0..=255).step_by(3) {
                    let weight = f32::from(alpha) / 255.0;
                    let exact = f32::from(from) * (1.0 - weight) + f32::from(to) * weight;
                    let found = f32::from(mix(from, to, alpha));
                    assert!((found - exact).abs() <= 0.501, "{from} {to} {alpha}");
                }
            }
        }
        assert_eq!(mix(7, 200, 0), 7);
        assert_eq!(mix(7, 200, 255), 200);
    }
}
