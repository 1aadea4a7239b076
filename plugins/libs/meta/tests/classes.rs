// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a second model says of objects, alike in every kind of metadata that the build has.
#![allow(clippy::unwrap_used)]

use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;
use lynx_meta::{Classification, Fate, Forms, Identity, NewObject, classes, objects};

const SIZE: (u32, u32) = (640, 480);
const ANALYTICS: bool = cfg!(feature = "v1_24");

/// Every choice that a stream may come in.
fn all_forms() -> Vec<Forms> {
    let forms = |analytics, roi| Forms { analytics, roi };
    if ANALYTICS {
        vec![forms(true, false), forms(true, true), forms(false, true)]
    } else {
        vec![forms(false, true)]
    }
}

/// A person, a car and a person.
fn three(forms: Forms) -> gst::Buffer {
    gst::init().unwrap();
    let mut buffer = gst::Buffer::new();
    for (index, label) in ["person", "car", "person"].into_iter().enumerate() {
        let rect = Rect::new(100.0 * index as f32, 50.0, 30.0, 80.0);
        let object = NewObject::new(rect, label, 3, 0.75);
        objects::add(buffer.make_mut(), SIZE, &object, forms);
    }
    buffer
}

fn said<'a>(model: &'a str, label: &'a str, class: u32) -> Classification<'a> {
    Classification {
        label,
        class: Some(class),
        score: 0.5,
        model: Some(model),
    }
}

/// Object, label and score of each; class and model too where the metadata holds them.
fn found(buffer: &gst::Buffer) -> Vec<(usize, String, f32)> {
    let mut all = Vec::new();
    classes::each(buffer, |index, c| {
        all.push((index, c.label.to_owned(), c.score));
        if buffer.meta::<RoiMeta>().is_some() && !ANALYTICS {
            assert!(c.class.is_some() && c.model.is_some(), "{c:?}");
        }
    });
    all
}

fn expected(all: &[(usize, &str)]) -> Vec<(usize, String, f32)> {
    let all = all.iter().map(|(i, label)| (*i, (*label).to_owned(), 0.5));
    all.collect()
}

#[test]
fn what_is_said_of_an_object_is_found_beside_it() {
    for forms in all_forms() {
        let mut buffer = three(forms);
        assert_eq!(found(&buffer), [], "a detection's own class is none");
        classes::add(buffer.make_mut(), |index| {
            (index > 0).then(|| said("colour", ["", "red", "blue"][index], 1))
        });
        assert_eq!(
            found(&buffer),
            expected(&[(1, "red"), (2, "blue")]),
            "{forms:?}"
        );
        let labels: Vec<_> = objects::iter(&buffer, SIZE).map(|o| o.label).collect();
        assert_eq!(labels, ["person", "car", "person"], "{forms:?}");
    }
}

#[test]
fn several_models_may_speak_and_one_may_say_what_the_detector_said() {
    for forms in all_forms() {
        let mut buffer = three(forms);
        let only = |index: usize, said| (index == 1).then_some(said);
        classes::add(buffer.make_mut(), |i| only(i, said("colour", "red", 0)));
        classes::add(buffer.make_mut(), |i| only(i, said("kind", "car", 2)));
        let all = expected(&[(1, "red"), (1, "car")]);
        assert_eq!(found(&buffer), all, "{forms:?}");
    }
}

#[test]
fn they_stay_with_their_object_when_it_is_tracked() {
    for forms in all_forms() {
        let mut buffer = three(forms);
        classes::add(buffer.make_mut(), |i| {
            Some(said("colour", ["a", "b", "c"][i], 0))
        });
        let identity = Identity {
            id: 7,
            coasted: false,
            seen: None,
        };
        objects::assign(buffer.make_mut(), |index| match index {
            0 => Fate::Remove,
            _ => Fate::Identify {
                identity,
                class: Some(3),
                label: "person",
            },
        });
        assert_eq!(found(&buffer), expected(&[(0, "b"), (1, "c")]), "{forms:?}");
    }
}

#[test]
fn in_a_region_it_is_a_param_as_gvaclassify_writes_it() {
    let regions = Forms {
        analytics: false,
        roi: true,
    };
    let mut buffer = three(regions);
    classes::add(buffer.make_mut(), |i| {
        (i == 1).then(|| said("car colour", "red", 4))
    });
    // The same model, once more.
    classes::add(buffer.make_mut(), |i| {
        (i == 1).then(|| said("car colour", "blue", 5))
    });
    let region = buffer.iter_meta::<RoiMeta>().nth(1).unwrap();
    assert_eq!(region.params().count(), 2);
    let param = region.param("classification:car_colour").unwrap();
    assert_eq!(param.get::<&str>("label"), Ok("blue"));
    assert_eq!(param.get::<i32>("label_id"), Ok(5));
    assert_eq!(param.get::<f64>("confidence"), Ok(0.5));
    assert_eq!(param.get::<&str>("model_name"), Ok("car colour"));
    assert_eq!(param.get::<&str>("attribute_name"), Ok("car colour"));
}

#[test]
fn a_region_that_has_lost_its_params_still_has_them() {
    let regions = Forms {
        analytics: false,
        roi: true,
    };
    let mut buffer = three(regions);
    classes::add(buffer.make_mut(), |i| {
        Some(said("colour", ["a", "b", "c"][i], 0))
    });
    // As videoconvert copies a region.
    let places: Vec<_> = buffer
        .iter_meta::<RoiMeta>()
        .map(|meta| (meta.roi_type().to_owned(), meta.id(), meta.rect()))
        .collect();
    let buffer_mut = buffer.make_mut();
    while let Some(meta) = buffer_mut.meta_mut::<RoiMeta>() {
        meta.remove().unwrap();
    }
    for (label, id, rect) in places {
        RoiMeta::add(buffer_mut, &label, rect).set_id(id);
    }
    assert_eq!(found(&buffer), expected(&[(0, "a"), (1, "b"), (2, "c")]));
    classes::add(buffer.make_mut(), |i| {
        (i == 0).then(|| said("kind", "x", 0))
    });
    let all = found(&buffer);
    assert_eq!(all.len(), 4, "{all:?}");
    let first = objects::iter(&buffer, SIZE).next().unwrap();
    assert_eq!((first.score, first.class), (0.75, Some(3)));
}

#[test]
fn any_param_with_a_label_is_read_as_gvametaconvert_does() {
    let mut buffer = three(Forms {
        analytics: false,
        roi: true,
    });
    let mut region = buffer.make_mut().meta_mut::<RoiMeta>().unwrap();
    for param in [
        gst::Structure::builder("classification_layer_name:prob")
            .field("label", "red")
            .field("confidence", 0.25f64)
            .field("label_id", -1i32)
            .build(),
        gst::Structure::builder("plate")
            .field("label", "AB 12")
            .build(),
        gst::Structure::builder("raw").field("data", 1i32).build(),
    ] {
        region.add_param(param);
    }
    let mut all = Vec::new();
    classes::each(&buffer, |i, c| {
        all.push((i, c.label.to_owned(), c.class, c.score))
    });
    let red = (0, "red".to_owned(), None, 0.25);
    assert_eq!(all, [red, (0, "AB 12".to_owned(), None, 1.0)]);
}
