// SPDX-License-Identifier: MIT OR Apache-2.0
//! Output tensors announced in caps (GStreamer 1.28).
#![cfg(feature = "v1_28")]
#![allow(clippy::unwrap_used)]

use gst::glib::translate::FromGlibPtrNone;
use lynx_meta::output::{Announced, Order, announce, withdraw};

fn groups(caps: &gst::Caps) -> Vec<String> {
    let structure = caps.structure(0).unwrap();
    let Ok(groups) = structure.get::<gst::Structure>("tensors") else {
        return Vec::new();
    };
    groups.fields().map(|field| field.to_string()).collect()
}

#[test]
fn any_name_can_be_announced_and_takes_the_place_of_others() {
    gst::init().unwrap();
    let mut caps: gst::Caps = "video/x-raw,tensors=(structure)[tensorgroups,theirs=(/uniquelist){\
        (GstCaps)[tensor/strided,tensor-id=(string)\"a\"]}]"
        .parse()
        .unwrap();
    // PyTorch calls outputs by numbers; files are called anything.
    let tensors = ["448", "a[\"\\]]"].map(|id| Announced {
        id: id.into(),
        dims: vec![Some(1), None],
        order: Order::RowMajor,
        integer: true,
    });
    announce(&mut caps, "model (1)", &tensors);
    assert_eq!(groups(&caps), ["model--1-"]);
    let announced = caps.structure(0).unwrap().get::<gst::Structure>("tensors");
    let announced = announced.unwrap();
    let group = announced.value("model--1-").unwrap();
    // SAFETY: the value is a unique list, which the binding has no type for; it is only read.
    let ids: Vec<String> = unsafe {
        let group = group.as_ptr();
        (0..gst::ffi::gst_value_unique_list_get_size(group))
            .map(|i| {
                let caps = gst::ffi::gst_value_unique_list_get_value(group, i);
                let caps = gst::glib::Value::from_glib_none(caps).get::<gst::Caps>();
                let caps = caps.unwrap();
                let tensor = caps.structure(0).unwrap();
                assert_eq!(tensor.get::<&str>("type").unwrap(), "int64");
                assert_eq!(tensor.get::<&str>("dims-order").unwrap(), "row-major");
                tensor.get::<String>("tensor-id").unwrap()
            })
            .collect()
    };
    assert_eq!(ids, tensors.map(|tensor| tensor.id));
    withdraw(&mut caps);
    assert!(!caps.structure(0).unwrap().has_field("tensors"));
}
