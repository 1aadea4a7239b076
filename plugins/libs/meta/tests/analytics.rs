// SPDX-License-Identifier: MIT OR Apache-2.0
//! Objects in analytics metadata as elements of others write and read them.
#![cfg(feature = "v1_24")]
#![allow(clippy::unwrap_used)]

use gst::glib::Quark;
use gst_analytics::prelude::*;
use gst_analytics::{
    AnalyticsClassificationMtd as Cls, AnalyticsODMtd as Od, AnalyticsRelationMeta as Meta,
    AnalyticsTrackingMtd as Tracking, RelTypes,
};
use gst_video::VideoRegionOfInterestMeta as RoiMeta;
use lynx_geometry::Rect;
use lynx_meta::{Fate, Forms, Identity, NewObject, objects};

const SIZE: (u32, u32) = (640, 480);

fn buffer() -> gst::Buffer {
    gst::init().unwrap();
    gst::Buffer::new()
}

fn identify(id: u64, label: &'static str) -> Fate {
    let identity = Identity {
        id,
        coasted: false,
        seen: None,
    };
    Fate::Identify {
        identity,
        class: None,
        label,
    }
}

#[test]
fn detection_class_and_identity_are_standard_metadata_related_both_ways() {
    let mut buffer = buffer();
    let object = NewObject::new(Rect::new(10.4, 20.6, 30.0, 40.0), "person", 2, 0.5);
    objects::add(buffer.make_mut(), SIZE, &object, Forms::new(false));
    objects::assign(buffer.make_mut(), |_| identify(9, "person"));

    let meta = buffer.meta::<Meta>().unwrap();
    let od = meta.iter::<Od>().next().unwrap();
    assert_eq!(od.obj_type().unwrap().as_str(), "person");
    let at = od.location().unwrap();
    assert_eq!(
        (at.x, at.y, at.w, at.h, at.loc_conf_lvl),
        (10, 21, 30, 40, 0.5)
    );
    let related = RelTypes::RELATE_TO;
    let cls = meta
        .iter_direct_related::<Cls>(od.id(), related)
        .next()
        .unwrap();
    assert_eq!(
        (cls.quark(0), cls.level(0)),
        (Quark::from_str("person"), 0.5)
    );
    let tracking = meta
        .iter_direct_related::<Tracking>(od.id(), related)
        .next()
        .unwrap();
    assert_eq!(tracking.info().0, 9);
    for other in [cls.id(), tracking.id()] {
        assert_eq!(meta.relation(other, od.id()), related);
    }
}

#[test]
fn parts_and_wholes_are_related() {
    let mut buffer = buffer();
    let car = NewObject::new(Rect::new(10.0, 10.0, 200.0, 100.0), "car", 0, 0.9);
    let car = objects::add(buffer.make_mut(), SIZE, &car, Forms::new(false)).unwrap();
    let plate = NewObject {
        parent: Some(car),
        ..NewObject::new(Rect::new(80.0, 80.0, 40.0, 10.0), "plate", 1, 0.8)
    };
    let plate = objects::add(buffer.make_mut(), SIZE, &plate, Forms::new(false)).unwrap();
    let meta = buffer.meta::<Meta>().unwrap();
    assert_eq!(meta.relation(car, plate), RelTypes::CONTAIN);
    assert_eq!(meta.relation(plate, car), RelTypes::IS_PART_OF);
}

#[test]
fn detections_of_others_are_read_identified_and_removed() {
    let mut buffer = buffer();
    {
        let mut meta = Meta::add(buffer.make_mut());
        for (x, label) in [(1, "cat"), (100, "dog"), (200, "cat")] {
            meta.add_od_mtd(Quark::from_str(label), x, 2, 30, 40, 0.7)
                .unwrap();
        }
    }
    let found: Vec<_> = objects::iter(&buffer, SIZE).collect();
    assert_eq!(found[1].rect, Rect::new(100.0, 2.0, 30.0, 40.0));
    assert_eq!((found[1].label, found[1].class), ("dog", None));
    let fates = [Fate::Remove, identify(1, "dog"), identify(2, "dog")];
    objects::assign(buffer.make_mut(), |i| fates[i]);
    let after: Vec<_> = objects::iter(&buffer, SIZE)
        .map(|o| (o.rect.x, o.label, o.identity.unwrap().id))
        .collect();
    assert_eq!(after, [(100.0, "dog", 1), (200.0, "dog", 2)]);
    assert_eq!(buffer.meta::<Meta>().unwrap().iter::<Od>().count(), 2);
}

#[test]
fn a_class_that_only_the_classification_says_is_the_label() {
    let mut buffer = buffer();
    {
        let mut meta = Meta::add(buffer.make_mut());
        let od = meta
            .add_od_mtd(Quark::from_str(""), 1, 2, 30, 40, 0.7)
            .unwrap()
            .id();
        let quarks = ["car", "van"].map(Quark::from_str);
        let cls = meta.add_cls_mtd(&[0.2, 0.6], &quarks).unwrap().id();
        meta.set_relation(RelTypes::RELATE_TO, od, cls).unwrap();
    }
    assert_eq!(objects::iter(&buffer, SIZE).next().unwrap().label, "van");
}

#[test]
fn ids_of_what_stays_do_not_change_and_what_hangs_on_the_removed_goes() {
    let mut buffer = buffer();
    for x in [10.0, 100.0, 200.0] {
        let object = NewObject::new(Rect::new(x, 20.0, 30.0, 40.0), "person", 0, 0.5);
        objects::add(buffer.make_mut(), SIZE, &object, Forms::new(false));
    }
    let ids = |buffer: &gst::Buffer| -> Vec<_> {
        objects::iter(buffer, SIZE)
            .map(|o| (o.rect.x, o.id))
            .collect()
    };
    let before = ids(&buffer);
    objects::assign(buffer.make_mut(), |i| {
        if i == 1 { Fate::Remove } else { Fate::Keep }
    });
    assert_eq!(ids(&buffer), [before[0], before[2]]);
    let meta = buffer.meta::<Meta>().unwrap();
    assert_eq!(meta.iter::<Cls>().count(), 2, "its class went with it");
}

#[test]
fn a_region_that_mirrors_a_detection_counts_once_and_others_count() {
    let mut buffer = buffer();
    let both = Forms {
        analytics: true,
        roi: true,
    };
    let object = NewObject::new(Rect::new(10.0, 20.0, 30.0, 40.0), "person", 0, 0.5);
    objects::add(buffer.make_mut(), SIZE, &object, both);
    // As DL Streamer mirrors detections: the region's id is that of the detection.
    let second = {
        let mut meta = Meta::add(buffer.make_mut());
        meta.add_od_mtd(Quark::from_str("car"), 100, 20, 30, 40, 0.7)
            .unwrap()
            .id()
    };
    RoiMeta::add(buffer.make_mut(), "car", (100, 20, 30, 40)).set_id(second as i32);
    RoiMeta::add(buffer.make_mut(), "dog", (200, 20, 30, 40));
    let labels: Vec<_> = objects::iter(&buffer, SIZE).map(|o| o.label).collect();
    assert_eq!(labels, ["person", "car", "dog"]);

    let fates = [identify(1, "person"), Fate::Remove, identify(2, "dog")];
    objects::assign(buffer.make_mut(), |i| fates[i]);
    let after: Vec<_> = objects::iter(&buffer, SIZE)
        .map(|o| (o.label, o.identity.unwrap().id))
        .collect();
    assert_eq!(after, [("person", 1), ("dog", 2)]);
    let regions: Vec<_> = buffer
        .iter_meta::<RoiMeta>()
        .map(|r| r.param("object_id").unwrap().get::<i32>("id").unwrap())
        .collect();
    assert_eq!(regions, [1, 2], "the mirror of the removed one went, too");
}

#[cfg(feature = "v1_26")]
#[test]
fn masks_stay_with_their_objects() {
    use lynx_meta::masks;
    let mut buffer = buffer();
    let mut ids = Vec::new();
    for x in [10.0, 100.0] {
        let rect = Rect::new(x, 20.0, 30.0, 40.0);
        let object = NewObject::new(rect, "person", 0, 0.5);
        let id = objects::add(buffer.make_mut(), SIZE, &object, Forms::new(false)).unwrap();
        let pixels = [0, 1, 1, x as u8, 0, 0];
        masks::add(buffer.make_mut(), id, rect, (3, 2), &pixels).unwrap();
        ids.push(id);
    }
    let wrong = Rect::new(0.0, 0.0, 9.0, 9.0);
    assert!(masks::add(buffer.make_mut(), ids[0], wrong, (3, 3), &[1; 6]).is_err());
    assert!(masks::add(buffer.make_mut(), 99, wrong, (3, 2), &[1; 6]).is_err());

    let check = |buffer: &gst::Buffer, expected: &[(u32, f32)]| {
        let found: Vec<_> = masks::iter(buffer).collect();
        let owners: Vec<_> = found.iter().map(|m| (m.object, m.rect.x)).collect();
        assert_eq!(owners, expected);
        for mask in found {
            assert_eq!((mask.width, mask.height), (3, 2));
            assert_eq!(mask.data.map_readable().unwrap()[3], mask.rect.x as u8);
        }
    };
    check(&buffer, &[(ids[0], 10.0), (ids[1], 100.0)]);
    // A first identity is added, a change of class has all written anew.
    objects::assign(buffer.make_mut(), |i| identify(i as u64 + 1, "walker"));
    check(&buffer, &[(ids[0], 10.0), (ids[1], 100.0)]);
    objects::assign(buffer.make_mut(), |i| [Fate::Remove, Fate::Keep][i]);
    check(&buffer, &[(ids[1], 100.0)]);
    // Nothing but the frame holds its mask.
    let mut mask = masks::iter(&buffer).next().unwrap();
    assert!(mask.data.get_mut().is_none());
    drop(buffer);
    assert!(mask.data.get_mut().is_some(), "a reference leaked");
}

/// DL Streamer relates all detections to one list of labels; a second model says a car's colour.
#[test]
fn a_new_class_changes_no_classification_that_says_something_else() {
    let mut buffer = buffer();
    {
        let mut meta = Meta::add(buffer.make_mut());
        let quarks = ["car", "van"].map(Quark::from_str);
        let list = meta.add_cls_mtd(&[0.2, 0.6], &quarks).unwrap().id();
        let color = Quark::from_str("red");
        let color = meta.add_one_cls_mtd(0.7, color).unwrap().id();
        for x in [1, 100] {
            let car = Quark::from_str("car");
            let od = meta.add_od_mtd(car, x, 2, 30, 40, 0.9).unwrap().id();
            for other in [list, color] {
                meta.set_relation(RelTypes::RELATE_TO, od, other).unwrap();
            }
        }
    }
    objects::assign(buffer.make_mut(), |i| {
        identify(i as u64 + 1, ["van", "car"][i])
    });
    let labels: Vec<_> = objects::iter(&buffer, SIZE).map(|o| o.label).collect();
    assert_eq!(labels, ["van", "car"]);
    let meta = buffer.meta::<Meta>().unwrap();
    let said: Vec<Vec<_>> = meta
        .iter::<Cls>()
        .map(|c| (0..c.len()).map(|i| c.quark(i).as_str()).collect())
        .collect();
    assert_eq!(said, [vec!["car", "van"], vec!["red"]]);
}

/// As `ioutracker` relates: only from the detection.
#[test]
fn what_is_related_one_way_goes_with_its_detection_too() {
    let mut buffer = buffer();
    {
        let mut meta = Meta::add(buffer.make_mut());
        let quark = Quark::from_str("cat");
        let od = meta.add_od_mtd(quark, 1, 2, 30, 40, 0.9).unwrap().id();
        let tracking = meta.add_tracking_mtd(7, gst::ClockTime::ZERO).unwrap().id();
        meta.set_relation(RelTypes::RELATE_TO, od, tracking)
            .unwrap();
    }
    objects::assign(buffer.make_mut(), |_| Fate::Remove);
    let meta = buffer.meta::<Meta>().unwrap();
    assert_eq!(
        (meta.iter::<Od>().count(), meta.iter::<Tracking>().count()),
        (0, 0)
    );
}

#[test]
fn a_region_elsewhere_is_no_mirror_though_its_id_is_that_of_a_detection() {
    let mut buffer = buffer();
    for x in [10.0, 100.0] {
        let object = NewObject::new(Rect::new(x, 20.0, 30.0, 40.0), "person", 0, 0.5);
        objects::add(buffer.make_mut(), SIZE, &object, Forms::new(false));
    }
    let second = objects::iter(&buffer, SIZE).nth(1).unwrap().id;
    RoiMeta::add(buffer.make_mut(), "person", (300, 20, 30, 40)).set_id(second as i32);
    assert_eq!(objects::iter(&buffer, SIZE).count(), 3);
}
