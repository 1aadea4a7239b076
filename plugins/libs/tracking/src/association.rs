// SPDX-License-Identifier: MIT OR Apache-2.0
//! What it costs to take a detection for a track, stage by stage.

use lynx_geometry::{Detection, Rect};

/// One of ByteTrack's three rounds of matching, with the buffers of C-BIoU.
///
/// Both boxes grow on every side by a share of their size before IoU is taken, so that an object
/// that moved further than its own size still overlaps. The share grows with the time since the
/// track's last detection, since that is how long it has been guessed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    /// Pairs at or above this cost are no pairs.
    pub(crate) gate: f32,
    /// Buffer a step of 1/30 s.
    buffer_per_step: f32,
    max_buffer: f32,
    /// Whether a sure detection is nearer than an unsure one.
    fuse_score: bool,
}

/// Confirmed and lost tracks with high detections.
pub(crate) const FIRST: Stage = Stage {
    gate: 0.8,
    buffer_per_step: 0.10,
    max_buffer: 0.5,
    fuse_score: true,
};
/// Tracks seen at the last update, but not in the first stage, with low detections. Scores say
/// nothing here: they are low because the object is hidden.
pub(crate) const SECOND: Stage = Stage {
    gate: 0.5,
    buffer_per_step: 0.17,
    max_buffer: 0.7,
    fuse_score: false,
};
/// Unconfirmed tracks with the high detections left; the first stage's cost, a stricter gate.
pub(crate) const THIRD: Stage = Stage {
    gate: 0.7,
    buffer_per_step: 0.10,
    max_buffer: 0.5,
    fuse_score: true,
};

/// A tracked and a lost box that share more than this are one object (ByteTrack).
pub(crate) const DUPLICATE_IOU: f32 = 0.85;

impl Stage {
    /// The buffer, as a share of width and height, of a track last detected `n` steps ago.
    pub(crate) fn buffer(&self, n: f64) -> f32 {
        (self.buffer_per_step * n as f32).min(self.max_buffer)
    }

    /// The cost, 0..=1, of a pair: `grown` is the track's predicted box with `buffer` applied.
    pub(crate) fn cost(&self, grown: &Rect, buffer: f32, detection: &Detection) -> f32 {
        let likeness = grown.iou(&detection.rect.buffered(buffer));
        1.0 - if self.fuse_score {
            likeness * detection.score.min(1.0)
        } else {
            likeness
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, SECOND};
    use lynx_geometry::{Detection, Rect};

    #[test]
    fn the_buffer_grows_with_time_up_to_its_limit() {
        assert_eq!(FIRST.buffer(0.0), 0.0);
        assert!((FIRST.buffer(1.0) - 0.1).abs() < 1e-6);
        assert_eq!(FIRST.buffer(1000.0), 0.5);
        assert_eq!(SECOND.buffer(1000.0), 0.7);
    }

    #[test]
    fn boxes_that_do_not_touch_meet_when_buffered() {
        let track = Rect::new(0.0, 0.0, 10.0, 10.0);
        let rect = Rect::new(12.0, 0.0, 10.0, 10.0);
        let detection = Detection {
            rect,
            class: 0,
            score: 1.0,
        };
        assert_eq!(FIRST.cost(&track, 0.0, &detection), 1.0);
        assert!(FIRST.cost(&track.buffered(0.5), 0.5, &detection) < FIRST.gate);
    }

    #[test]
    fn only_the_first_stage_weighs_scores() {
        let rect = Rect::new(0.0, 0.0, 10.0, 10.0);
        let detection = Detection {
            rect,
            class: 0,
            score: 0.5,
        };
        assert_eq!(FIRST.cost(&rect, 0.0, &detection), 0.5);
        assert_eq!(SECOND.cost(&rect, 0.0, &detection), 0.0);
    }
}
