// SPDX-License-Identifier: MIT OR Apache-2.0
//! What holds whatever is thrown at the tracker.

mod common;

use common::tracker;
use lynx_geometry::{Detection, Rect};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

/// Mostly coordinates of a small picture, so that boxes meet; sometimes anything.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![9 => (0u8..40).prop_map(|v| f32::from(v) * 10.0), 1 => any::<f32>()]
}

fn detection() -> impl Strategy<Value = Detection> {
    let score = prop_oneof![9 => 0.0f32..1.0, 1 => any::<f32>()];
    (number(), number(), number(), number(), 0u32..3, score).prop_map(
        |(x, y, w, h, class, score)| Detection {
            rect: Rect::new(x, y, w, h),
            class,
            score,
        },
    )
}

/// Mostly a frame on, sometimes anywhere.
fn time_step() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![9 => Just(None), 1 => any::<u64>().prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn tracks_are_boxes_with_distinct_identities_and_detections(
        calls in vec((time_step(), any::<bool>(), vec(detection(), 0..8)), 1..40)
    ) {
        let mut tracker = tracker();
        let mut time = Duration::ZERO;
        for (jump, inferred, detections) in calls {
            time = jump.map_or(time.saturating_add(Duration::from_millis(40)), Duration::from_nanos);
            let tracks =
                if inferred { tracker.update(time, &detections) } else { tracker.predict(time) };
            let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
            for track in tracks {
                prop_assert!(track.rect.is_valid(), "{:?}", track);
                prop_assert!((0.0..=1.0).contains(&track.score));
                prop_assert!(track.id > 0 && ids.insert(track.id), "{} twice", track.id);
                prop_assert_eq!(track.detection.is_some(), inferred);
                if let Some(index) = track.detection {
                    prop_assert!(index < detections.len() && taken.insert(index));
                }
            }
        }
    }
}
