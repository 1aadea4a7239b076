// SPDX-License-Identifier: MIT OR Apache-2.0
//! One list of detections from those of several regions of a frame: tiles that overlap, or crops.
//!
//! An object in an overlap is found twice, whole; one across a seam is found in pieces. Whole
//! boxes are told apart as NMS does it, by intersection over union (IoU). That fails for a piece
//! beside the whole, or for two pieces: they share too little of their union. What a piece shares
//! is measured against the smaller of the two (IoS), as SAHI's GREEDYNMM does it (Akyon et al.,
//! *Slicing Aided Hyper Inference*, ICIP 2022). Unlike there, IoS counts only where a box is cut:
//! between whole boxes it would take the small person before the large one for the same. And
//! only between regions: of one region, the model's own NMS has told what is one and what two.
//!
//! Averaging corners by score (weighted boxes fusion, Solovyev et al. 2021) is not done: of pieces
//! it makes a box that is smaller than their object.

use std::collections::HashSet;

use lynx_geometry::{Detection, Rect};

/// Share of the smaller of two boxes from which on a piece is of the other's object; SAHI's own.
const IOS: f32 = 0.5;

/// How near to a region's edge a box counts as cut by it, as a share of the region's side: a
/// detector's corners are not exact.
const NEAR: f32 = 0.01;

/// The most boxes that are compared with each other; of more, the best are taken.
const MAX_BOXES: usize = 4096;

/// A detection and where it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// In pixels of the frame.
    pub detection: Detection,
    /// Index of the region.
    pub region: usize,
    /// Whether the region's edge cuts the object: see [`is_cut`].
    pub cut: bool,
}

/// Whether a box lies at an edge of its region behind which the frame goes on, so that it may be
/// a piece of an object. All in pixels of a frame of `size` (width, height).
pub fn is_cut(rect: &Rect, region: &Rect, size: (u32, u32)) -> bool {
    let (width, height) = (size.0 as f32, size.1 as f32);
    let (dx, dy) = (region.w * NEAR, region.h * NEAR);
    (region.x >= 1.0 && rect.x <= region.x + dx)
        || (region.y >= 1.0 && rect.y <= region.y + dy)
        || (region.right() <= width - 1.0 && rect.right() >= region.right() - dx)
        || (region.bottom() <= height - 1.0 && rect.bottom() >= region.bottom() - dy)
}

/// Merges what several regions show. Its scratch is reused.
#[derive(Debug, Default)]
pub struct Merger {
    order: Vec<usize>,
    /// Which regions have their part in which of the boxes that are kept.
    parts: HashSet<(usize, usize)>,
}

impl Merger {
    /// Fills `merged` with one entry an object, at most `max`, in descending order of score.
    ///
    /// Boxes of a class from different regions are one object when both are whole and their IoU is
    /// above `iou_threshold` (1 keeps both), or when one is cut and their IoS is above 0.5. The
    /// object has the highest of their scores. Its box is the whole one of the highest score or,
    /// of pieces alone, the box around them; its region that of the box, or of the best piece.
    ///
    /// Boxes are finite and have an area. Of equal scores the earlier entry is the better one.
    pub fn merge(
        &mut self,
        found: &[Found],
        iou_threshold: f32,
        max: usize,
        merged: &mut Vec<Found>,
    ) {
        merged.clear();
        self.parts.clear();
        self.rank(found);
        for &index in &self.order {
            let next = &found[index];
            let of_one = |(kept, other): &(usize, &mut Found)| {
                other.detection.class == next.detection.class
                    && !self.parts.contains(&(*kept, next.region))
                    && is_one(next, other, iou_threshold)
            };
            let mut kept = merged.iter_mut().enumerate();
            if let Some((kept, other)) = kept.find(of_one) {
                other.detection.score = other.detection.score.max(next.detection.score);
                if other.cut {
                    other.detection.rect = around(&other.detection.rect, &next.detection.rect);
                }
                self.parts.insert((kept, next.region));
            } else {
                self.parts.insert((merged.len(), next.region));
                merged.push(*next);
            }
        }
        merged.sort_by(|a, b| b.detection.score.total_cmp(&a.detection.score));
        merged.truncate(max);
    }

    /// Orders the boxes: whole ones first, as a piece must not take the place of its whole, and
    /// the best score first.
    fn rank(&mut self, found: &[Found]) {
        self.order.clear();
        self.order.extend(0..found.len());
        let score = |index: &usize| found[*index].detection.score;
        self.order.sort_by(|a, b| score(b).total_cmp(&score(a)));
        self.order.truncate(MAX_BOXES);
        self.order.sort_by_key(|index| found[*index].cut);
    }
}

/// Whether two boxes of a class and of different regions are one object.
fn is_one(a: &Found, b: &Found, iou_threshold: f32) -> bool {
    let (a_rect, b_rect) = (&a.detection.rect, &b.detection.rect);
    if !a.cut && !b.cut {
        // Rounding can lift the overlap of a box with itself above 1.
        return iou_threshold < 1.0 && a_rect.iou(b_rect) > iou_threshold;
    }
    let smaller = a_rect.area().min(b_rect.area());
    a_rect.intersection_area(b_rect) > IOS * smaller
}

/// The smallest box around both.
fn around(a: &Rect, b: &Rect) -> Rect {
    Rect::from_corners(
        a.x.min(b.x),
        a.y.min(b.y),
        a.right().max(b.right()),
        a.bottom().max(b.bottom()),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: (u32, u32) = (200, 100);
    /// Two tiles of 110 × 100 that share 20 columns.
    const TILES: [Rect; 2] = [
        Rect::new(0.0, 0.0, 110.0, 100.0),
        Rect::new(90.0, 0.0, 110.0, 100.0),
    ];

    fn found(rect: Rect, class: u32, score: f32, region: usize, cut: bool) -> Found {
        Found {
            detection: Detection { rect, class, score },
            region,
            cut,
        }
    }

    /// What a perfect detector finds of an object in each of the regions.
    fn seen(object: Rect, class: u32, score: f32, regions: &[Rect]) -> Vec<Found> {
        let piece = |(index, region): (usize, &Rect)| {
            let x0 = object.x.max(region.x);
            let y0 = object.y.max(region.y);
            let x1 = object.right().min(region.right());
            let y1 = object.bottom().min(region.bottom());
            let rect = Rect::from_corners(x0, y0, x1, y1);
            let cut = is_cut(&rect, region, SIZE);
            rect.is_valid()
                .then(|| found(rect, class, score, index, cut))
        };
        regions.iter().enumerate().filter_map(piece).collect()
    }

    fn merge(all: &[Found]) -> Vec<Found> {
        let mut merged = Vec::new();
        Merger::default().merge(all, 0.45, 300, &mut merged);
        merged
    }

    #[test]
    fn a_box_is_cut_at_a_seam_and_not_at_the_frames_edge() {
        let cut = |x, w| is_cut(&Rect::new(x, 0.0, w, 100.0), &TILES[0], SIZE);
        assert!(!cut(0.0, 100.0), "at the frame's edge");
        assert!(cut(50.0, 60.0), "up to the seam");
        assert!(cut(50.0, 59.0), "nearly up to the seam");
        assert!(!cut(50.0, 58.0));
        assert!(is_cut(&Rect::new(90.0, 9.0, 9.0, 9.0), &TILES[1], SIZE));
        let middle = Rect::new(50.0, 25.0, 50.0, 50.0);
        assert!(is_cut(&Rect::new(60.0, 25.0, 9.0, 9.0), &middle, SIZE));
        assert!(is_cut(&Rect::new(60.0, 66.0, 9.0, 9.0), &middle, SIZE));
        assert!(!is_cut(&Rect::new(60.0, 60.0, 9.0, 9.0), &middle, SIZE));
    }

    #[test]
    fn an_object_in_the_overlap_is_one() {
        let object = Rect::new(93.0, 40.0, 12.0, 30.0);
        let all = seen(object, 0, 0.9, &TILES);
        assert_eq!(all.len(), 2);
        let merged = merge(&all);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].detection, all[0].detection);
    }

    #[test]
    fn the_halves_of_an_object_are_one_and_as_large_as_it() {
        let object = Rect::new(80.0, 40.0, 40.0, 30.0);
        let mut all = seen(object, 0, 0.6, &TILES);
        all[1].detection.score = 0.8;
        assert!(all[0].cut && all[1].cut);
        assert!(all[0].detection.rect.iou(&all[1].detection.rect) < 0.6);
        let merged = merge(&all);
        assert_eq!(merged.len(), 1, "{merged:?}");
        assert_eq!(merged[0].detection.rect, object);
        assert_eq!(
            (merged[0].detection.score, merged[0].region),
            (0.8, 1),
            "of the better half"
        );
    }

    #[test]
    fn a_piece_yields_to_its_whole_whatever_its_score() {
        let whole = found(Rect::new(60.0, 40.0, 40.0, 30.0), 0, 0.5, 0, false);
        let piece = found(Rect::new(90.0, 40.0, 10.0, 30.0), 0, 0.9, 1, true);
        let merged = merge(&[piece, whole]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].detection.rect, whole.detection.rect);
        assert_eq!((merged[0].detection.score, merged[0].region), (0.9, 0));
    }

    #[test]
    fn a_small_whole_one_before_a_large_one_stays() {
        let large = found(Rect::new(20.0, 0.0, 60.0, 100.0), 0, 0.9, 0, false);
        let small = found(Rect::new(30.0, 60.0, 15.0, 35.0), 0, 0.8, 1, false);
        assert_eq!(merge(&[large, small]), [large, small]);
    }

    #[test]
    fn two_of_one_region_stay_two_also_at_a_seam() {
        // Two people, one half behind the other, and the seam through both.
        let [a, b] = [
            Rect::new(84.0, 20.0, 30.0, 60.0),
            Rect::new(88.0, 20.0, 30.0, 60.0),
        ];
        let mut all = seen(a, 0, 0.9, &TILES);
        all.extend(seen(b, 0, 0.8, &TILES));
        let rects: Vec<_> = merge(&all).iter().map(|f| f.detection.rect).collect();
        assert_eq!(rects, [a, b]);
    }

    #[test]
    fn classes_are_kept_apart() {
        let object = Rect::new(80.0, 40.0, 40.0, 30.0);
        let mut all = seen(object, 0, 0.9, &TILES);
        all[1].detection.class = 1;
        assert_eq!(merge(&all).len(), 2);
    }

    #[test]
    fn a_threshold_of_one_keeps_whole_doubles() {
        let all = seen(Rect::new(93.0, 40.0, 12.0, 30.0), 0, 0.9, &TILES);
        let mut merged = Vec::new();
        Merger::default().merge(&all, 1.0, 300, &mut merged);
        assert_eq!(merged.len(), 2);
    }

    #[test]
    fn of_many_the_best_are_kept() {
        let many = (0..2 * MAX_BOXES).map(|i| {
            let rect = Rect::new(20.0 * i as f32, 0.0, 10.0, 10.0);
            found(rect, 0, i as f32 / 10_000.0, i % 7, i % 3 == 0)
        });
        let many: Vec<_> = many.collect();
        let mut merged = Vec::new();
        Merger::default().merge(&many, 0.5, 5, &mut merged);
        let scores: Vec<_> = merged.iter().map(|f| f.detection.score).collect();
        let best = (0..5).map(|i| (2 * MAX_BOXES - 1 - i) as f32 / 10_000.0);
        assert_eq!(scores, best.collect::<Vec<_>>());
        Merger::default().merge(&many, 0.5, usize::MAX, &mut merged);
        assert_eq!(merged.len(), MAX_BOXES);
    }

    prop_compose! {
        fn any_found()(
            x in 0.0f32..190.0, y in 0.0f32..90.0, w in 0.5f32..60.0, h in 0.5f32..60.0,
            class in 0u32..2, score in 1u32..1_000_000, region in 0usize..4, cut in any::<bool>(),
        ) -> Found {
            found(Rect::new(x, y, w, h), class, score as f32 / 1e6, region, cut)
        }
    }

    proptest! {
        #[test]
        fn one_region_alone_stays_as_it_is(
            mut all in prop::collection::vec(any_found(), 0..40), iou in 0.0f32..=1.0,
        ) {
            all.iter_mut().for_each(|f| f.region = 2);
            let mut merged = Vec::new();
            Merger::default().merge(&all, iou, usize::MAX, &mut merged);
            let whole_first = |f: &Found| (std::cmp::Reverse(f.detection.score.to_bits()), f.cut);
            all.sort_by_key(whole_first);
            prop_assert_eq!(merged, all);
        }

        #[test]
        fn nothing_is_invented_and_nothing_vanishes(
            all in prop::collection::vec(any_found(), 0..40), iou in 0.0f32..=1.0,
        ) {
            let mut merged = Vec::new();
            Merger::default().merge(&all, iou, usize::MAX, &mut merged);
            prop_assert!(merged.len() <= all.len());
            prop_assert!(merged.is_sorted_by(|a, b| a.detection.score >= b.detection.score));
            for f in &all {
                // Its object is there: of its class, at least as sure, and where it is.
                let kept = merged.iter().any(|m| {
                    m.detection.class == f.detection.class
                        && m.detection.score >= f.detection.score
                        && m.detection.rect.intersection_area(&f.detection.rect) > 0.0
                });
                prop_assert!(kept, "{:?} is gone", f);
            }
            for m in &merged {
                // It holds at least one of those that were found.
                let holds = |f: &Found| {
                    let shared = f.detection.rect.intersection_area(&m.detection.rect);
                    f.detection.class == m.detection.class && shared > 0.999 * f.detection.rect.area()
                };
                prop_assert!(all.iter().any(holds), "{:?} is of nobody", m);
            }
        }

        #[test]
        fn the_order_of_the_regions_does_not_matter(
            all in prop::collection::vec(any_found(), 0..40), iou in 0.0f32..=1.0,
        ) {
            let scores: HashSet<u32> = all.iter().map(|f| f.detection.score.to_bits()).collect();
            prop_assume!(scores.len() == all.len());
            let reversed: Vec<_> = all.iter().rev().copied().collect();
            let (mut one, mut other) = (Vec::new(), Vec::new());
            Merger::default().merge(&all, iou, usize::MAX, &mut one);
            Merger::default().merge(&reversed, iou, usize::MAX, &mut other);
            let rects = |found: &[Found]| {
                let mut rects: Vec<_> = found.iter().map(|f| format!("{:?}", f.detection)).collect();
                rects.sort();
                rects
            };
            prop_assert_eq!(rects(&one), rects(&other));
        }

        #[test]
        fn an_object_no_wider_than_the_overlap_comes_back_whole(
            x in 0.0f32..180.0, y in 0.0f32..60.0, w in 4.0f32..18.0, h in 4.0f32..40.0,
        ) {
            let object = Rect::new(x, y, w, h);
            let merged = merge(&seen(object, 0, 0.9, &TILES));
            prop_assert_eq!(merged.len(), 1, "{:?}", merged);
            let rect = merged[0].detection.rect;
            prop_assert!(rect.iou(&object) > 0.99, "{:?} became {:?}", object, rect);
        }
    }
}
