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
        gst::element_imp_error!(self, gst::StreamError::Failed, ("{reason}"));
        // Who pushes says so, too, as soon as it is told: after the reason.
        self.stop_line(running, gst::FlowError::Error);
        gst::FlowError::Error
    }

    /// Lets the frames of the line go, and keeps what of its events holds for those to come: nobody
    /// sends these again. Gives whether the stream's end was in the line.
    fn stop_line(&self, running: &Running, why: gst::FlowError) -> bool {
        let events = running.stop(why);
        events.iter().for_each(|event| self.keep(running, event));
        events
            .iter()
            .any(|event| event.type_() == gst::EventType::Eos)
    }

    /// Keeps an event that is not pushed, if it is one that holds for the frames to come, until the
    /// next is. In a flush the pad takes no segment.
    fn keep(&self, running: &Running, event: &gst::Event) {
        running.note_segment(event);
        if event.is_sticky() && event.type_() != gst::EventType::Eos {
            let _ = self.srcpad.store_sticky_event(event);
        }
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
