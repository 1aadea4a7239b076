// SPDX-License-Identifier: MIT OR Apache-2.0
//! How frames look with all that lynxoverlay draws, by checksum. `UPDATE_GOLDEN=1` writes
//! `tests/goldens/looks.txt` anew; with `LYNX_DRAW_PICTURES=<folder>` set the RGB frame is left there,
//! to be looked at before.

use std::fmt::Write;

use gst::prelude::*;
use gst_check::Harness;
use lynx_geometry::Rect;
use lynx_meta::{Forms, NewObject, objects};
use lynx_tests::places::root;
use lynx_tests::run::init;

const SIZE: (u32, u32) = (640, 360);

const EVERYTHING: &str = "lynxtrack ! lynxoverlay draw-stats=true trail-length=2000 \
    display-mode=\"person=all,car=box+label,bicycle=none\" \
    zones=\"gate:0.3,0.5;0.6,0.5;0.6,0.8;0.3,0.8 line:0,120;640,90\"";

const FORMATS: [&str; 14] = [
    "NV12", "I420", "RGB", "BGR", "RGBx", "BGRx", "RGBA", "BGRA", "xRGB", "xBGR", "ARGB", "ABGR",
    "YUY2", "UYVY",
];

fn harness(launch: &str, format: &str) -> Harness {
    init();
    let mut harness = Harness::new_parse(launch);
    harness.set_src_caps_str(&format!(
        "video/x-raw,format={format},width={},height={},framerate=25/1,colorimetry=bt709",
        SIZE.0, SIZE.1
    ));
    harness
}

fn info(format: &str) -> gst_video::VideoInfo {
    let format = gst_video::VideoFormat::from_string(format);
    gst_video::VideoInfo::builder(format, SIZE.0, SIZE.1)
        .build()
        .unwrap()
}

/// A grey frame with people who walk, a car, and a bicycle.
fn frame(number: u64, format: &str, label: &str) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_slice(vec![110_u8; info(format).size()]);
    let writable = buffer.make_mut();
    writable.set_pts(gst::ClockTime::from_mseconds(40 * number));
    let x = 4.0 * number as f32;
    for (rect, label, class) in [
        (Rect::new(20.0 + x, 80.0, 60.0, 150.0), label, 0),
        (Rect::new(60.0 + x, 90.0, 60.0, 150.0), label, 0),
        (Rect::new(560.0 - x, 60.0 + x, 50.0, 120.0), label, 0),
        (Rect::new(300.0, 200.0, 220.0, 110.0), "car", 1),
        (Rect::new(30.0, 250.0, 90.0, 80.0), "bicycle", 2),
    ] {
        let object = NewObject::new(rect, label, class, 0.875);
        objects::add(writable, SIZE, &object, Forms::new(false));
    }
    buffer
}

/// The bytes of the last of 40 frames.
fn drawn(launch: &str, format: &str, label: &str) -> Vec<u8> {
    let mut harness = harness(launch, format);
    let mut last = Vec::new();
    for number in 0..40 {
        let out = harness.push_and_pull(frame(number, format, label)).unwrap();
        last = out.map_readable().unwrap().to_vec();
    }
    last
}

/// FNV-1a, 64 bits.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn frames_look_as_they_did_in_every_format() {
    let mut found = String::new();
    for format in FORMATS {
        let bytes = drawn(EVERYTHING, format, "person");
        let _ = writeln!(found, "{format:5} {:016x}", checksum(&bytes));
        if let (Some(folder), "RGB") = (std::env::var_os("LYNX_DRAW_PICTURES"), format) {
            let image = image::RgbImage::from_raw(SIZE.0, SIZE.1, bytes).unwrap();
            image
                .save(std::path::Path::new(&folder).join("looks.png"))
                .unwrap();
        }
    }
    let golden = root().join("tests/goldens/looks.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &found).unwrap();
    } else {
        let expected = std::fs::read_to_string(golden).unwrap();
        assert_eq!(found, expected, "look at the picture, then UPDATE_GOLDEN=1");
    }
}

/// Debian's fonts-dejavu-core, which set-up installs.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

#[test]
fn a_font_from_a_file_has_letters_that_the_built_in_one_lacks() {
    let with = |more: &str, label: &str| drawn(&format!("lynxoverlay {more}"), "RGB", label);
    assert!(
        with("", "Люди") == with("", "????"),
        "the built-in font has no Cyrillic"
    );
    let font = format!("font-file={FONT} text-size=20");
    assert!(with(&font, "Люди") != with(&font, "????"));
    assert!(with(&font, "person") != with("", "person"));
}

#[test]
fn a_font_that_is_none_is_an_error_at_start() {
    for (file, word) in [
        ("/nowhere.ttf", "/nowhere.ttf"),
        ("/etc/hostname", "TrueType"),
    ] {
        init();
        let element = gst::ElementFactory::make("lynxoverlay").build().unwrap();
        let bus = gst::Bus::new();
        element.set_bus(Some(&bus));
        element.set_property("font-file", file);
        assert!(element.set_state(gst::State::Paused).is_err());
        let _ = element.set_state(gst::State::Null);
        let error = bus.pop_filtered(&[gst::MessageType::Error]).unwrap();
        let gst::MessageView::Error(error) = error.view() else {
            panic!("no error")
        };
        let text = error.error().message().to_string();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn what_a_property_does_not_understand_is_an_error_and_the_value_from_before_stays() {
    init();
    for (property, good, bad, named) in [
        ("zones", "gate:0,0;1,0;1,1", "gate:0,0", "gate:0,0"),
        ("display-mode", "person=box", "person=boxes", "\"boxes\""),
    ] {
        let element = gst::ElementFactory::make("lynxoverlay").build().unwrap();
        let bus = gst::Bus::new();
        element.set_bus(Some(&bus));
        element.set_property(property, good);
        element.set_property(property, bad);
        assert_eq!(element.property::<String>(property), good);
        assert!(
            element.set_state(gst::State::Paused).is_err(),
            "it starts all the same"
        );
        let error = bus.pop_filtered(&[gst::MessageType::Error]).unwrap();
        let gst::MessageView::Error(error) = error.view() else {
            panic!("no error")
        };
        let text = error.error().message().to_string();
        assert!(text.contains(named), "{text}");
        let _ = element.set_state(gst::State::Null);

        element.set_property(property, good);
        element.set_state(gst::State::Paused).unwrap();
        element.set_property(property, bad);
        assert_eq!(element.property::<String>(property), good);
        let warning = bus.pop_filtered(&[gst::MessageType::Warning]);
        assert!(warning.is_some(), "it says nothing while it runs");
        let _ = element.set_state(gst::State::Null);
    }
}
