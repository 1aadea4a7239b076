// SPDX-License-Identifier: MIT OR Apache-2.0

/// The dashes along an edge of `length` pixels as `(start, end)`.
///
/// They begin and end with a dash, so the corners of a dashed box stay whole, and the gaps
/// between them are as even as whole pixels allow. Edges too short for a gap are one dash.
///
/// A dash is a multiple of `step` long, as 4:2:0 wants it.
pub(super) fn dashes(
    length: usize,
    thickness: usize,
    step: usize,
) -> impl Iterator<Item = (usize, usize)> {
    let dash = (thickness * 4)
        .min(length / 3)
        .max(1)
        .next_multiple_of(step);
    let gap = (thickness * 3).min(dash);
    // n dashes have n - 1 gaps between them.
    let n = (length + gap) / (dash + gap);
    let (n, dash) = if n < 2 { (1, length) } else { (n, dash) };
    (0..n).map(move |i| {
        let start = match i + 1 {
            last if last == n => length - dash,
            // Where 4:2:0 has an edge, see `Canvas`.
            _ => ((length - dash) * i / (n - 1)) & !1,
        };
        (start, start + dash)
    })
}

#[cfg(test)]
mod tests {
    use super::dashes;

    #[test]
    fn an_edge_begins_and_ends_with_a_dash() {
        for thickness in 1..9 {
            for length in 1..500 {
                let all: Vec<_> = dashes(length, thickness, 1).collect();
                assert_eq!(all.first().map(|d| d.0), Some(0));
                assert_eq!(all.last().map(|d| d.1), Some(length));
                for pair in all.windows(2) {
                    assert!(
                        pair[0].1 < pair[1].0,
                        "no gap: {length} {thickness} {all:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn gaps_are_even() {
        let gaps: Vec<_> = dashes(100, 2, 1).collect();
        let gaps: Vec<_> = gaps.windows(2).map(|p| p[1].0 - p[0].1).collect();
        assert_eq!(gaps, [6, 8, 8, 6, 8, 8]);
    }
}
