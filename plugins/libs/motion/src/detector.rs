// SPDX-License-Identifier: MIT OR Apache-2.0

use std::time::Duration;

use lynx_geometry::Rect;

use crate::background::{Background, Compared};
use crate::grid::Grid;
use crate::luma::TAPS;
use crate::{Config, Error, Luma};

/// What moves in one picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Motion {
    /// At least [`Config::min_area`] of the picture moves, or it is another picture altogether.
    pub moving: bool,
    /// Share of the picture that moves, 0..=1.
    pub share: f32,
    /// The bounding box of what moves, one block larger on every side, in pixels of the picture;
    /// `None` when nothing does or all of it is new.
    pub region: Option<Rect>,
    /// The first picture, or one that has little in common with the one before: a cut, the light
    /// switched on, the camera turned.
    pub anew: bool,
}

/// Tells what moves by comparing pictures, reduced to blocks, with a background that it learns.
///
/// A block has moved when it is further from the background than [`Config::threshold`] and than
/// five times what it usually is (at most six thresholds), and so has one of its four neighbours:
/// noise comes alone. Light that changes everywhere by the same factor is no motion.
#[derive(Debug, Default)]
pub struct MotionDetector {
    state: Option<State>,
}

/// For pictures of one size.
#[derive(Debug)]
struct State {
    grid: Grid,
    background: Background,
    picture: Vec<u16>,
    /// Blocks that are off, 1 or 0.
    off: Vec<u8>,
    /// Those of them that have company, 1 or 0.
    moved: Vec<u8>,
}

impl MotionDetector {
    /// A detector that has seen nothing: its first picture is [`Motion::anew`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the background.
    pub fn reset(&mut self) {
        self.state = None;
    }

    /// Looks at a picture, `elapsed` after the one before (more than a second counts as one). A
    /// picture of another size than the one before is the first of a new series.
    ///
    /// # Errors
    ///
    /// [`Error`] when the picture does not lie within its data; the background stays as it was.
    pub fn update(
        &mut self,
        luma: &Luma<'_>,
        elapsed: Duration,
        config: &Config,
    ) -> Result<Motion, Error> {
        luma.check()?;
        let grid = Grid::new(luma.width, luma.height);
        match &mut self.state {
            Some(state) if state.grid == grid => Ok(state.update(luma, elapsed, config)),
            state => {
                state.insert(State::new(grid)).learn(luma);
                Ok(Motion::ANEW)
            }
        }
    }
}

impl Motion {
    const ANEW: Self = Self {
        moving: true,
        share: 1.0,
        region: None,
        anew: true,
    };
}

/// Makes levels of sums.
const SCALE: f32 = 1.0 / TAPS as f32;

impl State {
    fn new(grid: Grid) -> Self {
        Self {
            grid,
            background: Background::new(grid.len()),
            picture: vec![0; grid.len()],
            off: vec![0; grid.len()],
            moved: vec![0; grid.len()],
        }
    }

    fn learn(&mut self, luma: &Luma<'_>) {
        luma.reduce(&self.grid, &mut self.picture);
        self.background.learn(&self.picture, SCALE);
    }

    fn update(&mut self, luma: &Luma<'_>, elapsed: Duration, config: &Config) -> Motion {
        luma.reduce(&self.grid, &mut self.picture);
        let seconds = elapsed.as_secs_f32().min(1.0);
        let threshold = f32::from(config.threshold);
        let compared =
            self.background
                .compare(&self.picture, SCALE, threshold, seconds, &mut self.off);
        let off = match compared {
            Compared::Anew => return Motion::ANEW,
            Compared::Blocks(off) => off,
        };
        if off < 2 {
            return Motion::default(); // the most frames, and none has company
        }
        let count = company(&self.off, self.grid.columns, &mut self.moved);
        let blocks = self.grid.len() as f32;
        let share = count as f32 / blocks;
        // Of a share that is exactly so many blocks, rounding must not ask for one more.
        let moving = count > 0 && count as f32 >= (config.min_area * blocks - 1e-3).ceil();
        Motion {
            moving,
            share,
            region: self.grid.bounds(&self.moved).filter(|_| moving),
            anew: false,
        }
    }
}

/// Copies the blocks of `mask` that have another left, right, above or below, and counts them.
fn company(mask: &[u8], columns: usize, out: &mut [u8]) -> usize {
    let rows = mask.len() / columns;
    let mut count = 0;
    for y in 0..rows {
        let row = &mask[y * columns..][..columns];
        let above = (y > 0).then(|| &mask[(y - 1) * columns..][..columns]);
        let below = (y + 1 < rows).then(|| &mask[(y + 1) * columns..][..columns]);
        let out = &mut out[y * columns..][..columns];
        for (x, out) in out.iter_mut().enumerate() {
            *out = 0;
            if row[x] != 0 {
                let left = x > 0 && row[x - 1] != 0;
                let right = x + 1 < columns && row[x + 1] != 0;
                let vertical = |other: Option<&[u8]>| other.is_some_and(|row| row[x] != 0);
                *out = u8::from(left || right || vertical(above) || vertical(below));
                count += usize::from(*out);
            }
        }
    }
    count
}
