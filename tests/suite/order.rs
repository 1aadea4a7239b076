// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several runs of the model at the same time, of which later ones end earlier: all that comes in
//! leaves in its order.

use gst::prelude::*;
use lynx_meta::{Inference, NewObject};
use lynx_tests::paint::run_scene;
use lynx_tests::places::tiny;
use lynx_tests::rig::{Item, Rig, SIZE, words};

/// So many runs at the same time, of one thread each. `slow` takes about 1 ms for a step of blue.
fn four(model: &str) -> String {
    let model = tiny(model);
    format!("lynxinfer model={model} nireq=4 intra-op-threads=1 threshold=0.1")
}

/// A frame's colour: red says which it is; every third and every seventh is slow.
fn colour(nth: u64) -> [u8; 3] {
    let blue = if nth.is_multiple_of(3) { 20 } else { 0 };
    let blue = if nth.is_multiple_of(7) { 50 } else { blue };
    [40 + (nth * 8 % 170) as u8, 0, blue]
}

/// Where the box of such a frame is.
fn centre(nth: u64) -> f32 {
    f32::from(colour(nth)[0]) / 255.0 * 32.0
}

#[test]
fn each_frame_leaves_in_its_turn_with_its_own_answer() {
    let rig = Rig::new(&four("slow"));
    for nth in 0..60 {
        rig.frame(nth, colour(nth)).unwrap();
    }
    rig.end();
    let frames = rig.frames();
    let times: Vec<_> = frames.iter().map(|frame| frame.time).collect();
    assert_eq!(times, Vec::from_iter(0..60));
    for frame in frames {
        assert_eq!(frame.inference, Some(Inference::Ran));
        let (x, _) = frame.at.unwrap();
        assert!((x - centre(frame.time)).abs() < 0.1, "{frame:?}");
    }
}

#[test]
fn events_leave_between_the_frames_that_they_came_between() {
    let rig = Rig::new(&four("slow"));
    let mut given = vec![
        "stream-start".to_owned(),
        format!("caps {}x{}", SIZE.0, SIZE.1),
        "segment 0".into(),
    ];
    let sizes = [(64, 48), SIZE, (33, 17)];
    let mut size = SIZE;
    for nth in 0..60 {
        rig.frame_of(size, nth, colour(nth)).unwrap();
        given.push(format!("frame {nth}"));
        let time = gst::ClockTime::from_mseconds(nth);
        let event = match nth % 6 {
            0 => {
                size = sizes[nth as usize / 6 % 3];
                assert!(rig.caps(size));
                given.push(format!("caps {}x{}", size.0, size.1));
                continue;
            }
            1 => {
                assert!(rig.segment(nth + 1));
                given.push(format!("segment {}", nth + 1));
                continue;
            }
            2 => gst::event::Gap::new(time, None),
            3 => {
                let mut tags = gst::TagList::new();
                let title = nth.to_string();
                let tags_mut = tags.get_mut().unwrap();
                tags_mut.add::<gst::tags::Title>(&title.as_str(), gst::TagMergeMode::Replace);
                gst::event::Tag::new(tags)
            }
            4 => {
                let structure = gst::Structure::new_empty(format!("custom{nth}"));
                gst::event::CustomDownstream::new(structure)
            }
            _ => continue,
        };
        given.push(words(&event));
        assert!(rig.event(event));
    }
    rig.end();
    given.push("eos".into());
    let items = rig.items().into_iter();
    let came = items.map(|item| match item {
        Item::Frame(out) => format!("frame {}", out.time),
        Item::Event(words) => words,
        Item::Query(kind) => format!("{kind:?}"),
    });
    assert_eq!(came.collect::<Vec<_>>(), given);
}

/// GStreamer itself says that what is out of band need not wait.
#[test]
fn an_event_out_of_band_overtakes_frames() {
    let rig = Rig::new(&four("slow"));
    rig.frame(0, [40, 0, 255]).unwrap();
    let structure = gst::Structure::new_empty("now");
    rig.event(gst::event::CustomDownstreamOob::new(structure));
    rig.end();
    let items = rig.items();
    let is_oob = |item: &Item| matches!(item, Item::Event(words) if words.contains("oob"));
    let is_frame = |item: &Item| matches!(item, Item::Frame(_));
    let place = |is: &dyn Fn(&Item) -> bool| items.iter().position(is).unwrap();
    assert!(place(&is_oob) < place(&is_frame), "{items:?}");
}

#[test]
fn a_serialized_query_waits_for_the_frames_before_it() {
    let rig = Rig::new(&four("slow"));
    let caps = rig.src.current_caps();
    for round in 0..5 {
        for nth in 0..4 {
            rig.frame(4 * round + nth, colour(4 * round + nth)).unwrap();
        }
        let mut allocation = gst::query::Allocation::new(caps.as_ref(), true);
        let mut drain = gst::query::Drain::new();
        let query: &mut gst::QueryRef = match round % 2 {
            0 => &mut allocation,
            _ => &mut drain,
        };
        assert!(rig.src.peer_query(query));
        let items = rig.items();
        assert_eq!(items.last(), Some(&Item::Query(query.type_())));
        assert_eq!(rig.frames().len() as u64, 4 * round + 4, "{items:?}");
    }
}

#[test]
fn the_end_right_after_the_last_frame_loses_none() {
    for _ in 0..20 {
        let rig = Rig::new(&four("slow"));
        for nth in 0..8 {
            rig.frame(nth, colour(nth)).unwrap();
        }
        rig.end();
        assert_eq!(rig.frames().len(), 8);
    }
}

/// An object is on many frames before the classifier has said what it is on the first.
#[test]
fn an_identity_is_asked_once_while_the_answer_is_under_way() {
    let all = lynx_geometry::Rect::new(0.0, 0.0, 32.0, 32.0);
    let object = NewObject::new(all, "flag", 0, 0.9);
    let classifier = four("colour");
    let line = format!(
        "lynxtrack ! {classifier} name=infer inference-region=roi-list reclassify-interval=0 batch-timeout=200"
    );
    let patch = ((0, 0, 32, 32), [0, 0, 255]);
    let outcome = run_scene((32, 32), 100, &[patch], &[object], &line);
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.frames.len(), 100);
    assert_eq!(outcome.counted("regions"), 1);
    // lynxtrack confirms an object with its second frame; every frame from the first asked on has
    // the answer.
    let said = outcome.frames.iter().map(|frame| frame.classes.len());
    let first = said.clone().position(|said| said > 0).unwrap();
    assert!(first <= 1 && said.skip(first).all(|said| said == 1));
}
