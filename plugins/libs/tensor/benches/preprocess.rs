// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frame to tensor beside a plain copy of as many bytes, the floor that memory sets, and beside
//! `fast_image_resize` with a loop of one's own.
//!
//! `cargo bench -p lynx-tensor --bench preprocess`; `--features lynx-bench/yuv` adds crate `yuv`,
//! which takes long to compile. `pipelines/bench.sh preprocess` measures all of these in turn,
//! with OpenCV and GStreamer's own element.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lynx_bench::{Picture, cases, variants};

fn preprocess(c: &mut Criterion) {
    for case in cases() {
        let picture = Picture::new(&case);
        let mut group = c.benchmark_group(case.name());
        // Tensors a second.
        group.throughput(Throughput::Elements(1));
        for (name, mut variant) in variants(&case, &picture) {
            group.bench_function(name, |b| b.iter(|| variant.run()));
        }
        group.finish();
    }
}

criterion_group!(benches, preprocess);
criterion_main!(benches);
