// SPDX-License-Identifier: MIT OR Apache-2.0
//! Places that are marked in every frame.

use lynx_geometry::Rect;

use crate::draw::{Canvas, Face, Labels, MOST_CORNERS, color_for};

/// No coordinate is farther from nought.
const FARTHEST: f32 = 1e6;
/// How strongly a zone is tinted, of 255.
const ALPHA: u8 = 40;

/// `gate:120,300;400,300;400,560 line:0,0.5;1,0.5`: a name and its points, of which two make a line
/// and more a polygon. Where all coordinates are 0..=1, they are shares of the frame's sides.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Zones {
    pub text: String,
    zones: Vec<Zone>,
}

#[derive(Debug, Clone, PartialEq)]
struct Zone {
    name: String,
    points: Vec<(f32, f32)>,
    relative: bool,
}

impl Zones {
    /// # Errors
    ///
    /// Which zone cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let zones = text.split_whitespace().map(Zone::parse);
        Ok(Self {
            text: text.into(),
            zones: zones.collect::<Result<_, _>>()?,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(|zone| zone.name.as_str())
    }

    /// Draws them into a frame of `size` whose corner is at `origin`.
    pub fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        size: (f32, f32),
        origin: (f32, f32),
        thickness: u32,
    ) {
        for (index, zone) in self.zones.iter().enumerate() {
            let color = color_for(index as u64);
            let mut points = [(0.0, 0.0); MOST_CORNERS];
            let points = &mut points[..zone.points.len()];
            for (to, point) in points.iter_mut().zip(&zone.points) {
                *to = zone.place(*point, size, origin);
            }
            canvas.area(points, color, ALPHA);
            let edges = if points.len() == 2 { 1 } else { points.len() };
            for i in 0..edges {
                canvas.line(points[i], points[(i + 1) % points.len()], thickness, color);
            }
        }
    }

    /// Writes their names at their first points, or where the frame is nearest to those.
    pub fn name(
        &self,
        canvas: &mut Canvas<'_>,
        size: (f32, f32),
        origin: (f32, f32),
        face: &impl Face,
        labels: &mut Labels,
    ) {
        for (index, zone) in self.zones.iter().enumerate() {
            let (x, y) = zone.place(zone.points[0], size, origin);
            let x = x.clamp(origin.0, origin.0 + size.0 - 1.0);
            let y = y.clamp(origin.1, origin.1 + size.1 - 1.0);
            let anchor = Rect::new(x, y, 1.0, 1.0);
            canvas.label(&anchor, &zone.name, face, color_for(index as u64), labels);
        }
    }
}

impl Zone {
    fn place(&self, (x, y): (f32, f32), size: (f32, f32), origin: (f32, f32)) -> (f32, f32) {
        let scale = if self.relative { size } else { (1.0, 1.0) };
        (x * scale.0 + origin.0, y * scale.1 + origin.1)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            |why: &str| format!("{text:?} in zones: {why}, such as gate:0.1,0.5;0.4,0.5;0.4,0.9");
        let (name, points) = text
            .split_once(':')
            .ok_or_else(|| wrong("NAME:X,Y;X,Y;... is wanted"))?;
        let point = |text: &str| {
            let (x, y) = text.split_once(',')?;
            let (x, y): (f32, f32) = (x.parse().ok()?, y.parse().ok()?);
            let near = |v: f32| v.abs() <= FARTHEST;
            (near(x) && near(y)).then_some((x, y))
        };
        let points: Option<Vec<_>> = points.split(';').map(point).collect();
        let points = points.ok_or_else(|| wrong("a point is two numbers up to a million, X,Y"))?;
        if !(2..=MOST_CORNERS).contains(&points.len()) {
            return Err(wrong("2 to 64 points are wanted"));
        }
        let share = |v: &f32| (0.0..=1.0).contains(v);
        Ok(Self {
            name: name.into(),
            relative: points.iter().all(|(x, y)| share(x) && share(y)),
            points,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_lines_or_polygons_in_pixels_or_shares() {
        let zones = Zones::parse("gate:120,300;400,300;400,560 line:0,0.5;1,0.5").unwrap();
        assert_eq!(zones.zones.len(), 2);
        assert!(!zones.zones[0].relative && zones.zones[1].relative);
        assert_eq!(zones.zones[1].points, [(0.0, 0.5), (1.0, 0.5)]);
        assert!(Zones::parse("").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for text in [
            "gate",
            "gate:1,2",
            "gate:1,2;3",
            "gate:1,2;x,4",
            "gate:1,2;nan,4",
            "gate:1,2;1e20,4",
        ] {
            assert!(Zones::parse(text).unwrap_err().contains(text));
        }
    }
}
