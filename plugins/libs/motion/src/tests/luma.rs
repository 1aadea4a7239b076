// SPDX-License-Identifier: MIT OR Apache-2.0

use proptest::prelude::*;

use crate::grid::Grid;
use crate::luma::TAPS;
use crate::{Depth, Error, Luma, Samples};

fn sums(luma: &Luma<'_>) -> Vec<u16> {
    luma.check().unwrap();
    let grid = Grid::new(luma.width, luma.height);
    let mut sums = vec![0; grid.len()];
    luma.reduce(&grid, &mut sums);
    sums
}

fn depth() -> impl Strategy<Value = Depth> {
    prop_oneof![
        Just(Depth::Byte),
        (0..=255u8).prop_map(|shift| Depth::WordLe { shift }),
        (0..=255u8).prop_map(|shift| Depth::WordBe { shift }),
    ]
}

#[test]
fn a_component_is_read_from_among_others_at_any_depth() {
    let plane = |pixel: &[u8]| pixel.repeat(20 * 10);
    let cases: [(&[u8], usize, Depth); 6] = [
        (&[77], 0, Depth::Byte),
        (&[1, 77, 2], 1, Depth::Byte),
        (&[255, 77, 254, 253], 1, Depth::Byte),
        (&[0x40, 77], 0, Depth::WordLe { shift: 8 }), // P010, GRAY16_LE
        (&[77 << 2 | 3, 77 >> 6], 0, Depth::WordLe { shift: 2 }), // I420_10LE
        (&[77, 0xff], 0, Depth::WordBe { shift: 8 }), // GRAY16_BE
    ];
    for (pixel, offset, depth) in cases {
        let step = pixel.len();
        let luma = Luma {
            data: &plane(pixel),
            stride: 20 * step,
            width: 20,
            height: 10,
            samples: Samples {
                offset,
                step,
                depth,
            },
        };
        assert_eq!(sums(&luma), vec![77 * TAPS; 200], "{depth:?} in {pixel:?}");
    }
}

#[test]
fn a_block_is_the_mean_of_samples_all_over_it() {
    // Blocks of 12×12 pixels: their left half black, their right half 200.
    let data: Vec<u8> = (0..1920 * 24)
        .map(|i| if i % 12 < 6 { 0 } else { 200 })
        .collect();
    let luma = Luma {
        data: &data,
        stride: 1920,
        width: 1920,
        height: 24,
        samples: Samples::BYTES,
    };
    assert_eq!(sums(&luma), vec![100 * TAPS; 160 * 2]);
}

#[test]
fn what_does_not_lie_within_its_data_is_refused_with_the_numbers() {
    let data = [0; 64];
    let whole = Luma {
        data: &data,
        stride: 8,
        width: 8,
        height: 8,
        samples: Samples::BYTES,
    };
    assert_eq!(whole.check(), Ok(()));
    let found = Luma {
        data: &data[..63],
        ..whole
    };
    let truncated = Error::Data {
        needed: 64,
        found: 63,
    };
    assert_eq!(found.check(), Err(truncated));
    let found = Luma { stride: 7, ..whole };
    let overlapping = Error::Stride {
        needed: 8,
        found: 7,
    };
    assert_eq!(found.check(), Err(overlapping));
    for (width, height) in [(0, 8), (8, 0), (16385, 1), (1, u32::MAX)] {
        let found = Luma {
            width,
            height,
            ..whole
        };
        assert_eq!(found.check(), Err(Error::Size { width, height }));
    }
    for (offset, step, depth) in [
        (0, 0, Depth::Byte),
        (1, 1, Depth::Byte),
        (0, 1, Depth::WordLe { shift: 8 }),
        (usize::MAX, 4, Depth::Byte),
    ] {
        let samples = Samples {
            offset,
            step,
            depth,
        };
        let found = Luma { samples, ..whole }.check();
        assert!(matches!(found, Err(Error::Samples { .. })), "{samples:?}");
    }
    let samples = Samples {
        step: usize::MAX,
        ..Samples::BYTES
    };
    assert!(matches!(
        Luma { samples, ..whole }.check(),
        Err(Error::Stride { .. })
    ));
}

proptest! {
    #[test]
    fn whatever_passes_the_check_is_read_without_a_panic(
        width in 1u32..700, height in 1u32..40, spare in 0usize..9, gap in 0usize..3,
        offset in 0usize..3, depth in depth(), level in 0u8..=255,
    ) {
        let bytes = if depth == Depth::Byte { 1 } else { 2 };
        let step = offset + bytes + gap;
        let stride = width as usize * step + spare;
        let data = vec![level; stride * (height as usize - 1) + width as usize * step];
        let samples = Samples { offset, step, depth };
        let luma = Luma { data: &data, stride, width, height, samples };
        let sums = sums(&luma);
        prop_assert!(!sums.is_empty());
        prop_assert!(sums.iter().all(|&sum| sum <= 255 * TAPS));
    }

    #[test]
    fn blocks_lie_in_the_picture_and_their_bounds_too(
        width in 1u32..=16384, height in 1u32..=16384, block in any::<prop::sample::Index>(),
    ) {
        let grid = Grid::new(width, height);
        prop_assert!(grid.columns * grid.block_width <= width as usize);
        prop_assert!(grid.rows * grid.block_height <= height as usize);
        prop_assert!((1..=160).contains(&grid.columns) && (1..=160).contains(&grid.rows));
        let mut mask = vec![0; grid.len()];
        prop_assert_eq!(grid.bounds(&mask), None);
        let block = block.index(grid.len());
        mask[block] = 1;
        let bounds = grid.bounds(&mask).unwrap();
        let (x, y) = (block % grid.columns * grid.block_width, block / grid.columns * grid.block_height);
        prop_assert!(bounds.x >= 0.0 && bounds.x <= x as f32);
        prop_assert!(bounds.y >= 0.0 && bounds.y <= y as f32);
        prop_assert!(bounds.right() >= (x + grid.block_width) as f32 && bounds.right() <= width as f32);
        prop_assert!(bounds.bottom() >= (y + grid.block_height) as f32 && bounds.bottom() <= height as f32);
    }
}
