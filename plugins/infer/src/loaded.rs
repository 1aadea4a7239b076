// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is said of a model that was loaded.

use std::sync::Arc;

use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_runtime::Verdict;
use lynx_runtime::shared::{Progress, Subscription};

use crate::imp::{CAT, Infer};
use crate::model::Model;
use crate::running::Running;
use crate::settings::ProviderPolicy;

impl Infer {
    /// The error is that of a provider that was to run the model and does not.
    pub(crate) fn say_what_was_loaded(&self, running: &Running) -> Result<(), String> {
        let (model, settings) = (running.model(), self.settings());
        let session = model.session();
        // While the provider that was asked for compiles the model, another serves: see `follow`.
        if model.progress().is_none() {
            self.judge(model, settings.provider_policy)?;
        }
        gst::info!(
            CAT,
            imp = self,
            "on {}: {}",
            session.provider(),
            model.reader().info()
        );
        if let Some(choice) = model.choice() {
            gst::info!(CAT, imp = self, "{choice}");
        }
        if settings.batch_size > 1 && model.batch_limit() == 1 {
            gst::info!(
                CAT,
                imp = self,
                "the model takes one image a run, so that each image is a run of its own, {} at the same time; export it with a dynamic batch to have several in one",
                model.engine().options().requests
            );
        }
        if let Some(reason) = model.cache_problem() {
            gst::element_imp_warning!(self, gst::ResourceError::Write, ("{reason}"));
        }
        self.post(model.placement());
        Ok(())
    }

    /// Says whether the provider that was asked for runs the model; an error where it has to.
    fn judge(&self, model: &Model, policy: ProviderPolicy) -> Result<(), String> {
        match model.session().verdict(policy.into()) {
            Verdict::Fine => {}
            Verdict::Warn(reason) => {
                gst::element_imp_warning!(self, gst::ResourceError::Settings, ("{reason}"));
            }
            Verdict::Fail(reason) => return Err(reason),
        }
        Ok(())
    }

    /// Says how far the first provider is with compiling the model, for as long as what is returned
    /// is kept.
    pub(crate) fn follow(&self, model: &Arc<Model>) -> Subscription {
        let (element, followed) = (self.obj().downgrade(), Arc::downgrade(model));
        model.on_progress(move |progress| {
            if let (Some(element), Some(model)) = (element.upgrade(), followed.upgrade()) {
                element.imp().tell(&model, &progress);
            }
        })
    }

    fn tell(&self, model: &Model, progress: &Progress) {
        let policy = self.settings().provider_policy;
        let (provider, state, time) = match progress {
            Progress::Building { provider, elapsed } => (provider, "building", Some(*elapsed)),
            Progress::Ready { provider, took } => (provider, "ready", Some(*took)),
            Progress::Failed { provider, .. } => (provider, "failed", None),
        };
        let mut message = gst::Structure::builder("engine-build")
            .field("provider", provider.name())
            .field("state", state)
            .build();
        if let Some(time) = time.and_then(|time| gst::ClockTime::try_from(time).ok()) {
            message.set("time", time);
        }
        let judged = match progress {
            Progress::Building { .. } => Ok(()),
            Progress::Ready { .. } => {
                self.post(model.placement());
                self.judge(model, policy)
            }
            Progress::Failed { provider, reason } => {
                message.set("reason", reason);
                let said = format!("execution provider {provider} refused the model: {reason}");
                match policy {
                    ProviderPolicy::Strict => Err(said),
                    ProviderPolicy::Warn => {
                        gst::element_imp_warning!(self, gst::ResourceError::Settings, ("{said}"));
                        Ok(())
                    }
                    ProviderPolicy::Fallback => Ok(()),
                }
            }
        };
        self.post(message);
        if let Err(reason) = judged {
            gst::element_imp_error!(self, gst::ResourceError::Settings, ("{reason}"));
        }
    }

    fn post(&self, structure: gst::Structure) {
        let message = gst::message::Element::builder(structure);
        let _ = self.obj().post_message(message.src(&*self.obj()).build());
    }

    /// Decoders of others know nothing of how the frame lies in the tensor.
    pub(crate) fn warn_of_size(&self, model: &Model, info: &VideoInfo) {
        let (width, height) = (model.reader().spec().width, model.reader().spec().height);
        if model.reader().outputs().is_some() && (info.width(), info.height()) != (width, height) {
            gst::element_imp_warning!(
                self,
                gst::StreamError::Format,
                (
                    "the output tensors are in pixels of the model's {width}x{height} input, which tensor \
                     decoders take for pixels of the {}x{} frame; put videoconvertscale add-borders=true ! \
                     video/x-raw,width={width},height={height} before lynxinfer",
                    info.width(),
                    info.height()
                )
            );
        }
    }
}
