// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cameras, the application and the viewers, and what happens to them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::common::camera::Camera;
use super::common::restream::{Restream, cameras, config};
use super::common::viewer::Viewer;
use super::common::{SOON, Scratch, tiny};

/// A camera that is well again is back within its back-off and this.
const MARGIN: Duration = Duration::from_secs(15);
/// A viewer never waits longer for a picture, be it that there is no signal: a camera is given 5
/// seconds before it counts as lost.
const LONGEST_GAP: Duration = Duration::from_secs(12);
const NAMES: [&str; 4] = ["north", "east", "south", "west"];
const VIEWERS: usize = 8;

/// See the module.
pub struct Site {
    pub app: Restream,
    places: Vec<Place>,
    viewers: Vec<(usize, Viewer)>,
    random: Random,
    done: BTreeMap<&'static str, u32>,
    back: Vec<Duration>,
    longest_gap: Duration,
    _scratch: Scratch,
}

/// A camera and where it stands.
struct Place {
    name: &'static str,
    camera: Camera,
    /// What is wrong, and when it is mended.
    fault: Option<(Fault, Instant)>,
    /// When it was well again, and until when it has to play.
    well: Option<(Instant, Option<Instant>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Killed,
    Stopped,
    Stalled,
    Removed,
    Paused,
}

impl Site {
    pub fn new(seed: u64) -> Self {
        let scratch = Scratch::new();
        let sizes = ["320x240", "640x480", "320x240", "480x272"];
        let start = |(name, size): (&'static str, &str)| Place {
            name,
            camera: Camera::start("test:smpte", &["--fps", "10", "--size", size]),
            fault: None,
            well: None,
        };
        let places: Vec<_> = NAMES.into_iter().zip(sizes).map(start).collect();
        let urls: Vec<_> = places.iter().map(|p| (p.name, p.camera.url())).collect();
        let list: Vec<_> = urls
            .iter()
            .map(|(name, url)| (*name, url.as_str()))
            .collect();
        let app = Restream::start(&scratch, &config(&cameras(&list)));
        let site = Self {
            app,
            places,
            viewers: Vec::new(),
            random: Random(seed),
            done: BTreeMap::new(),
            back: Vec::new(),
            longest_gap: Duration::ZERO,
            _scratch: scratch,
        };
        site.all_play();
        site
    }

    pub fn warm_up(&mut self) {
        for place in 0..self.places.len() {
            self.viewer_comes(place);
        }
        for (_, viewer) in &self.viewers {
            viewer.wait_total(10, SOON);
        }
        self.viewers.clear();
        // Threads that wait for more to do go after ten seconds.
        std::thread::sleep(Duration::from_secs(15));
    }

    pub fn do_something(&mut self) {
        let at = self.random.below(self.places.len());
        let seconds = Duration::from_secs(1 + self.random.below(9) as u64);
        let is_well = self.places[at].fault.is_none();
        match self.random.below(12) {
            0 | 1 if is_well => self.fail(at, Fault::Killed, seconds),
            2 if is_well => self.fail(at, Fault::Stopped, seconds + Duration::from_secs(4)),
            3 if is_well => self.fail(at, Fault::Stalled, seconds + Duration::from_secs(4)),
            4 if is_well => self.fail(at, Fault::Removed, seconds),
            5 if is_well => self.fail(at, Fault::Paused, seconds),
            6 if is_well => {
                self.count("corrupted");
                self.places[at].camera.tell("corrupt 20");
            }
            7 if is_well => {
                self.count("resized");
                let size = ["320x240", "640x480", "480x272"][self.random.below(3)];
                self.places[at].camera.tell(&format!("resize {size}"));
            }
            8 if self.random.below(3) == 0 => {
                let broken = json!({"path": tiny("faults/unknown-operator")});
                self.count("model refused");
                let answer = self.app.ask("PATCH", "/api/model", Some(&broken));
                assert!((400..500).contains(&answer.status), "{answer:?}");
            }
            8 => {
                let name = ["yolov8-fixed", "yolov8-bright"][self.random.below(2)];
                let model =
                    json!({"path": tiny(name), "threshold": 0.1 * self.random.below(9) as f64});
                self.count("model changed");
                self.app.change("PATCH", "/api/model", Some(&model));
                // All cameras begin anew.
                self.all_well();
            }
            9 if !self.viewers.is_empty() => {
                let gone = self.random.below(self.viewers.len());
                self.count("viewer gone");
                drop(self.viewers.swap_remove(gone));
            }
            _ if self.viewers.len() < VIEWERS
                && self.places[at]
                    .fault
                    .is_none_or(|(fault, _)| fault != Fault::Removed) =>
            {
                self.count("viewer came");
                self.viewer_comes(at);
            }
            _ => {}
        }
    }

    fn viewer_comes(&mut self, at: usize) {
        let url = self.app.url(self.places[at].name);
        let viewer = match self.random.below(3) {
            0 => Viewer::watch(&url),
            _ => Viewer::count(&url),
        };
        self.viewers.push((at, viewer));
    }

    fn fail(&mut self, at: usize, fault: Fault, how_long: Duration) {
        let place = &mut self.places[at];
        let path = format!("/api/cameras/{}", place.name);
        place.fault = Some((fault, Instant::now() + how_long));
        place.well = None;
        self.count(match fault {
            Fault::Killed => "killed",
            Fault::Stopped => "stopped",
            Fault::Stalled => "stalled",
            Fault::Removed => "removed",
            Fault::Paused => "paused",
        });
        let place = &mut self.places[at];
        match fault {
            Fault::Killed => place.camera.kill(),
            Fault::Stopped => place.camera.signal("STOP"),
            Fault::Stalled => place.camera.tell("stall"),
            Fault::Removed => {
                self.viewers.retain(|(of, _)| *of != at);
                self.app.change("DELETE", &path, None);
            }
            Fault::Paused => self
                .app
                .change("PATCH", &path, Some(&json!({"paused": true}))),
        }
    }

    /// Mends what is due, and checks that all is as it has to be.
    pub fn look(&mut self) {
        for at in 0..self.places.len() {
            match self.places[at].fault {
                Some((fault, until)) if Instant::now() >= until => self.recover(at, fault),
                Some(_) => {}
                None => self.is_back(at),
            }
        }
        for (at, viewer) in &self.viewers {
            let name = self.places[*at].name;
            assert_eq!(
                viewer.ended(),
                None,
                "a viewer of {name} was sent off; {}",
                self.app.said()
            );
            let gap = viewer.gap();
            self.longest_gap = self.longest_gap.max(gap);
            assert!(
                gap < LONGEST_GAP,
                "a viewer of {name} waited {gap:?}; {}",
                self.app.said()
            );
        }
    }

    fn recover(&mut self, at: usize, fault: Fault) {
        let place = &mut self.places[at];
        let path = format!("/api/cameras/{}", place.name);
        match fault {
            Fault::Killed => place.camera.restart(),
            Fault::Stopped => place.camera.signal("CONT"),
            Fault::Stalled => place.camera.tell("go"),
            Fault::Removed => {
                let camera = json!({"name": place.name, "source": place.camera.url()});
                self.app.change("POST", "/api/cameras", Some(&camera));
            }
            Fault::Paused => self
                .app
                .change("PATCH", &path, Some(&json!({"paused": false}))),
        }
        place.fault = None;
        place.well = Some((Instant::now(), None));
    }

    /// A camera that is well plays, at the latest after the wait that the application announced,
    /// or announces when the try that it is at fails.
    fn is_back(&mut self, at: usize) {
        let place = &mut self.places[at];
        let Some((since, until)) = &mut place.well else {
            return;
        };
        let status = self.app.camera(place.name);
        if status["state"] == "playing" {
            self.back.push(since.elapsed());
            place.well = None;
            return;
        }
        let now = Instant::now();
        match (status["retry-in"].as_f64(), &until) {
            (Some(wait), None) => *until = Some(now + Duration::from_secs_f64(wait) + MARGIN),
            (None, None) if since.elapsed() > 2 * MARGIN => *until = Some(now),
            _ => {}
        }
        assert!(
            until.is_none_or(|until| now <= until),
            "{} is well for {:?} and not back: {status}; {}",
            place.name,
            since.elapsed(),
            self.app.said()
        );
    }

    fn all_well(&mut self) {
        for place in &mut self.places {
            if place.fault.is_none() && place.well.is_none() {
                place.well = Some((Instant::now(), None));
            }
        }
    }

    /// Everything is well again, and nobody watches.
    pub fn mend(&mut self) {
        for at in 0..self.places.len() {
            if let Some((fault, _)) = self.places[at].fault {
                self.recover(at, fault);
            }
        }
        self.viewers.clear();
    }

    pub fn all_play(&self) {
        for place in &self.places {
            self.app
                .wait_for(place.name, "playing", Duration::from_secs(60));
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// What happened.
    pub fn told(&self) -> String {
        let done: Vec<_> = self
            .done
            .iter()
            .map(|(what, count)| format!("{what} {count}"))
            .collect();
        let longest = self.back.iter().max().copied().unwrap_or_default();
        format!(
            "{}\nback {} times, at the latest after {longest:.1?}; a viewer waited {:.1?} at most",
            done.join(", "),
            self.back.len(),
            self.longest_gap
        )
    }

    /// The application ends in time, and has complained of nothing but the faults.
    pub fn end(self) {
        let asked = Instant::now();
        let (status, said) = self.app.end();
        let took = asked.elapsed();
        assert!(status.success(), "{status}: {said}");
        for line in said.lines() {
            let own = line.strip_prefix("lynx-restream: ");
            let own = own.unwrap_or_else(|| panic!("nobody should say this: {line}"));
            let about_a_camera = own.starts_with("camera ");
            let complains =
                own.contains("error") || own.contains("panic") || own.contains("warning");
            assert!(about_a_camera || !complains, "{line}");
        }
        println!(
            "ended within {took:.1?}; {} lines, none but its own",
            said.lines().count()
        );
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    /// Evenly spread over 0..`limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }
}
