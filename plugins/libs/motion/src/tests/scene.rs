// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of a street: texture, camera noise, things that move.

use crate::{Luma, Samples};

pub struct Scene {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
    street: Vec<u8>,
    random: u32,
}

impl Scene {
    /// A street with brightness from 60 to 160.
    pub fn new(width: u32, height: u32) -> Self {
        let level = |i: u32| (60 + (i % width / 7 * 13 + i / width / 5 * 29) % 100) as u8;
        let street: Vec<_> = (0..width * height).map(level).collect();
        Self {
            width,
            height,
            pixels: street.clone(),
            street,
            random: 1,
        }
    }

    /// The street with noise that is as wide as a normal distribution of this standard deviation,
    /// its light multiplied.
    pub fn shoot(&mut self, deviation: f32, light: f32) {
        for (pixel, street) in self.pixels.iter_mut().zip(&self.street) {
            let mut sum = 0.0; // of four uniform numbers: near enough
            for _ in 0..4 {
                sum += (next(&mut self.random) >> 8) as f32 / (1u32 << 24) as f32 - 0.5;
            }
            let noise = sum * deviation * 3f32.sqrt();
            *pixel = (f32::from(*street) * light + noise).clamp(0.0, 255.0) as u8;
        }
    }

    /// A number below `end`.
    pub fn random(&mut self, end: u32) -> u32 {
        (next(&mut self.random) >> 8) % end
    }

    /// Moves the picture to the left and up, its edges repeated.
    pub fn shift(&mut self, x: u32, y: u32) {
        let before = self.pixels.clone();
        for (i, pixel) in (0..).zip(&mut self.pixels) {
            let from_x = (i % self.width + x).min(self.width - 1);
            let from_y = (i / self.width + y).min(self.height - 1);
            *pixel = before[(from_y * self.width + from_x) as usize];
        }
    }

    /// Changes all pixels by a number of levels that depends on their row.
    pub fn brighten(&mut self, levels: impl Fn(u32) -> f32) {
        for (i, pixel) in (0..).zip(&mut self.pixels) {
            *pixel = (f32::from(*pixel) + levels(i / self.width)).clamp(0.0, 255.0) as u8;
        }
    }

    /// Something of one brightness, in pixels.
    pub fn put(&mut self, x: u32, y: u32, width: u32, height: u32, level: u8) {
        for y in y..(y + height).min(self.height) {
            for x in x..(x + width).min(self.width) {
                self.pixels[(y * self.width + x) as usize] = level;
            }
        }
    }

    pub fn luma(&self) -> Luma<'_> {
        Luma {
            data: &self.pixels,
            stride: self.width as usize,
            width: self.width,
            height: self.height,
            samples: Samples::BYTES,
        }
    }
}

/// The next of a linear congruential generator (Numerical Recipes).
fn next(state: &mut u32) -> u32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    *state
}
