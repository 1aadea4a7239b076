// SPDX-License-Identifier: MIT OR Apache-2.0
//! A multi-object tracker that needs no image, no clock and no GStreamer.
//!
//! Detections in, identities out, with time taken from the buffers' timestamps:
//!
//! ```
//! use lynx_geometry::{Detection, Rect};
//! use lynx_tracking::{Config, Tracker};
//! use std::time::Duration;
//!
//! let mut tracker = Tracker::new(Config::default())?;
//! let person = |x| [Detection { rect: Rect::new(x, 80.0, 40.0, 120.0), class: 0, score: 0.9 }];
//!
//! // Inference ran on this frame.
//! let first = tracker.update(Duration::from_millis(0), &person(100.0))[0];
//! assert_eq!((first.id, first.detection), (1, Some(0)));
//!
//! // Inference skipped this one: the box is coasted, and nothing counts as a miss.
//! let coasted = tracker.predict(Duration::from_millis(33))[0];
//! assert_eq!((coasted.id, coasted.detection), (1, None));
//!
//! // The same person, a little further on, keeps the identity.
//! assert_eq!(tracker.update(Duration::from_millis(67), &person(104.0))[0].id, 1);
//! # Ok::<(), lynx_tracking::Error>(())
//! ```
//!
//! # How it works
//!
//! * **Life-cycle** of ByteTrack: sure detections first, then the unsure ones for tracks that found
//!   none, then new tracks; lost tracks wait to be found again.
//! * **Motion**: a constant-velocity Kalman filter a coordinate (centre x, centre y, width, height)
//!   whose noise grows with *seconds*, not frames, so that frame rate, dropped frames and
//!   `inference-interval` do not change what the tracker believes.
//! * **Association**: buffered IoU, whose buffer grows with the time since a track was last seen,
//!   and an optimal assignment under a gate.
//! * **Classes**: association is blind to class, since detectors flip between "car" and "truck"
//!   on one object. A track's class is the score-weighted vote of all its detections.
//!
//! # Sources
//!
//! * Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box",
//!   ECCV 2022.
//! * Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances? Make It
//!   Easier by Buffering the Matching Space" (C-BIoU), WACV 2023.
//! * Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object Tracking",
//!   CVPR 2023 (why a filter that coasts must not trust its velocity for long).

mod assignment;
mod association;
mod config;
mod input;
mod kalman;
mod track;
mod tracker;
mod vote;

pub use config::{Config, Error};
pub use track::Track;
pub use tracker::Tracker;
