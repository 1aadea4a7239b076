// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each block looks like when nothing moves, and how much it changes then.
//!
//! * The level follows the picture with a time constant of [`LEVEL_TIME`], and what is further
//!   off than the threshold pulls no harder than the threshold (Huber's estimator): who passes
//!   leaves no trace, and what was parked becomes background in the end.
//! * The noise is the median of the distance to the level, followed in steps of equal length up
//!   and down (sigma-delta estimation, Manzanera and Richefeu, Pattern Recognition Letters 2007).
//!   A lamp that flickers or a tree in the wind is far off half of the time and raises it; people
//!   who pass a few seconds of each minute do not.
//! * Light that changes everywhere multiplies the picture. The median of the quotients of picture
//!   and level is that factor, and the level takes it over at once.

/// How fast the background becomes what is there now, in seconds.
const LEVEL_TIME: f32 = 2.0;
/// In how many seconds the noise moves by the threshold; within fewer as long as the detector is
/// younger, since a noisy camera is to be known soon.
const NOISE_TIME: (f32, f32) = (1.0, 10.0);
/// A block has moved when it is this many times its noise off: 3.4 standard deviations of
/// normally distributed noise, whose median distance is 0.674 of one.
const NOISE_FACTOR: f32 = 5.0;
/// However restless a block, it has moved when it is this many thresholds off.
const MOST_THRESHOLDS: f32 = 6.0;
/// From this share of the blocks on it is another picture: a cut, the lights, the camera turned.
const ANOTHER_PICTURE: f32 = 0.6;
/// Levels below this say nothing of the light: quotients of small numbers.
const DARK: f32 = 20.0;
/// About how many blocks the light is measured at.
const LIGHT_SAMPLES: usize = 1000;

#[derive(Debug)]
pub(crate) struct Background {
    /// In levels of 0..=255, one a block.
    level: Vec<f32>,
    /// In levels, one a block.
    noise: Vec<f32>,
    /// How long it has learned, in seconds, up to the longest [`NOISE_TIME`].
    age: f32,
    /// Quotients met, in steps of 1/128.
    histogram: Vec<u32>,
}

const STEPS_PER_ONE: f32 = 128.0;
const HISTOGRAM: usize = 4 * STEPS_PER_ONE as usize;

/// What one picture was, beside the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// So many blocks are off.
    Blocks(usize),
    /// It is another picture, which is the background from now on.
    Anew,
}

impl Background {
    pub(crate) fn new(blocks: usize) -> Self {
        Self {
            level: vec![0.0; blocks],
            noise: vec![0.0; blocks],
            age: 0.0,
            histogram: vec![0; HISTOGRAM],
        }
    }

    /// Takes a picture for the background. `scale` makes levels of its values.
    pub(crate) fn learn(&mut self, picture: &[u16], scale: f32) {
        for (level, &value) in self.level.iter_mut().zip(picture) {
            *level = f32::from(value) * scale;
        }
    }

    /// Marks the blocks of `picture` that are off by more than `threshold` levels with 1 in
    /// `mask`, the others with 0, and learns from all of them. The picture before this one was
    /// `seconds` earlier.
    pub(crate) fn compare(
        &mut self,
        picture: &[u16],
        scale: f32,
        threshold: f32,
        seconds: f32,
        mask: &mut [u8],
    ) -> Compared {
        let light = self.light(picture, scale);
        let follow = 1.0 - (-seconds / LEVEL_TIME).exp();
        self.age = (self.age + seconds).min(NOISE_TIME.1);
        let step = threshold * seconds / self.age.max(NOISE_TIME.0);
        let most = threshold * MOST_THRESHOLDS;
        let mut off = 0;
        let blocks = self.level.iter_mut().zip(&mut self.noise).zip(picture);
        for (((level, noise), &value), mask) in blocks.zip(mask) {
            let expected = *level * light;
            let difference = f32::from(value) * scale - expected;
            let distance = difference.abs();
            let moved = distance > (*noise * NOISE_FACTOR).max(threshold).min(most);
            *mask = u8::from(moved);
            off += u32::from(moved);
            *level = expected + follow * difference.max(-threshold).min(threshold);
            let up = if distance > *noise { step } else { -step };
            *noise = (*noise + up).max(0.0);
        }
        if off as f32 > ANOTHER_PICTURE * picture.len() as f32 {
            self.learn(picture, scale);
            return Compared::Anew;
        }
        Compared::Blocks(off as usize)
    }

    /// How many times as bright as the background the picture is: a median over the blocks that
    /// are not dark, or 1 where most are.
    fn light(&mut self, picture: &[u16], scale: f32) -> f32 {
        let stride = (picture.len() / LIGHT_SAMPLES) | 1; // odd: not one column again and again
        let (mut seen, mut counted) = (0, 0);
        self.histogram.fill(0);
        for (&level, &value) in self.level.iter().zip(picture).step_by(stride) {
            seen += 1;
            if level >= DARK {
                let quotient = f32::from(value) * scale / level;
                let bin = (quotient * STEPS_PER_ONE + 0.5) as usize;
                self.histogram[bin.min(HISTOGRAM - 1)] += 1;
                counted += 1;
            }
        }
        if 2 * counted < seen {
            return 1.0;
        }
        let mut below = 0;
        let median = self.histogram.iter().position(|&count| {
            below += count;
            2 * below >= counted
        });
        median.map_or(1.0, |bin| bin as f32 / STEPS_PER_ONE)
    }
}
