// SPDX-License-Identifier: MIT OR Apache-2.0
//! What runs a model, as the engine sees it.

use std::time::Duration;

use lynx_model::OutputView;

use crate::Error;

/// A model that is loaded and ready to run, on some provider.
pub trait Backend: Send + Sync {
    /// Makes what one worker runs on: with room for `rungs` (ascending) of images. Runs of several
    /// of them may go on at the same time.
    fn runner(&self, rungs: &[usize]) -> Result<Box<dyn Runner>, Error>;

    /// How long [`runner`](Self::runner) may take for these, or it hangs; `None` for ever. `first`:
    /// it may have to compile something, as none was made before.
    fn patience(&self, rungs: &[usize], first: bool) -> Option<Duration> {
        let _ = (rungs, first);
        None
    }
}

/// What one worker runs on.
pub trait Runner: Send {
    /// Prepares the thread that calls from now on.
    fn enter(&self) {}

    /// The input tensors of one image of the next run, in the model's order of inputs.
    fn image(&mut self, index: usize) -> Vec<&mut [u8]>;

    /// Copies the inputs of one image over those of another.
    fn copy_image(&mut self, from: usize, to: usize);

    /// Runs the model on the first `rung` images.
    fn run(&mut self, rung: usize) -> Result<(), Error>;

    /// Runs the model on one image, the first input of which lies elsewhere.
    fn run_ready(&mut self, first: &[u8]) -> Result<(), Error>;

    /// What the last run gave, in the model's order of outputs.
    fn views(&self) -> Result<Vec<OutputView<'_>>, Error>;

    /// Ends a run that goes on, from another thread, where that can be.
    fn terminate(&self) -> Box<dyn Fn() + Send + Sync>;
}
