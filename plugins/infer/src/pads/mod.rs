// SPDX-License-Identifier: MIT OR Apache-2.0
//! What comes in at the pads, and what goes out.

mod sink;
mod src;

use gst::prelude::*;
use gst::subclass::prelude::*;

use crate::imp::Infer;
use crate::running::Running;

impl Infer {
    /// What one pad takes is what the other's neighbour does, but for the announcement of tensors.
    fn answer_caps(&self, pad: &gst::Pad, query: &mut gst::query::Caps<gst::QueryRef>) {
        let (other, template) = match pad == &self.sinkpad {
            true => (&self.srcpad, self.srcpad.pad_template_caps()),
            false => (&self.sinkpad, self.sinkpad.pad_template_caps()),
        };
        let outputs = self
            .running()
            .filter(|r| r.model().reader().outputs().is_some());
        let mut caps = other.peer_query_caps(None);
        if let Some(running) = outputs {
            match (pad == &self.sinkpad, running.model().reader().outputs()) {
                (false, Some(outputs)) => outputs.announce(&mut caps),
                _ => lynx_meta::output::withdraw(&mut caps),
            }
        }
        let caps = template.intersect_with_mode(&caps, gst::CapsIntersectMode::ZigZag);
        let caps = match query.filter() {
            Some(filter) => filter.intersect_with_mode(&caps, gst::CapsIntersectMode::First),
            None => caps,
        };
        query.set_result(&caps);
    }

    /// Says on the bus why the stream ends here.
    fn broken(&self, running: &Running, reason: &str) -> gst::FlowError {
        running.stop(gst::FlowError::Error);
        gst::element_imp_error!(self, gst::StreamError::Failed, ("{reason}"));
        gst::FlowError::Error
    }

    /// Says that the stream has ended because downstream could not take it, where no frame comes any
    /// more whose sender could say so.
    fn ended(&self, flow: gst::FlowError) {
        if matches!(flow, gst::FlowError::Flushing | gst::FlowError::Eos) {
            return;
        }
        gst::element_imp_error!(
            self,
            gst::StreamError::Failed,
            ("Internal data stream error."),
            ["streaming stopped, reason {flow}"]
        );
        self.srcpad.push_event(gst::event::Eos::new());
    }
}
