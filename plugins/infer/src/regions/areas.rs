// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parts of the picture that are the same on every frame: those that the user names, and tiles.

use lynx_geometry::Rect;

use super::{Region, pair};
use crate::settings::Settings;

/// The most tiles along one side.
const MAX_TILES: u32 = 16;
/// The most regions a frame: a bound on the time that a slip of the keyboard costs.
const MAX_REGIONS: usize = 256;

/// What the properties `regions` and `tiles` say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Areas {
    stated: Vec<Rect>,
    /// The stated ones are shares of the frame's width and height, not pixels.
    shares: bool,
    tiles: Option<Tiles>,
}

/// How each area is cut up.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tiles {
    columns: u32,
    rows: u32,
    /// Share of a tile's width (and height) that the next one covers, too.
    overlap: f32,
    /// The whole area is looked at, too.
    whole: bool,
}

impl Areas {
    /// `None` where both properties are empty.
    pub fn parse(settings: &Settings) -> Result<Option<Self>, String> {
        let tiles = Tiles::parse(settings)?;
        let stated = rects(&settings.regions)?;
        if stated.is_empty() && tiles.is_none() {
            return Ok(None);
        }
        let small: Vec<bool> = stated.iter().map(is_shares).collect();
        let shares = small.contains(&true);
        if shares && small.contains(&false) {
            return Err(format!(
                "regions={:?} has pixels in one region and shares of the frame (all numbers up to 1) \
                 in another; use one of them in all",
                settings.regions
            ));
        }
        let each = tiles.map_or(1, |t| (t.columns * t.rows) as usize + usize::from(t.whole));
        let all = each * stated.len().max(1);
        if all > MAX_REGIONS {
            return Err(format!(
                "regions and tiles make {all} regions of a frame, {MAX_REGIONS} is the most; \
                 use fewer tiles or regions"
            ));
        }
        Ok(Some(Self {
            stated,
            shares,
            tiles,
        }))
    }

    /// The regions of a frame of `size` (width, height) pixels. What reaches beyond the frame is
    /// cut off; a region wholly outside is an error.
    pub fn regions(&self, size: (u32, u32)) -> Result<Vec<Region>, String> {
        let (width, height) = (size.0 as f32, size.1 as f32);
        let frame = Rect::new(0.0, 0.0, width, height);
        let areas =
            if self.stated.is_empty() {
                vec![frame]
            } else {
                let scale = if self.shares {
                    (width, height)
                } else {
                    (1.0, 1.0)
                };
                let area =
                    |(index, r): (usize, &Rect)| {
                        let (sx, sy) = scale;
                        let scaled = Rect::new(r.x * sx, r.y * sy, r.w * sx, r.h * sy);
                        let inside = scaled.clipped(width, height);
                        // Half a pixel is rounded to none.
                        inside.filter(|r| r.w >= 1.0 && r.h >= 1.0).ok_or_else(|| {
                    format!(
                        "region {} of regions, {},{},{},{}, has no pixel inside the frame of \
                         {}x{}; correct or remove it",
                        index + 1, r.x, r.y, r.w, r.h, size.0, size.1
                    )
                })
                    };
                self.stated
                    .iter()
                    .enumerate()
                    .map(area)
                    .collect::<Result<_, _>>()?
            };
        let cut = |area: Rect| match self.tiles {
            Some(tiles) => tiles.cut(&area),
            None => vec![area],
        };
        Ok(areas.into_iter().flat_map(cut).map(Region::from).collect())
    }
}

impl Tiles {
    fn parse(settings: &Settings) -> Result<Option<Self>, String> {
        if settings.tiles.is_empty() {
            return Ok(None);
        }
        let (columns, rows) = pair(&settings.tiles)
            .filter(|(c, r)| (1..=MAX_TILES).contains(c) && (1..=MAX_TILES).contains(r))
            .ok_or_else(|| {
                format!(
                    "tiles={:?} is not columns x rows, each from 1 to {MAX_TILES}; set tiles=3x2, \
                     or leave it empty",
                    settings.tiles
                )
            })?;
        Ok(Some(Self {
            columns,
            rows,
            overlap: settings.tile_overlap,
            // A single tile is the whole.
            whole: settings.tile_full_frame && columns * rows > 1,
        }))
    }

    /// The tiles of an area, row by row, and the area itself last. All tiles are of one size, which
    /// makes the outer ones end where the area does.
    fn cut(&self, area: &Rect) -> Vec<Rect> {
        // n tiles of width w that share o·w with the next one are w·(n - (n - 1)·o) wide.
        let side = |length: f32, count: u32| {
            let count = count as f32;
            let tile = length / (count - (count - 1.0) * self.overlap);
            (tile, tile * (1.0 - self.overlap))
        };
        let (width, step_x) = side(area.w, self.columns);
        let (height, step_y) = side(area.h, self.rows);
        let mut all: Vec<_> = (0..self.rows)
            .flat_map(|row| (0..self.columns).map(move |column| (column as f32, row as f32)))
            .map(|(c, r)| Rect::new(area.x + c * step_x, area.y + r * step_y, width, height))
            .collect();
        if self.whole {
            all.push(*area);
        }
        all
    }
}

fn rects(text: &str) -> Result<Vec<Rect>, String> {
    let parts = text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let numbers: Result<Vec<f32>, _> =
                part.split(',').map(|number| number.trim().parse()).collect();
            match numbers.as_deref() {
                Ok(&[x, y, w, h]) if Rect::new(x, y, w, h).is_valid() => Ok(Rect::new(x, y, w, h)),
                _ => Err(format!(
                    "regions has {part:?}, which is not x,y,width,height in finite numbers with a \
                     width and height above 0; set regions=\"0,0,640,360;640,0,640,360\" in pixels, \
                     or in shares of the frame as in \"0,0,0.5,1\""
                )),
            }
        })
        .collect()
}

/// Whether the numbers can only be shares: nobody asks for a region of one pixel.
fn is_shares(r: &Rect) -> bool {
    [r.x, r.y, r.w, r.h].iter().all(|number| *number <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(regions: &str, tiles: &str, overlap: f32) -> Settings {
        Settings {
            regions: regions.into(),
            tiles: tiles.into(),
            tile_overlap: overlap,
            tile_full_frame: false,
            ..Settings::default()
        }
    }

    fn regions(regions: &str, tiles: &str, overlap: f32) -> Result<Vec<Rect>, String> {
        let areas = Areas::parse(&settings(regions, tiles, overlap))?;
        let regions = areas.map_or(Ok(Vec::new()), |a| a.regions((640, 480)))?;
        Ok(regions.iter().map(|r| r.rect).collect())
    }

    #[test]
    fn tiles_without_overlap_lie_side_by_side() {
        let found = regions("", "2x3", 0.0).unwrap();
        assert_eq!(found.len(), 6);
        assert_eq!(found[0], Rect::new(0.0, 0.0, 320.0, 160.0));
        assert_eq!(found[5], Rect::new(320.0, 320.0, 320.0, 160.0));
    }

    #[test]
    fn tiles_with_overlap_share_it_and_end_with_the_frame() {
        for (tiles, overlap) in [("3x2", 0.2), ("2x2", 0.5), ("16x16", 0.1), ("1x1", 0.3)] {
            let found = regions("", tiles, overlap).unwrap();
            let (first, last) = (found[0], found[found.len() - 1]);
            assert_eq!((first.x, first.y), (0.0, 0.0));
            assert!((last.right() - 640.0).abs() < 0.01, "{last:?}");
            assert!((last.bottom() - 480.0).abs() < 0.01, "{last:?}");
            if let [a, b, ..] = found[..] {
                let shared = a.right() - b.x;
                assert!((shared - overlap * a.w).abs() < 0.01, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_whole_frame_comes_last_unless_one_tile_is_it() {
        let whole = |tiles| {
            let mut settings = settings("", tiles, 0.2);
            settings.tile_full_frame = true;
            let areas = Areas::parse(&settings).unwrap().unwrap();
            areas.regions((640, 480)).unwrap()
        };
        assert_eq!(whole("2x2").len(), 5);
        assert_eq!(whole("2x2")[4].rect, Rect::new(0.0, 0.0, 640.0, 480.0));
        assert_eq!(whole("1x1").len(), 1);
    }

    #[test]
    fn regions_are_pixels_or_shares() {
        let both = [
            Rect::new(0.0, 0.0, 320.0, 480.0),
            Rect::new(320.0, 240.0, 320.0, 240.0),
        ];
        assert_eq!(
            regions("0,0,320,480; 320,240,320,240;", "", 0.2).unwrap(),
            both
        );
        assert_eq!(regions("0,0,0.5,1;.5,.5,.5,.5", "", 0.2).unwrap(), both);
        let error = regions("0,0,0.5,1;0,0,20,20", "", 0.2).unwrap_err();
        assert!(error.contains("pixels in one region and shares"), "{error}");
    }

    #[test]
    fn a_region_that_reaches_beyond_the_frame_is_cut_off() {
        let found = regions("-10,400,100,200", "", 0.2).unwrap();
        assert_eq!(found, [Rect::new(0.0, 400.0, 90.0, 80.0)]);
    }

    #[test]
    fn a_region_outside_the_frame_is_named() {
        for outside in ["640,0,10,10", "0,-20,10,20", "639.5,0,20,20"] {
            let error = regions(&format!("0,0,9,9;{outside}"), "", 0.2).unwrap_err();
            assert!(error.contains("region 2 of regions"), "{error}");
            assert!(error.contains("640x480"), "{error}");
        }
    }

    #[test]
    fn what_is_no_region_is_refused_with_an_example() {
        for text in [
            "1,2,3",
            "1,2,3,4,5",
            "a,0,9,9",
            "nan,0,9,9",
            "inf,0,9,9",
            "0,0,inf,9",
            "0,0,0,9",
            "0,0,9,-9",
            "1e39,0,9,9",
            ",,,",
            "0,0,9,9;x",
        ] {
            let error = regions(text, "", 0.2).unwrap_err();
            assert!(error.contains("x,y,width,height"), "{text}: {error}");
        }
        assert_eq!(regions(" ; ", "", 0.2).unwrap(), []);
    }

    #[test]
    fn what_is_no_number_of_tiles_is_refused() {
        for text in [
            "3",
            "3x",
            "x2",
            "0x2",
            "3x-1",
            "17x1",
            "3x2x1",
            "axb",
            "99999999999x1",
        ] {
            let error = regions("", text, 0.2).unwrap_err();
            assert!(error.contains("tiles=3x2"), "{text}: {error}");
        }
        assert_eq!(regions("", " 2 x 1 ", 0.2).unwrap().len(), 2);
    }

    #[test]
    fn more_regions_than_a_frame_can_have_are_refused() {
        let error = regions("0,0,9,9;9,9,9,9", "16x16", 0.2).unwrap_err();
        assert!(error.contains("512 regions"), "{error}");
    }
}
