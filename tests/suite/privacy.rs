// SPDX-License-Identifier: MIT OR Apache-2.0
//! People that nobody may see: somebody in a coloured chequered shirt, whom no frame that leaves
//! `lynxoverlay` may show, whatever goes wrong before it.

use std::sync::{Arc, Mutex};

use gst::prelude::*;
use lynx_geometry::Rect;
use lynx_meta::Inference::{self, Failed, Late, Ran, Skipped};
use lynx_meta::{Forms, InferenceInfo, NewObject, frame, objects};
use lynx_tests::places::tiny;
use lynx_tests::rig::Rig;
use lynx_tests::run::init;

/// Ten times the side of what the models look at.
const SIDE: usize = 320;
const STRIDE: usize = SIDE * 3;
const BACKGROUND: [u8; 3] = [70, 110, 70];
const SHIRT: [[u8; 3]; 2] = [[230, 60, 60], [40, 190, 200]];
/// The side of the shirt's checks.
const CHECK: usize = 8;
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
    /// Whether it counts as wholly covered.
    whole: bool,
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
        inference: frame::inference(buffer).map(|i| i.inference),
        shirt: seen as f32 / (width * height).max(1) as f32,
        background: (0..SIDE).all(|x| near(x, SIDE - 2, BACKGROUND)),
        whole: false,
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
             ! lynxoverlay name=overlay display-mode=\"*=none\" {privacy} \
             ! videoconvert ! capsfilter caps=video/x-raw,format=RGB"
        );
        let upstream = if live { LIVE } else { (false, 0, None) };
        let rig = Rig::stopped(&line, upstream);
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let stream = Self { rig, shown };
        let (shown, overlay) = (Arc::clone(&stream.shown), stream.element("overlay"));
        let sink = &stream.rig.sink;
        sink.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            let buffer = info.buffer().unwrap();
            let frame = look(buffer, person(buffer.pts().unwrap().mseconds()));
            let mut shown = shown.lock().unwrap();
            let before = shown.iter().filter(|frame| frame.whole).count() as u64;
            // Nobody else counts: this is the thread that the overlay works in.
            let whole = counted(&overlay, "privacy-whole") > before;
            shown.push(Shown { whole, ..frame });
            gst::PadProbeReturn::Ok
        });
        stream.rig.element.set_state(gst::State::Playing).unwrap();
        stream.rig.begin();
        let side = SIDE as u32;
        assert!(stream.rig.caps((side, side)));
        stream
    }

    fn push(&self, picture: gst::Buffer) {
        self.rig.src.push(picture).unwrap();
    }

    /// Does something to each frame that leaves the element of that name.
    fn at(&self, name: &str, change: impl Fn(u64, &mut gst::BufferRef) + Send + Sync + 'static) {
        let pad = self.element(name).static_pad("src").unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            let buffer = info.buffer_mut().unwrap().make_mut();
            change(buffer.pts().unwrap().mseconds() / STEP, buffer);
            gst::PadProbeReturn::Ok
        });
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
        counted(&self.element("overlay"), field)
    }

    /// What was shown once all that was pushed has come out.
    fn shown(&self) -> Vec<Shown> {
        assert!(self.rig.src.peer_query(&mut gst::query::Drain::new()));
        self.shown.lock().unwrap().clone()
    }
}

fn counted(overlay: &gst::Element, field: &str) -> u64 {
    let stats = overlay.property::<gst::Structure>("stats");
    stats.get(field).unwrap()
}

/// The numbers of those that were covered wholly.
fn whole(shown: &[Shown]) -> Vec<u64> {
    let whole = shown.iter().filter(|frame| frame.whole);
    whole.map(|frame| frame.time / STEP).collect()
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
    let templates = factory.static_pad_templates();
    let template = templates.iter().next().unwrap();
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
            shown.iter().all(|f| f.shirt > 0.4 && f.background),
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
                let ran = shown.iter().filter(|f| f.inference == Some(Ran));
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

/// The lines of a model of `tests/models` that always sees somebody at [`STANDING`].
fn standing(model: &str, properties: &str) -> String {
    let model = tiny(model);
    format!(
        "lynxinfer name=infer intra-op-threads=1 nireq=1 model={model} {properties} ! lynxtrack"
    )
}

#[test]
fn somebody_is_not_seen_on_frames_whose_run_fails() {
    for format in formats() {
        for mode in MODES {
            let privacy = format!("privacy-classes=person privacy-mode={mode}");
            let elements = standing("fails-at-run", "");
            let stream = Stream::new(&format, &elements, &privacy, false, |_| Some(STANDING));
            for nth in 0..30 {
                // Also the first, and eight in a row.
                let white = nth % 5 == 0 || (11..19).contains(&nth);
                let middle = if white { Middle::White } else { Middle::Dark };
                stream.push(picture(nth * STEP, Some(STANDING), middle));
            }
            let shown = stream.shown();
            assert_hidden(&shown, 30, &format!("{format} {mode}"));
            let failed = shown.iter().filter(|f| f.inference == Some(Failed)).count();
            assert_eq!(failed, 13);
            assert_eq!(stream.counted("privacy-whole"), 1, "the first");
            assert_eq!(stream.counted("privacy-held"), 12);
        }
    }
}

#[test]
fn somebody_is_not_seen_on_frames_that_the_model_was_too_late_for() {
    for (format, mode) in [("NV12", "fill"), ("RGB", "pixelate"), ("BGRx", "blur")] {
        let privacy = format!("privacy-classes=person privacy-mode={mode}");
        let elements = standing(
            "never-returns",
            "inference-timeout=200 overload-policy=block",
        );
        let stream = Stream::new(format, &elements, &privacy, true, |_| Some(STANDING));
        let dark = |nth| picture(nth * STEP, Some(STANDING), Middle::Dark);
        // Made before, so that the rest comes while the fourth is being looked at.
        let rest: Vec<_> = (4..24).map(dark).collect();
        push(&stream, 0..3);
        stream.shown();
        stream.push(picture(3 * STEP, Some(STANDING), Middle::White));
        for (nth, picture) in rest.into_iter().enumerate() {
            stream.push(picture);
            // Two may wait: when the third is taken, the first is being looked at.
            if nth == 1 {
                let infer = stream.element("infer");
                infer.set_property_from_str("overload-policy", "skip");
            }
        }
        let shown = stream.shown();
        assert_hidden(&shown, 24, &format!("{format} {mode}"));
        let count = |is| shown.iter().filter(|f| f.inference == Some(is)).count();
        assert_eq!((count(Failed), count(Ran) + count(Late)), (1, 23));
        assert!(count(Late) > 10 && count(Ran) >= 3, "{shown:?}");
        assert_eq!(stream.counted("privacy-held"), count(Late) as u64 + 1);
    }
}

/// `lynxtrack` takes such objects off the frame: for good where they are weak, and on its first
/// frame everybody.
#[test]
fn somebody_whom_the_tracker_does_not_believe_in_is_not_seen() {
    for score in [40, 140, 255] {
        let person = |time| at(time).filter(|_| time >= 5 * STEP);
        let privacy = "privacy-classes=person";
        let elements = format!("{} ! lynxtrack", echo(""));
        let stream = Stream::new("NV12", &elements, privacy, false, person);
        for nth in 0..20 {
            let score = if nth < 5 { 0 } else { score };
            let middle = Middle::Says(moving(nth), score);
            stream.push(picture(nth * STEP, person(nth * STEP), middle));
        }
        let shown = stream.shown();
        assert_hidden(&shown, 20, &format!("{score}"));
        assert!(shown.iter().all(|frame| frame.background));
        assert_eq!(stream.counted("privacy-regions"), 15, "{score}");
    }
}

/// Which metadata gets lost on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lost {
    All,
    Objects,
}

#[test]
fn somebody_whose_metadata_is_lost_on_the_way_is_not_seen() {
    for lost in [Lost::All, Lost::Objects] {
        let elements = format!("{} ! lynxtrack ! identity name=strip", echo(""));
        let stream = Stream::new("NV12", &elements, "privacy-classes=person", false, at);
        stream.at("strip", move |nth, buffer| {
            if nth % 4 == 0 || nth > 20 {
                strip(buffer, lost);
            }
        });
        walk(&stream, 0..55);
        let shown = stream.shown();
        assert_hidden(&shown, 55, &format!("{lost:?}"));
        // The first, and those a second after the last that came with all.
        let expected: Vec<_> = [0].into_iter().chain(45..55).collect();
        assert_eq!(whole(&shown), expected, "{lost:?}");
    }
}

fn strip(buffer: &mut gst::BufferRef, lost: Lost) {
    let goes = |meta: &gst::MetaRef<'_, gst::Meta>| {
        let api = meta.api().name();
        let object = api.contains("RegionOfInterest") || api.contains("Relation");
        let video = api == "GstVideoMetaAPI";
        object || (lost == Lost::All && !video)
    };
    loop {
        let meta = buffer.iter_meta::<gst::Meta>().find(goes);
        let Some(meta) = meta.map(|meta| meta.as_ptr().cast_mut()) else {
            return;
        };
        // SAFETY: the meta is one of this buffer's, and nobody else knows it.
        unsafe { gst::ffi::gst_buffer_remove_meta(buffer.as_mut_ptr(), meta) };
    }
}

/// A stream without `lynxinfer`, in which each frame is said to be what `says` makes of its number,
/// with somebody at [`STANDING`] on those on which inference ran.
fn told(says: impl Fn(u64) -> Option<Inference> + Send + Sync + 'static) -> Stream {
    let privacy = "privacy-classes=person";
    let stream = Stream::new("NV12", "identity name=say", privacy, false, |_| {
        Some(STANDING)
    });
    stream.at("say", move |nth, buffer| {
        let Some(inference) = says(nth) else {
            return;
        };
        frame::set_inference(
            buffer,
            &InferenceInfo {
                inference,
                stream: "cam0",
                model: "told",
                version: None,
                provider: "cpu",
                threshold: 0.1,
            },
        );
        if inference == Ran {
            add_standing(buffer);
        }
    });
    stream
}

fn add_standing(buffer: &mut gst::BufferRef) {
    let (x, y, w, h) = STANDING;
    let rect = Rect::new(x as f32, y as f32, w as f32, h as f32);
    let object = NewObject::new(rect, "person", 0, 0.9);
    let size = (SIDE as u32, SIDE as u32);
    objects::add(buffer, size, &object, Forms::new(false));
}

fn push(stream: &Stream, frames: std::ops::Range<u64>) {
    for nth in frames {
        stream.push(picture(nth * STEP, Some(STANDING), Middle::Dark));
    }
}

/// The numbers of the frames that were covered wholly, of so many, of which none shows anybody.
fn wholly_covered(stream: &Stream, frames: usize) -> Vec<u64> {
    let shown = stream.shown();
    assert_hidden(&shown, frames, "");
    // Filled: of a mosaic of one colour the same is left.
    assert!(shown.iter().all(|frame| !frame.whole || !frame.background));
    whole(&shown)
}

#[test]
fn everything_is_covered_until_the_first_run_and_a_second_after_the_last() {
    let stream = told(|nth| Some(if nth == 5 { Ran } else { Skipped }));
    push(&stream, 0..40);
    let expected: Vec<_> = (0..5).chain(31..40).collect();
    assert_eq!(wholly_covered(&stream, 40), expected);
    assert_eq!(stream.counted("privacy-held"), 25);
    assert_eq!(stream.counted("privacy-regions"), 26);
}

#[test]
fn a_hold_that_is_changed_holds_from_the_next_frame_on() {
    let stream = told(|nth| Some(if nth == 0 { Ran } else { Failed }));
    push(&stream, 0..10);
    stream.shown();
    stream
        .element("overlay")
        .set_property("privacy-hold", 400_u32);
    push(&stream, 10..14);
    assert_eq!(wholly_covered(&stream, 14), [11, 12, 13]);
}

#[test]
fn a_cut_in_the_stream_covers_everything_until_the_next_run() {
    /// What happens between two frames.
    type Cut = fn(&Stream, &mut gst::BufferRef);
    let cuts: [(&str, Cut); 5] = [
        ("caps", |stream, _| {
            let caps = format!("video/x-raw,format=RGB,width={SIDE},height={SIDE},framerate=10/1");
            let caps: gst::Caps = caps.parse().unwrap();
            assert!(stream.rig.event(gst::event::Caps::new(&caps)));
        }),
        ("segment", |stream, _| assert!(stream.rig.segment(1))),
        ("flush", |stream, _| {
            assert!(stream.rig.event(gst::event::FlushStart::new()));
            assert!(stream.rig.event(gst::event::FlushStop::new(true)));
            assert!(stream.rig.segment(0));
        }),
        ("discontinuity", |_, frame| {
            frame.set_flags(gst::BufferFlags::DISCONT)
        }),
        ("time goes back", |_, frame| {
            frame.set_pts(gst::ClockTime::ZERO)
        }),
    ];
    for (what, cut) in cuts {
        let stream = told(|nth| {
            Some(if matches!(nth, 1 | 2 | 5) {
                Ran
            } else {
                Skipped
            })
        });
        push(&stream, 1..4);
        stream.shown();
        let mut next = picture(4 * STEP, Some(STANDING), Middle::Dark);
        cut(&stream, next.get_mut().unwrap());
        let number = next.pts().unwrap().mseconds() / STEP;
        stream.push(next);
        push(&stream, 5..7);
        assert_eq!(wholly_covered(&stream, 6), [number], "{what}");
    }
}

#[test]
fn privacy_that_is_switched_on_covers_everything_until_the_next_run() {
    let stream = told(|nth| {
        Some(if matches!(nth, 0 | 1 | 8) {
            Ran
        } else {
            Skipped
        })
    });
    let overlay = stream.element("overlay");
    let classes = |classes: &str| {
        stream.shown();
        overlay.set_property("privacy-classes", classes);
    };
    classes("");
    push(&stream, 0..4);
    classes("person");
    push(&stream, 4..10);
    classes("person, car");
    push(&stream, 10..12);
    let shown = stream.shown();
    assert!(
        shown[..4].iter().all(|frame| frame.shirt > 0.4),
        "{shown:?}"
    );
    assert_hidden(&shown[4..], 8, "");
    assert_eq!(whole(&shown), [4, 5, 6, 7, 10, 11]);
}

#[test]
fn gaps_and_still_frames_are_covered_like_others() {
    let stream = told(|nth| Some(if nth == 0 { Ran } else { Skipped }));
    stream.at("say", |_, buffer| {
        buffer.set_flags(gst::BufferFlags::GAP);
        let size = (SIDE as u32, SIDE as u32);
        frame::set_motion(buffer, size, &lynx_meta::Motion::default());
    });
    push(&stream, 0..30);
    assert_eq!(wholly_covered(&stream, 30), [26, 27, 28, 29]);
}

/// A detector that writes no `LynxFrameMeta` proves that it ran by what it finds.
#[test]
fn objects_of_others_are_covered_and_frames_without_any_prove_nothing() {
    let stream = told(|_| None);
    stream.at("say", |nth, buffer| {
        if nth < 10 {
            add_standing(buffer);
        }
    });
    push(&stream, 0..40);
    assert_eq!(wholly_covered(&stream, 40), (35..40).collect::<Vec<_>>());
}

#[test]
fn other_classes_are_seen() {
    let stream = told(|_| Some(Ran));
    stream
        .element("overlay")
        .set_property("privacy-classes", "face, car");
    push(&stream, 0..5);
    assert!(
        stream
            .shown()
            .iter()
            .all(|frame| frame.shirt > 0.4 && frame.background)
    );
    stream
        .element("overlay")
        .set_property("privacy-classes", "*");
    push(&stream, 5..10);
    assert_hidden(&stream.shown()[5..], 5, "all");
}

#[test]
fn a_frame_that_cannot_be_covered_does_not_leave() {
    let rig = |privacy: &str| Rig::new(&format!("lynxoverlay {privacy}"));
    let frame = |bytes: usize, crop: bool| {
        let mut buffer = gst::Buffer::from_mut_slice(vec![9; bytes]);
        let frame = buffer.get_mut().unwrap();
        frame.set_pts(gst::ClockTime::ZERO);
        if crop {
            gst_video::VideoCropMeta::add(frame, (0, 0, 16, 16));
        }
        buffer
    };
    for (bytes, crop, word) in [(32 * 96 - 1, false, "map"), (32 * 96, true, "16x16")] {
        let open = rig("");
        assert!(
            open.src.push(frame(bytes, crop)).is_ok(),
            "nothing is drawn there"
        );
        let closed = rig("privacy-classes=person");
        assert_eq!(
            closed.src.push(frame(bytes, crop)),
            Err(gst::FlowError::Error)
        );
        assert_eq!((open.frames().len(), closed.frames().len()), (1, 0));
        let errors = closed.messages(gst::MessageType::Error);
        assert_eq!(errors.len(), 1);
        let gst::MessageView::Error(error) = errors[0].view() else {
            unreachable!()
        };
        let text = error.error().to_string();
        assert!(
            text.contains("privacy-classes") && text.contains("videoconvert"),
            "{text}"
        );
        assert!(text.contains(word), "{text}");
    }
}
