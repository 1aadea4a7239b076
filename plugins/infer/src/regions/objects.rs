// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which objects of a frame the model looks at.

use std::cmp::Reverse;

use lynx_geometry::Rect;
use lynx_meta::Object;

use super::{Region, pair};
use crate::settings::Settings;

/// Which objects are looked at, as far as it cannot change while playing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    /// Names of classes; empty for all.
    classes: Vec<String>,
    /// Width and height in pixels.
    min_size: (f32, f32),
}

impl Filter {
    pub fn parse(settings: &Settings) -> Result<Self, String> {
        let classes = settings.object_class.split(',').map(str::trim);
        let classes = classes.filter(|name| !name.is_empty()).map(str::to_owned);
        let text = settings.object_min_size.trim();
        let one = || text.parse().ok().map(|side: f32| (side, side));
        let size = match text {
            "" => Some((0.0, 0.0)),
            _ => pair(text).or_else(one),
        };
        let fits = |side: f32| side.is_finite() && side >= 0.0;
        let min_size = size.filter(|(w, h)| fits(*w) && fits(*h)).ok_or_else(|| {
            format!(
                "object-min-size={text:?} is not a size in pixels; set object-min-size=32, or 24x48 \
                 for width and height, or leave it empty"
            )
        })?;
        Ok(Self {
            classes: classes.collect(),
            min_size,
        })
    }

    /// Fills `regions` with the places of the `objects` to look at, of a frame of `size` pixels:
    /// of more than `max-objects` the largest, in their order on the frame. With `turned` those of
    /// turned boxes are turned, too; otherwise they are the upright boxes around.
    pub fn regions(
        &self,
        objects: &[Object],
        size: (u32, u32),
        settings: &Settings,
        turned: bool,
        regions: &mut Vec<Region>,
    ) {
        regions.clear();
        let all = objects.iter().enumerate();
        regions.extend(all.filter_map(|(index, object)| {
            let (rect, rotation) = self.place(object, size, settings.object_margin, turned)?;
            Some(Region {
                rect,
                rotation,
                object: Some(index),
            })
        }));
        let max = settings.max_objects as usize;
        if max > 0 && regions.len() > max {
            let area = |r: &Region| objects[r.object.unwrap_or_default()].rect.area();
            // The bits of floats that are not negative are ordered as the floats are.
            regions.sort_by_key(|r| Reverse(area(r).to_bits()));
            regions.truncate(max);
            regions.sort_by_key(|r| r.object);
        }
    }

    /// What is cut out of the frame for an object, and by how much it is turned; `None` for one
    /// that is not looked at.
    fn place(
        &self,
        object: &Object,
        (width, height): (u32, u32),
        margin: f32,
        turned: bool,
    ) -> Option<(Rect, f32)> {
        if !self.classes.is_empty() && !self.classes.iter().any(|name| name == object.label) {
            return None;
        }
        let around = match object.rotation {
            0.0 => object.rect,
            rotation => object.rect.turned_bounds(rotation),
        };
        let large = around.is_valid() && around.w >= self.min_size.0 && around.h >= self.min_size.1;
        if !large {
            return None;
        }
        // Of less than a pixel there is nothing to see.
        let inside = around.buffered(margin).clipped(width as f32, height as f32);
        let inside = inside.filter(|r| r.w >= 1.0 && r.h >= 1.0)?;
        Some(match turned && object.rotation != 0.0 {
            true => (object.rect.buffered(margin), object.rotation),
            false => (inside, 0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(label: &'static str, rect: Rect) -> Object {
        Object {
            id: 1,
            parent: None,
            rect,
            rotation: 0.0,
            label,
            class: None,
            score: 0.5,
            identity: None,
        }
    }

    /// The indices of the objects that are looked at, and the last place.
    fn looked_at(objects: &[Object], settings: &Settings) -> (Vec<usize>, Option<Rect>) {
        let filter = Filter::parse(settings).unwrap();
        let mut regions = vec![Region::from(Rect::default())];
        filter.regions(objects, (640, 480), settings, false, &mut regions);
        let last = regions.last().map(|r| r.rect);
        (regions.iter().filter_map(|r| r.object).collect(), last)
    }

    fn three() -> [Object; 3] {
        [
            object("car", Rect::new(0.0, 0.0, 50.0, 30.0)),
            object("person", Rect::new(100.0, 100.0, 10.0, 40.0)),
            object("car", Rect::new(300.0, 100.0, 80.0, 60.0)),
        ]
    }

    #[test]
    fn all_are_looked_at_unless_told_otherwise() {
        let (found, last) = looked_at(&three(), &Settings::default());
        assert_eq!(found, [0, 1, 2]);
        assert_eq!(last, Some(three()[2].rect));
    }

    #[test]
    fn classes_sizes_and_numbers_limit_them() {
        let settings = |class: &str, size: &str, max_objects| Settings {
            object_class: class.into(),
            object_min_size: size.into(),
            max_objects,
            ..Settings::default()
        };
        for (class, size, max, expected) in [
            ("car", "", 0, &[0, 2][..]),
            (" person , dog", "", 0, &[1]),
            ("", "30", 0, &[0, 2]),
            ("", "10x40", 0, &[1, 2]),
            ("", "60x0", 0, &[2]),
            ("", "", 2, &[0, 2]),
            ("", "", 1, &[2]),
            ("dog", "", 0, &[]),
        ] {
            let (found, _) = looked_at(&three(), &settings(class, size, max));
            assert_eq!(found, expected, "{class:?} {size:?} {max}");
        }
    }

    #[test]
    fn a_margin_is_a_share_of_each_side_and_ends_with_the_frame() {
        let settings = Settings {
            object_margin: 0.5,
            ..Settings::default()
        };
        let (_, last) = looked_at(&three(), &settings);
        assert_eq!(last, Some(Rect::new(260.0, 70.0, 160.0, 120.0)));
        let (_, first) = looked_at(&three()[..1], &settings);
        assert_eq!(first, Some(Rect::new(0.0, 0.0, 75.0, 45.0)));
    }

    #[test]
    fn what_has_no_pixel_in_the_frame_is_passed_over() {
        let rects = [
            Rect::new(-20.0, 0.0, 20.0, 20.0),
            Rect::new(639.5, 0.0, 20.0, 20.0),
            Rect::new(0.0, 0.0, 0.0, 20.0),
            Rect::new(0.0, 0.0, -5.0, 20.0),
            Rect::new(f32::NAN, 0.0, 5.0, 20.0),
            Rect::new(0.0, 0.0, f32::INFINITY, 20.0),
            Rect::new(5.0, 5.0, 0.9, 20.0),
        ];
        let objects = rects.map(|rect| object("car", rect));
        assert_eq!(looked_at(&objects, &Settings::default()), (vec![], None));
    }

    #[test]
    fn a_turned_object_is_looked_at_upright() {
        let mut turned = object("car", Rect::new(100.0, 100.0, 40.0, 20.0));
        turned.rotation = std::f32::consts::FRAC_PI_2;
        let (_, rect) = looked_at(&[turned], &Settings::default());
        assert!(rect.unwrap().iou(&Rect::new(110.0, 90.0, 20.0, 40.0)) > 0.999);
    }

    #[test]
    fn a_size_that_is_none_is_refused_with_an_example() {
        for text in ["big", "-1", "nan", "inf", "3x", "3x-1", "1,2"] {
            let settings = Settings {
                object_min_size: text.into(),
                ..Settings::default()
            };
            let error = Filter::parse(&settings).unwrap_err();
            assert!(error.contains("object-min-size=32"), "{text}: {error}");
        }
    }
}
