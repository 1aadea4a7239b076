// SPDX-License-Identifier: MIT OR Apache-2.0
//! Objects on a buffer, alike in every kind of metadata that the build has.
#![allow(clippy::unwrap_used)]

use gst::buffer::BufferMetaForeachAction::{Keep as MetaKeep, Remove as MetaRemove};
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;
use lynx_meta::{Fate, Forms, Identity, NewObject, Object, objects};

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

fn buffer() -> gst::Buffer {
    gst::init().unwrap();
    let mut buffer = gst::Buffer::new();
    buffer.make_mut().set_pts(gst::ClockTime::from_seconds(3));
    buffer
}

fn person(x: f32) -> NewObject<'static> {
    NewObject::new(Rect::new(x, 50.25, 30.5, 80.0), "person", 3, 0.75)
}

fn found(buffer: &gst::Buffer) -> Vec<Object> {
    objects::iter(buffer, SIZE).collect()
}

fn identity(id: u64) -> Identity {
    Identity {
        id,
        coasted: false,
        seen: None,
    }
}

fn identify(id: u64, label: &'static str) -> Fate {
    Fate::Identify {
        identity: identity(id),
        class: Some(3),
        label,
    }
}

#[test]
fn what_is_added_is_found_once_and_to_a_fraction_of_a_pixel() {
    for forms in all_forms() {
        let mut buffer = buffer();
        objects::add(buffer.make_mut(), SIZE, &person(10.6), forms).unwrap();
        objects::add(buffer.make_mut(), SIZE, &person(200.0), forms).unwrap();
        let found = found(&buffer);
        assert_eq!(found.len(), 2, "{forms:?}");
        let first = found[0];
        assert!((first.rect.x - 10.6).abs() < 1e-4, "{first:?}");
        assert!((first.rect.w - 30.5).abs() < 1e-4, "{first:?}");
        assert_eq!(
            (first.label, first.class, first.rotation),
            ("person", Some(3), 0.0)
        );
        assert!((first.score - 0.75).abs() < 1e-6);
        assert_eq!((first.identity, first.parent), (None, None));
        assert_ne!(found[0].id, found[1].id);
        assert_eq!(Forms::of(&buffer), Some(forms));
        assert_eq!(
            buffer.iter_meta::<RoiMeta>().count(),
            if forms.roi { 2 } else { 0 }
        );
    }
}

#[test]
fn lynx_writes_regions_besides_analytics_metadata_only_when_asked_to() {
    assert_eq!(
        Forms::new(false),
        Forms {
            analytics: ANALYTICS,
            roi: !ANALYTICS
        }
    );
    assert_eq!(
        Forms::new(true),
        Forms {
            analytics: ANALYTICS,
            roi: true
        }
    );
    assert_eq!(Forms::of(&buffer()), None);
}

#[test]
fn a_box_is_cut_off_at_the_frame_and_one_outside_is_not_added() {
    for forms in all_forms() {
        let mut buffer = buffer();
        let over = NewObject::new(Rect::new(-10.0, 400.0, 30.0, 100.0), "cat", 1, 0.5);
        objects::add(buffer.make_mut(), SIZE, &over, forms).unwrap();
        let out = NewObject::new(Rect::new(700.0, 0.0, 9.0, 9.0), "cat", 1, 0.5);
        assert_eq!(objects::add(buffer.make_mut(), SIZE, &out, forms), None);
        let found = found(&buffer);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rect, Rect::new(0.0, 400.0, 20.0, 80.0));
    }
}

#[test]
fn an_assignment_identifies_relabels_and_removes() {
    for forms in all_forms() {
        let mut buffer = buffer();
        for x in [10.0, 100.0, 200.0, 300.0] {
            objects::add(buffer.make_mut(), SIZE, &person(x), forms);
        }
        let fates = [
            identify(7, "person"),
            Fate::Remove,
            identify(8, "child"),
            Fate::Keep,
        ];
        objects::assign(buffer.make_mut(), |i| fates[i]);
        let after = found(&buffer);
        let seen: Vec<_> = after
            .iter()
            .map(|o| (o.label, o.identity.map(|i| i.id)))
            .collect();
        assert_eq!(
            seen,
            [("person", Some(7)), ("child", Some(8)), ("person", None)],
            "{forms:?}"
        );
        assert!((after[1].rect.x - 200.0).abs() < 1e-3 && (after[2].rect.x - 300.0).abs() < 1e-3);
        assert!(after.iter().all(|o| (o.score - 0.75).abs() < 1e-6));

        // A second tracker has the last word.
        let fates = [
            identify(21, "person"),
            identify(22, "child"),
            identify(23, "person"),
        ];
        objects::assign(buffer.make_mut(), |i| fates[i]);
        let ids: Vec<_> = found(&buffer)
            .iter()
            .map(|o| o.identity.map(|i| i.id))
            .collect();
        assert_eq!(ids, [Some(21), Some(22), Some(23)], "{forms:?}");
        assert_eq!(Forms::of(&buffer), Some(forms));
    }
}

#[test]
fn identities_say_when_they_were_seen_and_whether_they_are_predicted() {
    for forms in all_forms() {
        let mut buffer = buffer();
        let seen = (
            gst::ClockTime::from_seconds(1),
            gst::ClockTime::from_seconds(2),
        );
        let identity = Identity {
            id: 5,
            coasted: true,
            seen: Some(seen),
        };
        let object = NewObject {
            identity: Some(identity),
            ..person(10.0)
        };
        objects::add(buffer.make_mut(), SIZE, &object, forms);
        let identity = found(&buffer)[0].identity.unwrap();
        assert_eq!((identity.id, identity.coasted), (5, true), "{forms:?}");
        assert_eq!(identity.seen, forms.analytics.then_some(seen));
    }
}

#[test]
fn parts_know_what_they_are_a_part_of_also_after_their_neighbours_went() {
    for forms in all_forms() {
        let mut buffer = buffer();
        objects::add(buffer.make_mut(), SIZE, &person(400.0), forms);
        let car = NewObject::new(Rect::new(10.0, 10.0, 200.0, 100.0), "car", 0, 0.9);
        let car = objects::add(buffer.make_mut(), SIZE, &car, forms);
        let plate = NewObject {
            parent: car,
            ..NewObject::new(Rect::new(80.0, 80.0, 40.0, 10.0), "plate", 1, 0.8)
        };
        objects::add(buffer.make_mut(), SIZE, &plate, forms);
        objects::assign(buffer.make_mut(), |i| {
            if i == 0 { Fate::Remove } else { Fate::Keep }
        });
        let found = found(&buffer);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label, found[0].parent), ("car", None));
        assert_eq!(
            (found[1].label, found[1].parent),
            ("plate", Some(found[0].id)),
            "{forms:?}"
        );
    }
}

#[test]
fn a_turned_box_keeps_its_angle_where_the_metadata_can_say_it() {
    for forms in all_forms() {
        let mut buffer = buffer();
        let turned = NewObject {
            rotation: 0.5,
            ..NewObject::new(Rect::new(100.0, 100.0, 60.0, 20.0), "ship", 0, 0.9)
        };
        objects::add(buffer.make_mut(), SIZE, &turned, forms);
        let found = found(&buffer);
        if cfg!(feature = "v1_26") || !forms.analytics {
            assert!((found[0].rotation - 0.5).abs() < 1e-6, "{found:?}");
            assert_eq!(found[0].rect, turned.rect);
        } else {
            // The upright box around it.
            assert_eq!(found[0].rotation, 0.0);
            assert!(
                found[0].rect.w > 60.0 && found[0].rect.h > 40.0,
                "{found:?}"
            );
        }
    }
}

#[test]
fn a_copy_of_the_buffer_carries_the_objects() {
    for forms in all_forms() {
        let mut buffer = buffer();
        objects::add(buffer.make_mut(), SIZE, &person(10.0), forms);
        let before = found(&buffer);
        let copy = buffer.copy_deep().unwrap();
        drop(buffer);
        assert_eq!(found(&copy), before, "{forms:?}");
    }
}

#[test]
fn foreign_regions_are_read() {
    let mut buffer = buffer();
    {
        let buffer = buffer.make_mut();
        RoiMeta::add(buffer, "face", (1, 2, 30, 40));
        RoiMeta::add(buffer, "face", (100, 2, 30, 40));
    }
    let found = found(&buffer);
    assert_eq!(found.len(), 2, "both have the id 0");
    assert_eq!(found[1].rect, Rect::new(100.0, 2.0, 30.0, 40.0));
    assert_eq!(
        (found[0].label, found[0].score, found[0].class),
        ("face", 1.0, None)
    );
}

/// What `videoconvert` makes of regions: places and names, no params.
fn without_params(from: &gst::Buffer) -> gst::Buffer {
    let mut to = from.copy_region(gst::BUFFER_COPY_METADATA, ..).unwrap();
    let writable = to.make_mut();
    writable.foreach_meta_mut(|mut meta| {
        let keep = meta.downcast_ref::<RoiMeta>().is_none();
        std::ops::ControlFlow::Continue(if keep { MetaKeep } else { MetaRemove })
    });
    for region in from.iter_meta::<RoiMeta>() {
        RoiMeta::add(writable, region.roi_type(), region.rect()).set_id(region.id());
    }
    to
}

#[test]
fn regions_that_lost_their_params_keep_all_also_when_they_are_then_tracked() {
    let alone = Forms {
        analytics: false,
        roi: true,
    };
    let mut buffer = buffer();
    for x in [10.4, 200.0] {
        objects::add(buffer.make_mut(), SIZE, &person(x), alone);
    }
    // Others give all regions the id 0.
    for x in [300, 400] {
        RoiMeta::add(buffer.make_mut(), "face", (x, 2, 30, 40));
    }
    let mut buffer = without_params(&buffer);
    objects::assign(buffer.make_mut(), |i| {
        identify(i as u64 + 1, ["person", "face"][i / 2])
    });
    let after = found(&without_params(&buffer));
    let ids: Vec<_> = after.iter().map(|o| o.identity.unwrap().id).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    for person in &after[..2] {
        assert_eq!((person.class, person.score), (Some(3), 0.75));
    }
    assert!((after[0].rect.x - 10.4).abs() < 1e-3, "{after:?}");
}

#[test]
fn a_turned_box_at_the_edge_stays_whole_and_counts_once() {
    for forms in all_forms() {
        let mut buffer = buffer();
        let turned = NewObject {
            rotation: 0.5,
            ..NewObject::new(Rect::new(-20.0, 100.0, 60.0, 20.0), "ship", 0, 0.9)
        };
        objects::add(buffer.make_mut(), SIZE, &turned, forms);
        let found = found(&buffer);
        assert_eq!(found.len(), 1, "{forms:?}");
        if cfg!(feature = "v1_26") || !forms.analytics {
            let rect = found[0].rect;
            assert!(
                (rect.x + 20.0).abs() < 1e-3 && (rect.w - 60.0).abs() < 1e-3,
                "{rect:?}"
            );
        }
        if let Some(region) = buffer.meta::<RoiMeta>() {
            assert_eq!(region.rect(), (0, 100, 40, 20));
        }
    }
}
