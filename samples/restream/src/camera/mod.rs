// SPDX-License-Identifier: MIT OR Apache-2.0
//! One camera: connected, lost, tried again, for ever; on a thread of its own, so that whatever
//! hangs there hangs nobody else.

mod clocked;
mod ingest;
mod rates;
mod raw;
mod source;
mod state;

use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;

use crate::backoff::{self, Backoff};
use crate::config::{self, Kind, redact};
use crate::hub::Hub;
use crate::log::Say;
use crate::rtsp::Codec;
use crate::status::State;
use crate::stream::{Look, Snapshots, Stream};
use ingest::Ingest;
use raw::Raw;
use state::Current;

/// What a camera is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub camera: config::Camera,
    pub model: config::Model,
    /// Something is hidden in its pictures (`privacy-classes`).
    pub hides: bool,
}

/// No frame for so long means that the camera is lost.
const STALL: Duration = Duration::from_secs(5);
/// The first frame may take longer: a model may have to be loaded.
const FIRST: Duration = Duration::from_secs(15);
/// How often the camera's thread looks up.
const TICK: gst::ClockTime = gst::ClockTime::from_mseconds(100);

/// See the module.
pub struct Camera {
    pub stream: Arc<Stream>,
    pub raw: Arc<Hub>,
    pub snapshots: Snapshots,
    worker: Arc<Worker>,
    ended: Mutex<mpsc::Receiver<()>>,
}

/// Told when it is known what a camera's own stream is.
pub type FoundRaw = Arc<dyn Fn(Codec) + Send + Sync>;

/// What the camera's thread and its owner share.
struct Worker {
    name: String,
    say: Say,
    stream: Arc<Stream>,
    raw: Arc<Hub>,
    found_raw: FoundRaw,
    wanted: Mutex<Wanted>,
    changed: Condvar,
    current: Current,
}

struct Wanted {
    plan: Plan,
    ending: bool,
}

/// Why a camera does not play any more.
enum Ended {
    /// Its plan changed.
    Changed,
    /// Its file is over, and begins anew.
    Over,
    Lost(String),
}

impl Camera {
    pub fn start(plan: Plan, look: Look, say: Say, found_raw: FoundRaw) -> Self {
        let name = plan.camera.name.clone();
        let stream = Stream::new(&name, look, say.clone());
        let worker = Arc::new(Worker {
            name: name.clone(),
            say,
            stream: stream.clone(),
            raw: Hub::new(),
            found_raw,
            wanted: Mutex::new(Wanted {
                plan,
                ending: false,
            }),
            changed: Condvar::new(),
            current: Current::default(),
        });
        let (done, ended) = mpsc::channel();
        let mine = worker.clone();
        let thread = std::thread::Builder::new()
            .name(format!("camera {name}"))
            .spawn(move || {
                mine.run();
                // Nobody may be there any more to hear it.
                let _ = done.send(());
            });
        if let Err(error) = thread {
            worker.lost(&format!("no thread for it: {error}"), None);
        }
        Self {
            stream,
            raw: worker.raw.clone(),
            snapshots: Snapshots::default(),
            worker,
            ended: Mutex::new(ended),
        }
    }

    pub fn plan(&self) -> Plan {
        self.worker.wanted().plan.clone()
    }

    /// Goes on by another plan. Thresholds change at once, anything else by a new connection.
    pub fn set_plan(&self, plan: Plan) {
        self.worker.wanted().plan = plan;
        self.worker.changed.notify_all();
    }

    pub fn current(&self) -> state::Snapshot {
        self.worker.current.snapshot(self.stream.frames())
    }

    /// Begins to end.
    pub fn end(&self) {
        self.worker.wanted().ending = true;
        self.worker.changed.notify_all();
    }

    /// Waits until it has ended; false when that took longer than `wait`.
    pub fn ended(&self, wait: Duration) -> bool {
        self.end();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let timed_out = Err(mpsc::RecvTimeoutError::Timeout);
        ended.recv_timeout(wait) != timed_out
    }
}

impl Worker {
    fn run(&self) {
        let mut backoff = Backoff::default();
        // A file that begins anew is no other connection.
        let mut again = false;
        loop {
            let (plan, ending) = {
                let wanted = self.wanted();
                (wanted.plan.clone(), wanted.ending)
            };
            if ending {
                return;
            }
            if plan.camera.paused {
                self.pause(&plan);
                continue;
            }
            let started = Instant::now();
            let ended = self.play(&plan, again);
            again = matches!(ended, Ended::Over);
            match ended {
                Ended::Changed => backoff = Backoff::default(),
                Ended::Over if started.elapsed() >= backoff::FIRST => {}
                Ended::Over => self.wait(&plan, backoff::FIRST),
                Ended::Lost(why) => {
                    let wait = backoff.next(self.current.played(), backoff::random());
                    self.lost(&why, Some(wait));
                    self.wait(&plan, wait);
                }
            }
        }
    }

    /// Until the plan changes.
    fn pause(&self, plan: &Plan) {
        self.current.set(State::Paused);
        self.stream.notice.set(Some("paused".into()));
        self.say("paused");
        self.wait(plan, Duration::MAX);
        self.stream.notice.set(Some("connecting".into()));
    }

    /// Waits, no longer than until the plan changes.
    fn wait(&self, plan: &Plan, wait: Duration) {
        let wanted = self.wanted();
        let unchanged = |wanted: &mut Wanted| !wanted.ending && wanted.plan == *plan;
        // A year is for ever, and fits into any clock.
        let wait = wait.min(Duration::from_secs(365 * 24 * 3600));
        let waited = self.changed.wait_timeout_while(wanted, wait, unchanged);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Plays until something is wrong, or other than planned; `again` where it did so just now.
    fn play(&self, plan: &Plan, again: bool) -> Ended {
        if !again {
            self.current.connecting();
        }
        if self.stream.notice.text().is_none() {
            self.stream.notice.set(Some("connecting".into()));
        }
        let raw = plan.camera.raw.then(|| self.raw_of());
        let ingest = match Ingest::start(plan, &self.stream.pictures, raw) {
            Ok(ingest) => ingest,
            Err(error) => return Ended::Lost(error.to_string()),
        };
        let mut plan = plan.clone();
        let loops = matches!(plan.camera.source.kind(), Ok(Kind::File(_)));
        let (mut frames, mut last) = (0, Instant::now());
        loop {
            let ended = self.heard(&ingest, loops);
            let seen = ingest
                .seen
                .frames
                .load(std::sync::atomic::Ordering::Acquire);
            match ended {
                // Another try would end as soon.
                Some(Ended::Over) if seen == 0 => {
                    return Ended::Lost("its file holds no picture that can be decoded".into());
                }
                Some(ended) => return ended,
                None => {}
            }
            if seen != frames {
                if frames == 0 {
                    self.playing(&ingest, again);
                }
                (frames, last) = (seen, Instant::now());
            }
            self.current.count(&ingest, seen);
            let patience = if frames == 0 { FIRST } else { STALL };
            if last.elapsed() >= patience {
                return Ended::Lost(format!("no frame for {} s", patience.as_secs()));
            }
            match self.replanned(&ingest, &plan) {
                None => {}
                Some(Some(new)) => plan = new,
                Some(None) => return Ended::Changed,
            }
        }
    }

    /// What the bus says within a tick.
    fn heard(&self, ingest: &Ingest, loops: bool) -> Option<Ended> {
        let kinds = [
            gst::MessageType::Error,
            gst::MessageType::Eos,
            gst::MessageType::Latency,
        ];
        let message = ingest.bus.timed_pop_filtered(TICK, &kinds)?;
        match message.view() {
            gst::MessageView::Error(error) => Some(Ended::Lost(reason(error))),
            gst::MessageView::Eos(_) if loops => Some(Ended::Over),
            gst::MessageView::Eos(_) => Some(Ended::Lost("its stream has ended".into())),
            _ => {
                let _ = ingest.pipeline.recalculate_latency();
                None
            }
        }
    }

    /// What else is wanted than `plan`: a plan that only has other thresholds, which are set, or
    /// (`None`) one that needs another pipeline.
    fn replanned(&self, ingest: &Ingest, plan: &Plan) -> Option<Option<Plan>> {
        let wanted = self.wanted();
        if wanted.ending {
            return Some(None);
        }
        if wanted.plan == *plan {
            return None;
        }
        let new = wanted.plan.clone();
        drop(wanted);
        let mut same = new.clone();
        same.camera.threshold = plan.camera.threshold;
        same.camera.overlay = plan.camera.overlay.clone();
        same.camera.record = plan.camera.record.clone();
        same.model.threshold = plan.model.threshold;
        if same != *plan || ingest.set_thresholds(&new).is_err() {
            return Some(None);
        }
        Some(Some(new))
    }

    /// The first frame is there.
    fn playing(&self, ingest: &Ingest, again: bool) {
        self.stream.notice.set(None);
        if again {
            return;
        }
        self.current.playing();
        let newest = ingest.seen.newest();
        let on = match newest.provider.as_str() {
            "" => String::new(),
            provider => format!(", inference on {provider}"),
        };
        let encoder = self.stream.look().element;
        let latency = ingest.latency().p50;
        self.say(&format!(
            "playing {}x{}{on}, latency {latency:.0} ms, encoder {encoder}",
            newest.width, newest.height
        ));
    }

    fn lost(&self, why: &str, again: Option<Duration>) {
        let why = redact(why);
        let since = crate::clock::utc(std::time::SystemTime::now());
        let again = again.map(|wait| {
            self.say(&format!(
                "{why}; trying again in {:.1} s",
                wait.as_secs_f64()
            ));
            Instant::now() + wait
        });
        if self.current.lost(why, again) || self.stream.notice.text().is_none() {
            self.stream
                .notice
                .set(Some(format!("no signal since {since}")));
        }
    }

    fn raw_of(&self) -> Raw {
        let (name, say, found) = (self.name.clone(), self.say.clone(), self.found_raw.clone());
        Raw {
            hub: self.raw.clone(),
            found: Box::new(move |result| match result {
                Ok(codec) => found(codec),
                Err(why) => say(&format!("camera {name}: no raw stream: {why}")),
            }),
        }
    }

    fn say(&self, text: &str) {
        (self.say)(&format!("camera {}: {text}", self.name));
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong, in words, without passwords.
fn reason(error: &gst::message::Error) -> String {
    let text = error.error().message().to_string();
    // Some elements say what matters only where developers look.
    let detail = error.debug().unwrap_or_default();
    let detail = detail.lines().last().unwrap_or_default().trim();
    let detail = detail.split_once("): ").map_or(detail, |(_, rest)| rest);
    let detail = detail.trim_end_matches("(Generic error)").trim_end();
    redact(&match detail {
        "" => text,
        detail if text.contains(detail) => text,
        detail => format!("{text} ({detail})"),
    })
}
