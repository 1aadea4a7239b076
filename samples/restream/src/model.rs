// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model that all cameras share.

use gst::prelude::*;

use crate::config;
use crate::error::Error;
use crate::properties::{make, set, set_all};

/// A `lynxinfer` with the model's settings: all of them share one engine.
pub fn element(model: &config::Model) -> Result<gst::Element, Error> {
    let infer = make("lynxinfer")?;
    let path = config::at_home(&model.path);
    infer.set_property("model", path.display().to_string());
    // A live camera does not wait: what comes too fast goes on marked as late.
    set(&infer, "overload-policy", "skip")?;
    if let Some(provider) = &model.execution_provider {
        set(&infer, "execution-provider", provider)?;
    }
    set_all(&infer, &model.properties)?;
    Ok(infer)
}

/// Keeps the model loaded while no camera plays.
pub struct Loaded {
    infer: gst::Element,
}

impl Loaded {
    /// Loads it; takes as long as that takes.
    ///
    /// # Errors
    ///
    /// Why it does not load, in `lynxinfer`'s words.
    pub fn new(model: &config::Model) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&model.threshold) {
            let why = format!("the threshold {} is not within 0 and 1", model.threshold);
            return Err(Error::Invalid(why));
        }
        let infer = element(model)?;
        let bus = gst::Bus::new();
        infer.set_bus(Some(&bus));
        let started = infer.set_state(gst::State::Paused);
        let loaded = Self { infer };
        let message = bus.pop_filtered(&[gst::MessageType::Error]);
        // Nobody listens any more: what is said must not heap up, nor keep who said it.
        bus.set_flushing(true);
        if started.is_ok() {
            return Ok(loaded);
        }
        Err(Error::Failed(match message.as_ref().map(|m| m.view()) {
            Some(gst::MessageView::Error(error)) => error.error().message().to_string(),
            _ => format!("the model {} does not load", model.path.display()),
        }))
    }

    /// The execution provider that took it.
    pub fn provider(&self) -> String {
        self.infer.property("active-execution-provider")
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let _ = self.infer.set_state(gst::State::Null);
    }
}
