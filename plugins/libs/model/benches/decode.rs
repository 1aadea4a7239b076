// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decoding the outputs of common models: `cargo bench -p lynx-model --bench decode`.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lynx_model::{
    OutputView,
    decode::{DecodeConfig, Decoder},
    describe::{Description, Family, Labels},
};
use lynx_tensor::TensorSpec;
use ndarray::{Array2, Array3, ArrayD};

/// Numbers 0..1 that look random and are the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }
}

fn decoder(family: Family, size: u32, classes: usize, threshold: f32) -> Decoder {
    let description = Description {
        name: "bench".to_owned(),
        version: None,
        family,
        input: TensorSpec::new(size, size),
        input_name: "images".to_owned(),
        image_input: 0,
        extra_inputs: Vec::new(),
        dynamic_batch: false,
        labels: Labels::numbered(classes),
        reasons: Vec::new(),
    };
    let config = DecodeConfig {
        threshold,
        ..DecodeConfig::default()
    };
    Decoder::new(&description, config).unwrap()
}

/// 84×8400: background below 0.01, boxes of 20 to 120 elements, `hits` points above 0.5.
fn yolov8(hits: usize) -> ArrayD<f32> {
    let mut noise = Noise(1);
    let mut values = Array3::from_shape_fn((1, 84, 8400), |(_, row, _)| match row {
        0 | 1 => noise.next() * 640.0,
        2 | 3 => 20.0 + noise.next() * 100.0,
        _ => noise.next() * 0.01,
    });
    for hit in 0..hits {
        values[[0, 4 + hit % 80, hit * (8400 / hits)]] = 0.5 + noise.next() / 2.0;
    }
    values.into_dyn()
}

/// `points`×85 with objectness below 0.01, and 20 points of objectness and class above 0.7.
fn yolox(points: usize) -> ArrayD<f32> {
    let mut noise = Noise(2);
    let mut values = Array3::from_shape_fn((1, points, 85), |(_, _, column)| match column {
        0..4 => noise.next(),
        4 => noise.next() * 0.01,
        _ => noise.next() * 0.1,
    });
    for hit in 0..20 {
        values[[0, hit * (points / 20), 4]] = 0.7 + noise.next() * 0.3;
        values[[0, hit * (points / 20), 5 + hit]] = 0.7 + noise.next() * 0.3;
    }
    values.into_dyn()
}

fn decode(c: &mut Criterion) {
    let mut run = |name: &str, mut decoder: Decoder, outputs: &[OutputView]| {
        let mut found = Vec::new();
        c.bench_function(name, |b| {
            b.iter(|| {
                decoder.decode(black_box(outputs), &mut found).unwrap();
                black_box(found.len())
            });
        });
        assert!(!found.is_empty());
    };
    for hits in [20, 1000] {
        let values = yolov8(hits);
        let outputs = [OutputView::F32(values.view().into())];
        let decoder = decoder(Family::YoloV8, 640, 80, 0.25);
        run(&format!("yolov8 84x8400, {hits} hits"), decoder, &outputs);
    }
    for (size, points) in [(640, 8400), (416, 3549)] {
        let values = yolox(points);
        let outputs = [OutputView::F32(values.view().into())];
        let decoder = decoder(Family::YoloX, size, 80, 0.25);
        run(&format!("yolox {points}x85, 20 hits"), decoder, &outputs);
    }
    // One class and all points above the threshold: almost all the time is NMS.
    let mut noise = Noise(3);
    let values = Array2::from_shape_fn((5, 1000), |(row, _)| match row {
        0 | 1 => noise.next() * 640.0,
        2 | 3 => 20.0 + noise.next() * 100.0,
        _ => 0.3 + noise.next() * 0.7,
    });
    let values = values.into_shape_with_order(vec![1, 5, 1000]).unwrap();
    let outputs = [OutputView::F32(values.view().into())];
    let decoder = decoder(Family::YoloV8, 640, 1, 0.25);
    run("nms of 1000 candidates of one class", decoder, &outputs);
}

criterion_group!(benches, decode);
criterion_main!(benches);
