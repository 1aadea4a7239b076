// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxinfer` on parts of the frame: regions that the user names, and tiles.

use lynx_geometry::Rect;
use lynx_meta::{Inference, Motion, frame};
use lynx_tests::paint::{Patch, WHITE, paint, run_changed, run_painted};
use lynx_tests::places::tiny;
use lynx_tests::run::{Outcome, run};

/// `bright-box` finds a box around what is brightest in each 32×32 tensor.
fn lights(size: (usize, usize), patches: &[Patch], properties: &str) -> Outcome {
    let model = tiny("bright-box");
    let infer = format!("lynxinfer name=infer model={model} threshold=0.9 {properties}");
    let outcome = run_painted(size, 2, patches, &infer);
    assert_eq!(outcome.errors, [""; 0], "{properties}");
    outcome
}

fn rects(outcome: &Outcome) -> Vec<Rect> {
    let objects = &outcome.frames.last().unwrap().objects;
    let mut rects: Vec<_> = objects.iter().map(|o| o.rect).collect();
    rects.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).unwrap());
    rects
}

#[track_caller]
fn assert_rects(outcome: &Outcome, expected: &[(usize, usize, usize, usize)]) {
    let found = rects(outcome);
    let expected: Vec<_> = expected
        .iter()
        .map(|&(x, y, w, h)| Rect::new(x as f32, y as f32, w as f32, h as f32))
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (a, b) in found.iter().zip(&expected) {
        let near = [(a.x, b.x), (a.y, b.y), (a.w, b.w), (a.h, b.h)];
        assert!(near.iter().all(|(a, b)| (a - b).abs() < 0.01), "{found:?}");
    }
}

#[test]
fn what_is_found_in_a_tile_is_where_it_is_in_the_frame() {
    // One light a tile; tiles are as large as the tensor, so that every corner is exact.
    let places = [(3, 5, 8, 6), (70, 2, 4, 9), (40, 33, 5, 5), (65, 40, 20, 7)];
    let patches = places.map(|place| (place, WHITE));
    let tiles = "tiles=3x2 tile-overlap=0 tile-full-frame=false batch-size=16";
    let outcome = lights((96, 64), &patches, tiles);
    assert_rects(&outcome, &[places[1], places[0], places[2], places[3]]);
    assert_eq!(outcome.frames[0].inference, Some(Inference::Ran));
    assert!(outcome.frames[0].objects.iter().all(|o| o.score > 0.99));
    let counted = ["frames", "inferred", "regions", "objects"].map(|f| outcome.counted(f));
    assert_eq!(counted, [2, 2, 12, 8]);
    // The tiles of both frames may share a run.
    assert!(outcome.counted("runs") <= 2, "six tiles are one run");
}

#[test]
fn a_light_on_a_seam_is_one_and_as_large_as_it_is() {
    // Tiles of 32 that share 16: columns from 0, 16 and 32, rows from 0 and 16.
    for place in [(18, 4, 10, 10), (26, 4, 12, 10), (20, 12, 20, 12)] {
        let tiles = "tiles=3x2 tile-overlap=0.5 tile-full-frame=false";
        let outcome = lights((64, 48), &[(place, WHITE)], tiles);
        assert_rects(&outcome, &[place]);
    }
}

#[test]
fn the_whole_frame_shows_what_is_larger_than_a_tile() {
    let place = (8, 8, 48, 48);
    let tiles = "tiles=2x2 tile-overlap=0";
    let cut = lights(
        (64, 64),
        &[(place, WHITE)],
        &format!("{tiles} tile-full-frame=false"),
    );
    assert_eq!(rects(&cut).len(), 4, "a quarter in each tile");
    let whole = lights((64, 64), &[(place, WHITE)], tiles);
    assert_rects(&whole, &[place]);
    // Four tiles and the frame, of two frames: a CPU gains nothing by batches.
    assert_eq!((whole.counted("regions"), whole.counted("runs")), (10, 10));
}

#[test]
fn only_the_named_regions_are_looked_at() {
    let places = [(10, 10, 4, 4), (50, 40, 6, 6)];
    let patches = places.map(|place| (place, WHITE));
    for regions in ["32,32,32,32", "0.5,0.5,0.5,0.5"] {
        let outcome = lights((64, 64), &patches, &format!("regions={regions}"));
        assert_rects(&outcome, &places[1..]);
    }
    let both = lights((64, 64), &patches, "regions=\"32,32,32,32; 0,0,32,32\"");
    assert_rects(&both, &places);
}

#[test]
fn a_region_that_reaches_beyond_the_frame_is_cut_off() {
    let place = (50, 40, 6, 6);
    let outcome = lights((64, 64), &[(place, WHITE)], "regions=32,32,500,500");
    assert_rects(&outcome, &[place]);
    let outcome = lights((64, 64), &[(place, WHITE)], "regions=32,32,1e30,32");
    assert_rects(&outcome, &[place]);
}

#[test]
fn tiles_cut_up_named_regions() {
    let places = [(33, 40, 4, 4), (70, 50, 6, 6)];
    let patches = places.map(|place| (place, WHITE));
    let properties = "regions=32,32,64,32 tiles=2x1 tile-overlap=0 tile-full-frame=false";
    let outcome = lights((96, 64), &patches, properties);
    assert_rects(&outcome, &places);
}

#[test]
fn what_moves_is_looked_at_and_as_much_around_it_as_the_model_has_room_for() {
    // Two lights; what moves is around the second one, and the model takes 32x32.
    let patches = [((10, 10, 4, 4), WHITE), ((90, 40, 6, 6), WHITE)];
    let size = (128, 64);
    let motion = |region| {
        let model = tiny("bright-box");
        let infer = format!("lynxinfer model={model} threshold=0.9 inference-region=motion");
        run_changed(size, 1, &infer, move |buffer| {
            paint(buffer, size.0, &patches);
            let motion = Motion {
                moving: true,
                region,
            };
            frame::set_motion(buffer, (128, 64), &motion);
        })
    };
    let moving = motion(Some(Rect::new(88.0, 38.0, 12.0, 12.0)));
    assert_rects(&moving, &[(90, 40, 6, 6)]);
    // Nobody says where: all of it, where a pixel of the tensor is four of the frame.
    let found = rects(&motion(None));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].w % 4.0, found[0].h % 4.0),
        (0.0, 0.0),
        "{found:?}"
    );
}

/// Who stands where inference did not look is not lost.
#[test]
fn what_stands_still_beside_what_moves_keeps_its_identity() {
    let (size, model) = ((128, 64), tiny("bright-box"));
    let elements =
        format!("lynxinfer model={model} threshold=0.9 inference-region=motion ! lynxtrack");
    // The first frame is looked at as a whole; then something moves at the right, for 2.4 s.
    let first = std::sync::atomic::AtomicBool::new(true);
    let outcome = run_changed(size, 60, &elements, move |buffer| {
        paint(buffer, size.0, &[((16, 16, 16, 16), WHITE)]);
        let whole = first.swap(false, std::sync::atomic::Ordering::Relaxed);
        let region = (!whole).then_some(Rect::new(100.0, 30.0, 10.0, 10.0));
        let motion = Motion {
            moving: true,
            region,
        };
        frame::set_motion(buffer, (128, 64), &motion);
    });
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 60);
    for (number, frame) in outcome.frames.iter().enumerate() {
        assert_eq!(frame.inference, Some(Inference::Ran));
        let found: Vec<_> = frame.objects.iter().map(|o| o.identity).collect();
        let [Some(identity)] = found[..] else {
            panic!("frame {number}: {found:?}");
        };
        assert_eq!(
            (identity.id, identity.coasted),
            (1, number > 0),
            "frame {number}"
        );
    }
}

#[test]
fn every_format_is_cut_alike() {
    for format in ["NV12", "I420", "BGR", "RGBx", "BGRA"] {
        let elements = format!(
            "videoconvert ! video/x-raw,format={format} ! lynxinfer model={} threshold=0.9 \
             tiles=2x2 tile-overlap=0 tile-full-frame=false",
            tiny("bright-box")
        );
        let place = (36, 40, 8, 12);
        let outcome = run_painted((64, 64), 1, &[(place, WHITE)], &elements);
        assert_eq!(outcome.errors, [""; 0], "{format}");
        assert_rects(&outcome, &[place]);
    }
}

#[test]
fn a_model_of_one_image_a_run_is_run_for_each_region() {
    // The person and the car, whatever the picture: in each of four tiles.
    let infer = format!(
        "lynxinfer name=infer model={} tiles=2x2 tile-overlap=0 tile-full-frame=false",
        tiny("yolov8-fixed")
    );
    let outcome = run_painted((64, 64), 1, &[], &infer);
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(
        (outcome.counted("regions"), outcome.counted("runs")),
        (4, 4)
    );
    let people: Vec<_> = outcome.frames[0]
        .objects
        .iter()
        .filter(|o| o.label == "person")
        .map(|o| o.rect)
        .collect();
    let expected = [(4.0, 8.0), (36.0, 8.0), (4.0, 40.0), (36.0, 40.0)];
    assert_eq!(people.len(), 4);
    for (x, y) in expected {
        let person = Rect::new(x, y, 8.0, 16.0);
        assert!(people.iter().any(|r| r.iou(&person) > 0.999), "{people:?}");
    }
}

#[test]
fn batch_size_limits_a_run() {
    let tiles = "tiles=4x4 tile-overlap=0 tile-full-frame=false";
    // 16 tiles of each of two frames; a run may have some of both.
    for (limit, runs) in [
        (1, 32..=32),
        (5, 7..=8),
        (8, 4..=4),
        (16, 2..=2),
        (64, 1..=2),
    ] {
        let outcome = lights((128, 128), &[], &format!("{tiles} batch-size={limit}"));
        let counted = outcome.counted("runs");
        assert!(runs.contains(&counted), "batch-size={limit}: {counted}");
    }
}

#[test]
fn a_preprocess_upstream_lets_frames_pass() {
    let place = (50, 40, 6, 6);
    let tiles = "tiles=2x2 tile-overlap=0 tile-full-frame=false";
    let elements = format!(
        "lynxpreprocess name=pre ! lynxinfer model={} threshold=0.9 {tiles}",
        tiny("bright-box")
    );
    let outcome = run_painted((64, 64), 2, &[(place, WHITE)], &elements);
    assert_eq!(outcome.errors, [""; 0]);
    assert_rects(&outcome, &[place]);
}

#[test]
fn new_caps_move_the_regions() {
    // The size changes in mid-stream; shares of the frame follow it.
    let launch = format!(
        "videotestsrc pattern=white num-buffers=2 ! video/x-raw,format=RGB,width=64,height=64 ! c. \
         videotestsrc pattern=white num-buffers=2 ! video/x-raw,format=RGB,width=128,height=96 ! c. \
         concat name=c ! lynxinfer model={} regions=0.5,0,0.5,1 ! fakesink name=out",
        tiny("bright-box")
    );
    let outcome = run(&launch);
    assert_eq!(outcome.errors, [""; 0]);
    let last: Vec<_> = outcome
        .frames
        .iter()
        .map(|f| (f.size, f.objects[0].rect))
        .collect();
    let first = last[0];
    assert_eq!(first.0, (64, 64));
    assert!(
        first.1.iou(&Rect::new(32.0, 0.0, 32.0, 64.0)) > 0.99,
        "{first:?}"
    );
    let then = last[last.len() - 1];
    assert_eq!(then.0, (128, 96));
    assert!(
        then.1.iou(&Rect::new(64.0, 0.0, 64.0, 96.0)) > 0.99,
        "{then:?}"
    );
}

#[test]
fn bad_regions_are_one_error_that_says_what_to_do() {
    for (properties, words) in [
        ("regions=0,0,-5,9", &["0,0,-5,9", "above 0"][..]),
        ("regions=nan,0,5,9", &["nan,0,5,9", "finite"]),
        ("regions=0,0,0,9", &["0,0,0,9"]),
        ("regions=700,0,5,9", &["700,0,5,9", "64x64", "remove"]),
        (
            "regions=\"0,0,.5,.5;0,0,50,50\"",
            &["pixels in one region and shares"],
        ),
        ("tiles=3", &["tiles=\"3\"", "tiles=3x2"]),
        ("tiles=0x2", &["from 1 to 16"]),
        (
            "tiles=2x2 inference-region=roi-list",
            &["roi-list", "tiles"],
        ),
        (
            "inference-region=roi-list object-min-size=-3",
            &["object-min-size"],
        ),
        ("tiles=2x2 output-tensor-meta=true", &["output-tensor-meta"]),
    ] {
        let model = tiny("bright-box");
        let infer = format!("lynxinfer model={model} {properties}");
        let outcome = run_painted((64, 64), 2, &[], &infer);
        let error = outcome.error();
        for word in words {
            assert!(
                error.contains(word),
                "{properties}: {word:?} is missing in {error}"
            );
        }
    }
}
