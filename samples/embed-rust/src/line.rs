// SPDX-License-Identifier: MIT OR Apache-2.0
//! A line in the picture, and who crosses it. `embed-c` and `embed-python` do the same sums.

/// In pixels; x grows to the right, y downwards.
pub type Point = (i64, i64);

/// From its first point to its second.
#[derive(Debug, Clone, Copy)]
pub struct Line(pub Point, pub Point);

impl Line {
    /// Whether `point` is at the right hand of who walks along the line, or on it.
    fn at_right(self, point: Point) -> bool {
        let Line(a, b) = self;
        (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) >= 0
    }

    /// `in` for who goes straight from one point to the other and crosses the line to its right
    /// hand, `out` for who crosses it to its left hand, `None` for others.
    pub fn crossed(self, from: Point, to: Point) -> Option<&'static str> {
        let way = Line(from, to);
        let now = self.at_right(to);
        let crosses = self.at_right(from) != now && way.at_right(self.0) != way.at_right(self.1);
        crosses.then_some(if now { "in" } else { "out" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From left to right: its right hand is below it.
    const LINE: Line = Line((10, 50), (30, 50));

    #[test]
    fn to_the_right_hand_is_in_and_back_is_out() {
        assert_eq!(LINE.crossed((20, 40), (20, 60)), Some("in"));
        assert_eq!(LINE.crossed((20, 60), (20, 40)), Some("out"));
        let turned = Line(LINE.1, LINE.0);
        assert_eq!(turned.crossed((20, 40), (20, 60)), Some("out"));
    }

    #[test]
    fn who_passes_beyond_an_end_does_not_cross() {
        assert_eq!(LINE.crossed((40, 40), (40, 60)), None);
        assert_eq!(LINE.crossed((0, 40), (0, 60)), None);
        assert_eq!(LINE.crossed((31, 40), (29, 61)), None);
        assert_eq!(LINE.crossed((31, 40), (28, 61)), Some("in"));
    }

    #[test]
    fn who_stands_on_the_line_is_counted_once() {
        let steps = [(20, 49), (20, 50), (20, 50), (20, 51)];
        let crossings = steps.windows(2).filter_map(|s| LINE.crossed(s[0], s[1]));
        assert_eq!(crossings.collect::<Vec<_>>(), ["in"]);
    }
}
