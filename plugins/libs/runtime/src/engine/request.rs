// SPDX-License-Identifier: MIT OR Apache-2.0
//! What streams ask of the engine, and what they are told.

use std::time::Duration;

use lynx_model::OutputView;

/// A frame, or what else is to be looked at: some images for the model.
///
/// Its methods are called by the engine's workers, for different images maybe at the same time. One
/// that panics fails its image, not the worker.
pub trait Request: Send + Sync {
    /// Writes the input tensors of one image.
    fn fill(&self, image: usize, slot: &mut Slot<'_>) -> Result<(), String>;

    /// A tensor that is there already, in place of the first input of the only image: it is run
    /// where it lies.
    fn ready(&self, run: &mut dyn FnMut(&[u8])) -> bool {
        let _ = run;
        false
    }

    /// How long a run of it may take before it counts as hanging; `None` for ever. A run with
    /// several requests may take as long as the most patient of them allows.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Takes what the model says of one image, or why it says nothing. Called once for each, unless
    /// the request goes [`unanswered`](Self::unanswered); and once more, with the failure, where
    /// it panics on an answer. The answer to an image whose run hangs, a failure, may come while
    /// `fill` or `ready` still go on.
    fn answer(&self, image: usize, answer: Result<Answer<'_>, Failure>);

    /// What of it had not begun will not be answered: it has made room for a newer one or found
    /// none, or the stream was flushed or has gone.
    fn unanswered(&self);
}

/// The input tensors of one image of a run.
pub struct Slot<'a> {
    /// In the model's order.
    pub tensors: Vec<&'a mut [u8]>,
    /// What wrote to this place last, in its own words; 0 = nobody. Padding that it left need not
    /// be written again.
    pub writer: &'a mut u64,
}

/// What the model says of one image.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The outputs of the whole run, in the model's order.
    pub outputs: &'a [OutputView<'a>],
    /// Which of its images.
    pub entry: usize,
    pub times: Times,
}

/// What an image took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// To make its tensors.
    pub preprocess: Duration,
    /// Of the run that it was part of.
    pub run: Duration,
    /// How many images were part of that run.
    pub images: usize,
    /// Names that run among all of the process.
    pub number: u64,
}

/// Why the model says nothing of an image.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The tensor could not be made.
    Fill(String),
    /// The run failed, there is nobody left to run it, or the answer could not be taken.
    Run(String),
}
