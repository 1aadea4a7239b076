// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether memory grows.

use std::fmt;

use super::common::process::Held;

const MIB: f64 = 1024.0 * 1024.0;

/// What the process held, again and again.
#[derive(Default)]
pub struct Growth(Vec<Held>);

impl Growth {
    pub fn note(&mut self, held: Held) {
        self.0.push(held);
    }

    /// The second half is no higher than the first but for a tenth and 8 MiB: it depends on who
    /// happens to watch.
    pub fn check(&self) {
        let (first, second) = self.halves();
        assert!(
            second <= first * 1.1 + 8.0,
            "memory grew from {first:.1} to {second:.1} MiB"
        );
    }

    /// Median memory of the first and of the second half in MiB, after a tenth to warm up.
    fn halves(&self) -> (f64, f64) {
        let warm = &self.0[self.0.len() / 10..];
        let (first, second) = warm.split_at(warm.len() / 2);
        (median(first), median(second))
    }
}

fn median(held: &[Held]) -> f64 {
    let mut memory: Vec<_> = held.iter().map(|held| held.memory).collect();
    memory.sort_unstable();
    let middle = memory.get(memory.len() / 2).copied();
    middle.unwrap_or_default() as f64 / MIB
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.halves();
        let most = |of: fn(&Held) -> usize| self.0.iter().map(of).max().unwrap_or_default();
        writeln!(
            f,
            "memory: {first:.1} MiB in the first half, {second:.1} MiB in the second"
        )?;
        let tenths = self.0.chunks(self.0.len().div_ceil(10).max(1));
        let tenths: Vec<_> = tenths
            .map(|tenth| format!("{:.1}", median(tenth)))
            .collect();
        writeln!(f, "memory by tenths: {} MiB", tenths.join(", "))?;
        write!(
            f,
            "at most {} threads and {} file descriptors",
            most(|held| held.threads),
            most(|held| held.files)
        )
    }
}
