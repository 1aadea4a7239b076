// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boxes with labels into 1080p NV12, whole elements side by side: `lynxoverlay`, what it costs only to
//! get to `cairooverlay` and back (nothing is drawn there), and `objectdetectionoverlay` (GStreamer 1.24
//! and newer) with the conversions that it needs.
//!
//! ```text
//! cargo bench -p lynx-tests --bench overlay [-- FILTER]
//! ```

use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use gst_check::Harness;
use lynx_geometry::Rect;
use lynx_meta::{Forms, NewObject, objects};

const SIZE: (u32, u32) = (1920, 1080);

/// A grey frame with so many people.
fn frame(people: u32) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_mut_slice(vec![110_u8; 1920 * 1080 * 3 / 2]);
    let writable = buffer.make_mut();
    writable.set_pts(gst::ClockTime::ZERO);
    for number in 0..people {
        let n = number as f32;
        let rect = Rect::new(
            (n * 331.0) % 1750.0,
            40.0 + (n * 173.0) % 640.0,
            80.0 + 3.0 * (n % 20.0),
            200.0 + 8.0 * (n % 20.0),
        );
        let object = NewObject::new(rect, "person", 0, 0.875);
        objects::add(writable, SIZE, &object, Forms::new(false));
    }
    buffer
}

fn harness(launch: &str) -> Harness {
    let mut harness = Harness::new_parse(launch);
    let caps = "video/x-raw,format=NV12,width=1920,height=1080,framerate=25/1,colorimetry=bt709";
    harness.set_src_caps_str(caps);
    harness.set_sink_caps_str(caps);
    harness
}

/// Elements that work in place get the same frame again and again.
fn in_place(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, launch: &str, people: u32) {
    let mut harness = harness(launch);
    let mut buffer = Some(frame(people));
    group.bench_function(name, |b| {
        b.iter(|| {
            let pushed = buffer.take().map(|buffer| harness.push_and_pull(buffer));
            buffer = pushed.and_then(Result::ok);
            assert!(buffer.is_some(), "{launch}");
        });
    });
}

fn converting(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, launch: &str, people: u32) {
    let mut harness = harness(launch);
    let buffer = frame(people);
    group.bench_function(name, |b| {
        b.iter(|| harness.push_and_pull(buffer.clone()).map(drop));
    });
}

fn overlay(c: &mut Criterion) {
    lynx_tests::run::init();
    let mut group = c.benchmark_group("1080p NV12");
    group.sample_size(30);
    in_place(&mut group, "nothing: identity", "identity", 0);
    in_place(&mut group, "lynxoverlay, 20 people", "lynxoverlay", 20);
    in_place(&mut group, "lynxoverlay, 100 people", "lynxoverlay", 100);
    let hidden = "lynxoverlay display-mode=*=none";
    for people in [20, 100] {
        let name = format!("lynxoverlay, {people} people, read, not drawn");
        in_place(&mut group, &name, hidden, people);
    }
    let all = "lynxoverlay draw-stats=true clock=utc zones=gate:0.3,0.5;0.6,0.5;0.6,0.8;0.3,0.8";
    in_place(
        &mut group,
        "lynxoverlay, 20 people, zone, clock, statistics",
        all,
        20,
    );
    converting(
        &mut group,
        "to cairooverlay and back, nothing drawn",
        "videoconvert n-threads=1 ! cairooverlay ! videoconvert n-threads=1",
        0,
    );
    if gst::ElementFactory::find("objectdetectionoverlay").is_some() {
        let launch = "videoconvert n-threads=1 ! objectdetectionoverlay ! videoconvert n-threads=1";
        for people in [20, 100] {
            let name = format!("objectdetectionoverlay with its conversions, {people} people");
            converting(&mut group, &name, launch, people);
        }
    }
    group.finish();
}

criterion_group!(benches, overlay);
criterion_main!(benches);
