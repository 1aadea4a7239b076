// SPDX-License-Identifier: MIT OR Apache-2.0
//! What becomes of metadata in the elements that people put between ours: run for real, and
//! written down in `docs/metadata.md`, a table for each GStreamer measured.
//! `UPDATE_GOLDEN=1 tests/run.sh survival` writes this GStreamer's table; review the difference.

use std::fmt::Write;
use std::fs;
use std::sync::{Arc, Mutex};

use gst::prelude::*;
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;
use lynx_meta::{frame, objects, tensor};
use lynx_tests::places::{root, tiny};
use lynx_tests::run::{init, play_to_end};

/// Width and height of the frames, and where the model's person and car are in them.
const SIZE: (u32, u32) = (320, 240);
const PERSON: Rect = Rect::new(40.0, 40.0, 80.0, 160.0);
const CAR: Rect = Rect::new(180.0, 120.0, 120.0, 80.0);

/// What is put in between, and where it moves a box to.
struct Between {
    name: &'static str,
    launch: &'static str,
    moves: fn(Rect) -> Rect,
}

const fn between(name: &'static str, launch: &'static str, moves: fn(Rect) -> Rect) -> Between {
    Between {
        name,
        launch,
        moves,
    }
}

fn stays(r: Rect) -> Rect {
    r
}

fn scaled(r: Rect, x: f32, y: f32, by: f32) -> Rect {
    Rect::new(r.x * by + x, r.y * by + y, r.w * by, r.h * by)
}

fn halved(r: Rect) -> Rect {
    scaled(r, 0.0, 0.0, 0.5)
}

fn with_borders(r: Rect) -> Rect {
    scaled(r, 0.0, 30.0, 0.75)
}

fn cropped(r: Rect) -> Rect {
    scaled(r, -20.0, -10.0, 1.0)
}

fn mirrored(r: Rect) -> Rect {
    Rect::new(SIZE.0 as f32 - r.right(), r.y, r.w, r.h)
}

fn clockwise(r: Rect) -> Rect {
    Rect::new(SIZE.1 as f32 - r.bottom(), r.x, r.h, r.w)
}

const BETWEEN: [Between; 18] = [
    between("`queue`", "queue", stays),
    between("`tee`", "tee ! queue", stays),
    between("`identity`", "identity", stays),
    between("`videobalance`", "videobalance contrast=1.2", stays),
    between(
        "`videorate`, twice the frames",
        "videorate ! video/x-raw,framerate=50/1",
        stays,
    ),
    between(
        "`videoconvert`",
        "videoconvert ! video/x-raw,format=RGB",
        stays,
    ),
    between(
        "`videoscale`",
        "videoscale ! video/x-raw,width=160,height=120",
        halved,
    ),
    between(
        "`videoscale add-borders=true`",
        "videoscale add-borders=true ! video/x-raw,width=240,height=240,pixel-aspect-ratio=1/1",
        with_borders,
    ),
    between(
        "`videoconvertscale`",
        "videoconvertscale ! video/x-raw,format=RGB,width=160,height=120",
        halved,
    ),
    between(
        "`videoconvertscale add-borders=true`",
        "videoconvertscale add-borders=true ! video/x-raw,width=240,height=240,pixel-aspect-ratio=1/1",
        with_borders,
    ),
    between(
        "`videocrop`",
        "videocrop left=20 top=10 right=16 bottom=30",
        cropped,
    ),
    between(
        "`videobox`",
        "videobox left=20 top=10 right=16 bottom=30",
        cropped,
    ),
    between(
        "`videoflip`, mirrored",
        "videoflip video-direction=horiz",
        mirrored,
    ),
    between(
        "`videoflip`, turned",
        "videoflip video-direction=90r",
        clockwise,
    ),
    between(
        "`deinterlace`",
        "deinterlace mode=interlaced method=linear",
        stays,
    ),
    between("`compositor`", "compositor", stays),
    between(
        "`jpegenc ! jpegdec`",
        "jpegenc ! jpegdec ! videoconvert ! video/x-raw,format=I420",
        stays,
    ),
    between(
        "`x264enc ! avdec_h264`",
        "x264enc tune=zerolatency ! avdec_h264",
        stays,
    ),
];

/// What arrived behind an element.
#[derive(Default, Clone, Copy)]
struct Arrived {
    frames: u32,
    objects: u32,
    markers: u32,
    tensors: u32,
    /// Frames on which something was in a wrong place.
    misplaced: u32,
    /// Frames on which objects had lost who they are.
    nameless: u32,
}

impl Arrived {
    fn word(self, found: u32) -> &'static str {
        match (found, self.misplaced) {
            (0, _) => "lost",
            (_, 1..) => "wrong place",
            _ if self.nameless > 0 => "place and class",
            (n, 0) if n == self.frames => "yes",
            _ => "on some frames",
        }
    }
}

/// Plays a few frames through a line and gives `look` each that comes out of it, with its size. No
/// warning may come.
fn play(
    line: &str,
    look: impl Fn(&mut Arrived, &gst::BufferRef, (u32, u32)) + Send + Sync + 'static,
) -> Arrived {
    init();
    let launch = format!(
        "videotestsrc num-buffers=5 ! video/x-raw,format=I420,width={},height={},framerate=25/1 \
         ! {line} ! fakesink name=out sync=false",
        SIZE.0, SIZE.1
    );
    let pipeline = gst::parse::launch(&launch).unwrap();
    let pipeline = pipeline.downcast::<gst::Pipeline>().unwrap();
    let arrived = Arc::new(Mutex::new(Arrived::default()));
    let pad = pipeline.by_name("out").unwrap().static_pad("sink").unwrap();
    let seen = Arc::clone(&arrived);
    pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        let caps = pad.current_caps().unwrap();
        let size = gst_video::VideoInfo::from_caps(&caps).unwrap();
        let mut arrived = seen.lock().unwrap();
        arrived.frames += 1;
        let buffer = info.buffer().unwrap();
        look(&mut arrived, buffer, (size.width(), size.height()));
        gst::PadProbeReturn::Ok
    });
    let warnings = play_to_end(&pipeline);
    pipeline.set_state(gst::State::Null).unwrap();
    assert_eq!(warnings, [""; 0], "{line}");
    let arrived = *arrived.lock().unwrap();
    assert!(arrived.frames > 0, "{line}");
    arrived
}

fn near(a: Rect, b: Rect) -> bool {
    let edges = |r: Rect| [r.x, r.y, r.right(), r.bottom()];
    edges(a)
        .iter()
        .zip(edges(b))
        .all(|(a, b)| (a - b).abs() <= 1.5)
}

/// An object as one kind of metadata has it: class, place, whether its score, its class's index
/// and its identity are as they were.
type Found = (String, Rect, bool);

/// The score and the index of the model's two classes.
fn is_of_class(label: &str, score: f64, class: Option<u32>) -> bool {
    let (expected, index) = if label == "person" {
        (0.9, 0)
    } else {
        (0.8, 1)
    };
    (score - expected).abs() < 1e-3 && class == Some(index)
}

/// Regions of interest as others read them.
fn regions(buffer: &gst::BufferRef) -> Vec<Found> {
    let found = buffer.iter_meta::<RoiMeta>().map(|r| {
        let (x, y, w, h) = r.rect();
        let rect = Rect::new(x as f32, y as f32, w as f32, h as f32);
        let label = r.roi_type().to_string();
        let whole = r.param("detection").is_some_and(|d| {
            let class = d.get::<i32>("label_id").ok().map(|c| c as u32);
            is_of_class(&label, d.get("confidence").unwrap_or(0.0), class)
        });
        (label, rect, whole && r.param("object_id").is_some())
    });
    found.collect()
}

/// What Lynx reads.
fn ours(buffer: &gst::BufferRef, size: (u32, u32)) -> Vec<Found> {
    let found = objects::iter(buffer, size).map(|o| {
        let whole = is_of_class(o.label, f64::from(o.score), o.class) && o.identity.is_some();
        (o.label.to_owned(), o.rect, whole)
    });
    found.collect()
}

/// What is on the frames in the end, as Lynx reads it or, with `roi`, as others read regions.
/// `lynxtrack` stands before the element, or behind it.
fn objects_after(between: &Between, roi: bool, track_behind: bool) -> Arrived {
    let moves = between.moves;
    let infer = format!(
        "lynxinfer model={} threshold=0.1 roi-meta={roi}",
        tiny("yolov8-fixed")
    );
    let line = match track_behind {
        false => format!("{infer} ! lynxtrack ! {}", between.launch),
        true => format!("{infer} ! {} ! lynxtrack", between.launch),
    };
    play(&line, move |arrived, buffer, size| {
        arrived.markers += u32::from(frame::inference(buffer).is_some());
        let found = if roi {
            regions(buffer)
        } else {
            ours(buffer, size)
        };
        if found.is_empty() {
            return;
        }
        arrived.objects += 1;
        let expected = [("person", moves(PERSON)), ("car", moves(CAR))];
        let is_at =
            |label: &str, place: Rect| found.iter().any(|f| f.0 == label && near(f.1, place));
        let right = found.len() == 2 && expected.iter().all(|(label, place)| is_at(label, *place));
        arrived.misplaced += u32::from(!right);
        arrived.nameless += u32::from(found.iter().any(|f| !f.2));
    })
}

/// The input tensor of a `lynxpreprocess` in front.
fn tensor_after(between: &Between) -> Arrived {
    let moves = between.moves;
    let line = format!(
        "lynxpreprocess tensor-width=32 tensor-height=32 resize-mode=letterbox ! {}",
        between.launch
    );
    play(&line, move |arrived, buffer, _| {
        let Some(tensor) = tensor::detach(buffer.copy().make_mut()) else {
            return;
        };
        arrived.tensors += 1;
        let person = Rect::new(4.0, 8.0, 8.0, 16.0);
        let right = near(tensor.transform.to_frame(&person), moves(PERSON));
        arrived.misplaced += u32::from(!right);
    })
}

/// What becomes of everything in each element, a row an element.
fn table() -> String {
    let mut table = format!("{COLUMNS}\n|---|---|---|---|---|\n");
    for between in &BETWEEN {
        let ours = objects_after(between, false, false);
        let behind = objects_after(between, false, true);
        let (word, behind) = (ours.word(ours.objects), behind.word(behind.objects));
        assert_eq!(word, behind, "{}, before lynxtrack", between.name);
        let regions = objects_after(between, true, false);
        let tensors = tensor_after(between);
        let marker = Arrived {
            misplaced: 0,
            nameless: 0,
            ..ours
        };
        let row = [
            word,
            regions.word(regions.objects),
            marker.word(marker.markers),
            tensors.word(tensors.tensors),
        ];
        writeln!(table, "| {} | {} |", between.name, row.join(" | ")).unwrap();
    }
    table
}

const COLUMNS: &str = "| between the two | objects, read by Lynx | regions, read by others | frame meta | input tensor |";

/// The document in front of the table of the newest GStreamer measured that is not newer than
/// this one, the table, and what follows.
fn split(document: &str) -> (&str, &str, &str) {
    let (major, minor, ..) = gst::version();
    let version = (0..=minor)
        .rev()
        .map(|minor| format!("\n### GStreamer {major}.{minor}\n"))
        .find(|heading| document.contains(heading))
        .expect("docs/metadata.md has a table for an older GStreamer");
    let heading = document.find(&version).unwrap();
    let start = heading + document[heading..].find(COLUMNS).expect("a table follows");
    let end = document[start..]
        .find("\n\n")
        .map_or(document.len(), |at| start + at + 1);
    (&document[..start], &document[start..end], &document[end..])
}

#[test]
fn the_table_of_what_survives_is_true() {
    init();
    let path = root().join("docs/metadata.md");
    let mut document = fs::read_to_string(&path).unwrap();
    let found = table();
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let (major, minor, ..) = gst::version();
    let heading = format!("\n### GStreamer {major}.{minor}\n");
    if update && !document.contains(&heading) {
        write!(document, "{heading}\n{COLUMNS}\n").unwrap();
    }
    let (before, written, after) = split(&document);
    if update {
        fs::write(&path, format!("{before}{found}{after}")).unwrap();
    } else {
        assert_eq!(
            found, written,
            "see the head of this file for how to update"
        );
    }
}
