// SPDX-License-Identifier: MIT OR Apache-2.0
//! Output tensors announced in caps (GStreamer 1.28).
#![cfg(feature = "v1_28")]
#![allow(clippy::unwrap_used)]

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
    let tensor = Announced {
        id: "44\"8".into(),
        dims: vec![Some(1), None],
        order: Order::RowMajor,
        integer: true,
    };
    announce(&mut caps, "model (1)", &[tensor]);
    assert_eq!(groups(&caps), ["model--1-"]);
    let tensors = caps.structure(0).unwrap().get::<gst::Structure>("tensors");
    let text = tensors.unwrap().to_string();
    for part in ["44", "int64", "2147483647", "row-major"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    withdraw(&mut caps);
    assert!(!caps.structure(0).unwrap().has_field("tensors"));
}
