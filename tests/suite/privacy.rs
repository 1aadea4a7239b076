// SPDX-License-Identifier: MIT OR Apache-2.0
//! People that nobody may see: somebody in a coloured chequered shirt, whom no frame that leaves
//! `lynxoverlay` may show, whatever goes wrong before it.

use std::sync::{Arc, Mutex};

use gst::prelude::*;
use lynx_meta::Inference;
use lynx_tests::places::tiny;
use lynx_tests::rig::Rig;
use lynx_tests::run::init;

/// Ten times the side of what the models look at.
const SIDE: usize = 320;
const STRIDE: usize = SIDE * 3;
const BACKGROUND: [u8; 3] = [70, 110, 70];
const SHIRT: [[u8; 3]; 2] = [[230, 60, 60], [40, 190, 200]];
/// The side of the shirt's checks.
const CHECK: usize = 4;
const LIVE: (bool, u64, Option<u64>) = (true, 0, None);
const STEP: u64 = 40;
const MODES: [&str; 3] = ["fill", "pixelate", "blur"];

/// Left, top, width, height.
type Place = (usize, usize, usize, usize);

/// Where the model `echo` is told that somebody is: the place is that of an 8×8 box, ten times as
/// large.
fn moving(nth: u64) -> Place {
    (4 * nth as usize % 240, 30, 80, 80)
}

/// Where the models `fails-at-run` and `never-returns` always see somebody.
const STANDING: Place = (40, 80, 80, 160);

/// What the middle of a frame says to the model.
#[derive(Clone, Copy)]
enum Middle {
    /// To `echo`: somebody is there, with this score (0 to 255).
    Says(Place, u8),
    /// To the others: white makes them fail.
    White,
    Dark,
}

/// A frame with somebody at a place, or nobody.
fn picture(time: u64, person: Option<Place>, middle: Middle) -> gst::Buffer {
    let mut pixels = vec![0; STRIDE * SIDE];
    let mut paint = |(left, top, width, height): Place, color: &dyn Fn(usize, usize) -> [u8; 3]| {
        for y in top..top + height {
            for x in left..left + width {
                pixels[y * STRIDE + x * 3..][..3].copy_from_slice(&color(x, y));
            }
        }
    };
    paint((0, 0, SIDE, SIDE), &|_, _| BACKGROUND);
    let said = match middle {
        Middle::Says((left, top, width, height), score) => {
            let byte = |centre: usize| (centre * 255).div_ceil(SIDE) as u8;
            [byte(left + width / 2), byte(top + height / 2), score]
        }
        Middle::White => [255; 3],
        Middle::Dark => [0; 3],
    };
    paint((110, 110, 100, 100), &|_, _| said);
    if let Some(person) = person {
        paint(person, &shirt);
    }
    let mut buffer = gst::Buffer::from_mut_slice(pixels);
    let frame = buffer.get_mut().unwrap();
    frame.set_pts(gst::ClockTime::from_mseconds(time));
    frame.set_duration(gst::ClockTime::from_mseconds(STEP));
    buffer
}

fn shirt(x: usize, y: usize) -> [u8; 3] {
    SHIRT[(x / CHECK + y / CHECK) % 2]
}

/// A frame as a viewer gets it.
#[derive(Debug, Clone, Copy)]
struct Shown {
    time: u64,
    inference: Option<Inference>,
    /// Which share of the shirt.
    shirt: f32,
    /// Whether the frame's lower edge is as it was.
    background: bool,
}

fn look(buffer: &gst::BufferRef, person: Option<Place>) -> Shown {
    let map = buffer.map_readable().unwrap();
    let near = |x: usize, y: usize, color: [u8; 3]| {
        let pixel = &map[y * STRIDE + x * 3..][..3];
        pixel.iter().zip(color).all(|(a, b)| a.abs_diff(b) < 48)
    };
    let (left, top, width, height) = person.unwrap_or((0, 0, 0, 0));
    let places = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
    let seen = places.filter(|&(x, y)| near(x, y, shirt(x, y))).count();
    Shown {
        time: buffer.pts().unwrap().mseconds(),
        inference: lynx_meta::frame::inference(buffer).map(|i| i.inference),
        shirt: seen as f32 / (width * height).max(1) as f32,
        background: (0..SIDE).all(|x| near(x, SIDE - 2, BACKGROUND)),
    }
}

/// `lynxinfer` with one of the models and properties, `lynxtrack` and whatever is between and
/// `lynxoverlay`, in a format, and pictures in RGB before and after.
struct Stream {
    rig: Rig,
    shown: Arc<Mutex<Vec<Shown>>>,
}

impl Stream {
    fn new(
        format: &str,
        elements: &str,
        privacy: &str,
        live: bool,
        person: impl Fn(u64) -> Option<Place> + Send + Sync + 'static,
    ) -> Self {
        let line = format!(
            "videoconvert ! video/x-raw,format={format} ! {elements} \
             ! lynxoverlay name=overlay draw-labels=false draw-tracking-labels=false {privacy} \
             ! videoconvert ! video/x-raw,format=RGB"
        );
        let upstream = if live { LIVE } else { (false, 0, None) };
        let rig = Rig::stopped(&line, upstream);
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let sink = Arc::clone(&shown);
        rig.sink
            .add_probe(gst::PadProbeType::BUFFER, move |_, info| {
                if let Some(buffer) = info.buffer() {
                    let time = buffer.pts().unwrap().mseconds();
                    sink.lock().unwrap().push(look(buffer, person(time)));
                }
                gst::PadProbeReturn::Ok
            });
        rig.element.set_state(gst::State::Playing).unwrap();
        rig.begin();
        let side = SIDE as u32;
        assert!(rig.caps((side, side)));
        Self { rig, shown }
    }

    fn push(&self, picture: gst::Buffer) {
        self.rig.src.push(picture).unwrap();
    }

    fn element(&self, name: &str) -> gst::Element {
        self.rig
            .element
            .downcast_ref::<gst::Bin>()
            .unwrap()
            .by_name(name)
            .unwrap()
    }

    fn counted(&self, field: &str) -> u64 {
        let stats = self.element("overlay").property::<gst::Structure>("stats");
        stats.get(field).unwrap()
    }

    /// What was shown once all that was pushed has come out.
    fn shown(&self) -> Vec<Shown> {
        assert!(self.rig.src.peer_query(&mut gst::query::Drain::new()));
        self.shown.lock().unwrap().clone()
    }
}

/// That no frame shows anybody, and so many came.
#[track_caller]
fn assert_hidden(shown: &[Shown], frames: usize, what: &str) {
    assert_eq!(shown.len(), frames, "{what}");
    for frame in shown {
        assert!(frame.shirt < 0.01, "{what}: {frame:?}");
    }
}

/// The formats of `lynxoverlay`.
fn formats() -> Vec<String> {
    init();
    let factory = gst::ElementFactory::find("lynxoverlay").unwrap();
    let template = factory.static_pad_templates().next().unwrap();
    let caps = template.caps();
    let formats = caps
        .structure(0)
        .unwrap()
        .get::<gst::List>("format")
        .unwrap();
    formats
        .iter()
        .map(|format| format.get::<String>().unwrap())
        .collect()
}

fn echo(properties: &str) -> String {
    let model = tiny("echo");
    format!("lynxinfer name=infer intra-op-threads=1 model={model} threshold=0.1 {properties}")
}

fn at(time: u64) -> Option<Place> {
    Some(moving(time / STEP))
}

/// Somebody walks from left to right.
fn walk(stream: &Stream, frames: std::ops::Range<u64>) {
    for nth in frames {
        let place = moving(nth);
        stream.push(picture(nth * STEP, Some(place), Middle::Says(place, 230)));
    }
}

#[test]
fn without_privacy_the_shirt_is_seen() {
    for format in formats() {
        let stream = Stream::new(&format, &format!("{} ! lynxtrack", echo("")), "", false, at);
        walk(&stream, 0..4);
        let shown = stream.shown();
        assert!(
            shown.iter().all(|f| f.shirt > 0.5 && f.background),
            "{format} {shown:?}"
        );
        assert_eq!(stream.counted("privacy-regions"), 0);
    }
}

#[test]
fn somebody_who_walks_is_never_seen_whatever_is_skipped() {
    for format in formats() {
        for mode in MODES {
            for (interval, track) in [
                (1, "lynxtrack"),
                (3, "lynxtrack"),
                (3, "identity"),
                (20, "lynxtrack"),
            ] {
                let elements = format!(
                    "{} ! {track}",
                    echo(&format!("inference-interval={interval}"))
                );
                let privacy = format!("privacy-classes=person privacy-mode={mode}");
                let what = format!("{format} {mode} {interval} {track}");
                let stream = Stream::new(&format, &elements, &privacy, false, at);
                walk(&stream, 0..45);
                let shown = stream.shown();
                assert_hidden(&shown, 45, &what);
                let ran = shown.iter().filter(|f| f.inference == Some(Inference::Ran));
                assert_eq!(ran.clone().count(), 45_usize.div_ceil(interval), "{what}");
                assert!(
                    ran.clone().all(|frame| frame.background),
                    "{what}: not all is covered"
                );
                assert_eq!(stream.counted("privacy-whole"), 0, "{what}");
                assert_eq!(
                    stream.counted("privacy-held"),
                    45 - ran.count() as u64,
                    "{what}"
                );
            }
        }
    }
}
