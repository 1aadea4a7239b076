// SPDX-License-Identifier: MIT OR Apache-2.0
//! What comes in at the sink pad.

use gst::prelude::*;
use gst::subclass::prelude::*;
use gst_video::VideoInfo;
use lynx_meta::element::lock;
use lynx_meta::query::{self, Wanted};

use crate::imp::{CAT, Infer};
use crate::running::Running;
use crate::settings::Overload;
use crate::ticket::Ticket;

impl Infer {
    /// Takes a frame.
    pub(crate) fn chain(&self, buffer: gst::Buffer) -> Result<gst::FlowSuccess, gst::FlowError> {
        let running = self.running().ok_or(gst::FlowError::Flushing)?;
        running.common.line.flow()?;
        let settings = self.settings();
        let overload = self.overload(&running, settings.overload_policy);
        let entering = lock(&running.front).enter(buffer, &settings, overload);
        let entering = entering.map_err(|reason| self.broken(&running, &reason))?;
        running.admit(Ticket::new(&running.common, entering), overload)?;
        Ok(gst::FlowSuccess::Ok)
    }

    /// What happens to frames that cannot be kept up with.
    fn overload(&self, running: &Running, policy: Overload) -> Overload {
        match (policy, self.is_live(running)) {
            (Overload::Auto, true) => Overload::Skip,
            (Overload::Auto, false) => Overload::Block,
            (policy, _) => policy,
        }
    }

    /// Whether upstream is live: asked once, without a lock.
    fn is_live(&self, running: &Running) -> bool {
        let known = *lock(&running.live);
        known.unwrap_or_else(|| {
            let mut query = gst::query::Latency::new();
            if !self.sinkpad.peer_query(&mut query) {
                return false;
            }
            let live = query.result().0;
            *lock(&running.live) = Some(live);
            live
        })
    }

    pub(crate) fn sink_event(&self, event: gst::Event) -> bool {
        let Some(running) = self.running() else {
            return false;
        };
        match event.view() {
            gst::EventView::FlushStart(_) => {
                let pushed = self.srcpad.push_event(event);
                self.stop_line(&running, gst::FlowError::Flushing);
                let _ = self.srcpad.pause_task();
                pushed
            }
            gst::EventView::FlushStop(_) => {
                let pushed = self.srcpad.push_event(event);
                running.forget();
                running.start();
                self.start_task() && pushed
            }
            gst::EventView::Caps(caps) => match self.set_caps(&running, caps.caps()) {
                Some(caps) => self.queue(&running, gst::event::Caps::new(&caps)),
                None => false,
            },
            _ if event.is_serialized() => self.queue(&running, event),
            _ => self.srcpad.push_event(event),
        }
    }

    /// Puts an event into the line.
    fn queue(&self, running: &Running, event: gst::Event) -> bool {
        match running.common.line.push_event(event.clone()) {
            Ok(()) => true,
            Err(flow) if event.type_() == gst::EventType::Eos => {
                self.ended(flow);
                false
            }
            Err(_) => {
                self.keep(running, &event);
                event.is_sticky()
            }
        }
    }

    /// Takes the caps; gives those of the source pad.
    fn set_caps(&self, running: &Running, caps: &gst::CapsRef) -> Option<gst::Caps> {
        let Ok(info) = VideoInfo::from_caps(caps) else {
            gst::error!(CAT, imp = self, "caps {caps} are not raw video");
            return None;
        };
        self.warn_of_size(running.model(), &info);
        lock(&running.front).set_info(info);
        let mut caps = caps.to_owned();
        if let Some(outputs) = running.model().reader().outputs() {
            outputs.announce(&mut caps);
        }
        Some(caps)
    }

    pub(crate) fn sink_query(&self, query: &mut gst::QueryRef) -> bool {
        let running = self.running();
        if query::is_tensor_query(query)
            && let Some(running) = &running
        {
            let tensor = running.takes_tensor();
            let wanted = Wanted {
                tensor: tensor.then(|| running.model().reader().spec().clone()),
                schedule: self.settings().schedule,
            };
            query::answer(query, &wanted);
            return true;
        }
        let serialized = query.is_serialized();
        match query.view_mut() {
            gst::QueryViewMut::Caps(query) => {
                self.answer_caps(&self.sinkpad, query);
                true
            }
            gst::QueryViewMut::Allocation(query) => {
                let Some(running) = running.filter(|r| r.common.line.drain().is_ok()) else {
                    return false;
                };
                let answered = self.srcpad.peer_query(query.query_mut());
                running.ask_for_buffers(query);
                answered
            }
            _ if serialized => {
                let drained = running.is_some_and(|r| r.common.line.drain().is_ok());
                drained && self.srcpad.peer_query(query)
            }
            _ => gst::Pad::query_default(&self.sinkpad, Some(&*self.obj()), query),
        }
    }

    pub(crate) fn activate_sink(&self, active: bool) {
        if let Some(running) = self.running().filter(|_| !active) {
            running.stop(gst::FlowError::Flushing);
        }
    }
}
