// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::{Case, Picture, Variant, cases, check_same, lynx::Lynx, variants};

/// All of a case's first tensors, as Lynx and as a peer make them.
fn compare(case: &Case, lynx: &mut Lynx<'_>, peer: &mut dyn Variant) {
    for _ in 0..case.regions.len().clamp(1, 8) {
        lynx.run();
        peer.run();
        let ours = lynx.tensor().expect("Lynx makes tensors");
        let theirs = peer.tensor().expect("so do these peers");
        if let Err(why) = check_same(case, ours, theirs) {
            panic!("{}: {why}", case.name());
        }
    }
}

#[test]
fn mixes_of_crates_make_the_same_tensors() {
    for case in cases() {
        let picture = Picture::new(&case);
        for (name, mut peer) in variants(&case, &picture) {
            if name != "memcpy" {
                compare(&case, &mut Lynx::new(&case, &picture), &mut *peer);
            }
        }
    }
}

#[test]
fn a_peer_that_swaps_colours_is_found_out() {
    let rgb = &cases()[0];
    let mut bgr = rgb.clone();
    bgr.spec.color = lynx_tensor::ColorFormat::Bgr;
    let picture = Picture::new(rgb);
    let (mut ours, mut theirs) = (Lynx::new(rgb, &picture), Lynx::new(&bgr, &picture));
    ours.run();
    theirs.run();
    let tensors = ours.tensor().zip(theirs.tensor());
    let (ours, theirs) = tensors.expect("Lynx makes tensors");
    assert!(check_same(rgb, ours, theirs).is_err());
    assert!(check_same(rgb, ours, ours).is_ok());
    assert!(check_same(rgb, ours, &theirs[4..]).is_err());
}

#[test]
fn names_are_told_apart() {
    let mut names: Vec<_> = cases().iter().map(Case::name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
