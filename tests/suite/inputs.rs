// SPDX-License-Identifier: MIT OR Apache-2.0
//! Models of several inputs, and one that has to be stopped, on ONNX Runtime itself.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use lynx_geometry::{Detection, Rect};
use lynx_model::decode::{DecodeConfig, Decoder};
use lynx_model::describe::{Description, Overrides, describe};
use lynx_runtime::engine::Runner;
use lynx_runtime::{Binding, Provider, Session, SessionOptions, Shape};
use lynx_tests::places::tiny;
use lynx_tests::run::run;

fn load(model: &str, rungs: &[usize]) -> (Description, Binding) {
    let options = SessionOptions {
        providers: vec![Provider::Cpu],
        intra_op_threads: 1,
        ..SessionOptions::default()
    };
    let session = Session::load(Path::new(&tiny(model)), &options).unwrap();
    let description = describe(model, session.io(), None, &Overrides::default()).unwrap();
    let shapes = description.input_shapes().into_iter();
    let shapes: Vec<_> = shapes
        .map(|(element, dims)| Shape { element, dims })
        .collect();
    let binding = Binding::new(&Arc::new(session), &shapes, rungs).unwrap();
    (description, binding)
}

/// What the model finds on each of `images` pictures of noise.
fn found(description: &Description, binding: &mut Binding, images: usize) -> Vec<Vec<Detection>> {
    for image in 0..images {
        let mut tensors = binding.image(image);
        for tensor in &mut tensors {
            tensor.fill(0x3c); // a number in every type, of which none is right for a size
        }
        for extra in &description.extra_inputs {
            extra.write(&description.input, tensors[extra.index]);
        }
    }
    binding.run(images).unwrap();
    let views = binding.views().unwrap();
    let mut decoder = Decoder::new(description, DecodeConfig::default()).unwrap();
    let of = |image| {
        let entries: Vec<_> = views
            .iter()
            .map(|view| view.entry(image).unwrap())
            .collect();
        let mut found = Vec::new();
        // All rows are the one image's.
        let outputs = if images == 1 { &views } else { &entries };
        decoder.decode(outputs, &mut found).unwrap();
        found
    };
    (0..images).map(of).collect()
}

#[test]
fn models_that_are_told_sizes_find_the_same_as_others_in_the_tensor() {
    // In a tensor of 64x32, where others have 32x32.
    let expected = [
        (0, Rect::new(8.0, 8.0, 16.0, 16.0)),
        (1, Rect::new(36.0, 16.0, 24.0, 8.0)),
    ];
    for (model, batch) in [("detr", 4), ("paddle-detection", 1)] {
        let rungs = &[1, batch][..batch.min(2)];
        let (description, mut binding) = load(model, rungs);
        assert_eq!(description.dynamic_batch, batch > 1, "{model}");
        for &images in rungs {
            for found in self::found(&description, &mut binding, images) {
                let kept: Vec<_> = found.iter().map(|d| (d.class, d.rect)).collect();
                assert_eq!(kept, expected, "{model}");
            }
        }
    }
}

#[test]
fn in_a_pipeline_what_they_find_is_where_it_is_in_the_frame() {
    for (model, properties) in [
        ("detr", ""),
        ("detr", "batch-size=4 nireq=2"),
        ("detr", "tiles=1x1"),
        ("paddle-detection", ""),
        ("paddle-detection", "batch-size=4"),
    ] {
        let outcome = run(&format!(
            "videotestsrc num-buffers=6 ! video/x-raw,format=NV12,width=128,height=96 \
             ! lynxpreprocess ! lynxinfer model={} {properties} ! fakesink name=out",
            tiny(model)
        ));
        assert_eq!(outcome.errors, [""; 0], "{model} {properties}");
        assert_eq!(outcome.frames.len(), 6, "{model} {properties}");
        for frame in &outcome.frames {
            let found: Vec<_> = frame.objects.iter().map(|o| (o.class, o.rect)).collect();
            // The frame is stretched to 64x32.
            let expected = [
                (Some(0), Rect::new(16.0, 24.0, 32.0, 48.0)),
                (Some(1), Rect::new(72.0, 48.0, 48.0, 24.0)),
            ];
            assert_eq!(found, expected, "{model} {properties}");
        }
    }
}

#[test]
fn a_model_that_never_returns_ends_when_it_is_told_to() {
    let (_, mut binding) = load("never-returns", &[1]);
    let terminate = binding.terminate();
    binding.run(1).unwrap();
    binding.image(0)[0]
        .as_chunks_mut::<4>()
        .0
        .fill(1f32.to_ne_bytes());
    let (done, ended) = mpsc::channel();
    let running = std::thread::spawn(move || done.send(binding.run(1)));
    // However late it starts: the flag may be set before it runs.
    let mut result = ended.recv_timeout(Duration::from_millis(200));
    assert!(result.is_err(), "it returned: {result:?}");
    for _ in 0..600 {
        terminate();
        result = ended.recv_timeout(Duration::from_millis(100));
        if result.is_ok() {
            break;
        }
    }
    let error = result.unwrap().unwrap_err().to_string();
    assert!(error.contains("terminate"), "{error}");
    running.join().unwrap().unwrap();
}

/// Their memory was for as many answers as pictures, and each run of several failed.
#[test]
fn outputs_that_do_not_grow_with_the_batch_are_what_they_are() {
    let (_, mut binding) = load("claims-batches", &[1, 2, 4]);
    for images in [4, 1, 2] {
        binding.run(images).unwrap();
        assert_eq!(binding.views().unwrap()[0].shape(), [1, 6, 21]);
    }
}

#[test]
fn the_model_that_counts_batches_says_how_many_pictures_ran() {
    let (description, mut binding) = load("counts-batches", &[1, 4]);
    for images in [1, 4] {
        for found in self::found(&description, &mut binding, images) {
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].rect.w, 4.0 * images as f32);
        }
    }
}
