// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxpreprocess` beside `lynxinfer` that makes its own tensor.

use gst_check::Harness;
use lynx_tests::places::{clip, model, tiny};
use lynx_tests::run::{init, run};

#[test]
fn the_result_is_the_same_to_the_bit_with_and_without_it() {
    for (model, interval) in [(model("yolox-tiny-person"), 100), (model("yolo11n"), 200)] {
        let results = ["", "lynxpreprocess ! queue !"].map(|before| {
            let line = format!(
                "filesrc location={} ! avidemux ! avdec_msmpeg4 ! {before} lynxinfer model={model} \
                 threshold=0.1 inference-interval={interval} ! fakesink name=out",
                clip()
            );
            let outcome = run(&line);
            assert_eq!(outcome.errors, [""; 0]);
            outcome.frames
        });
        let [without, with] = &results;
        assert_eq!(without.len(), 795);
        assert!(without.iter().map(|f| f.objects.len()).sum::<usize>() > 20);
        assert_eq!(without, with, "{model}");
    }
}

#[test]
fn all_formats_of_one_picture_give_the_same_answer() {
    let answers = ["RGB", "BGR", "RGBx", "BGRx", "RGBA", "BGRA", "I420", "NV12"].map(|format| {
        let line = format!(
            "videotestsrc pattern=blue num-buffers=1 ! video/x-raw,format={format},width=40,height=40,colorimetry=bt601 \
             ! lynxinfer model={} ! fakesink name=out",
            tiny("echo")
        );
        let outcome = run(&line);
        assert_eq!(outcome.errors, [""; 0], "{format}");
        outcome.frames[0].objects.clone()
    });
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(answer.len(), 1, "format {index}");
        let (a, b) = (answer[0].rect, answers[0][0].rect);
        // The box lies where the picture's red and green say; YUV rounds to whole codes.
        assert!(
            (a.x - b.x).abs() < 0.5 && (a.y - b.y).abs() < 0.5,
            "{a:?} is not {b:?}"
        );
    }
}

#[test]
fn alone_it_makes_the_tensor_that_its_properties_say_and_leaves_the_pixels() {
    init();
    let mut harness = Harness::new_parse(
        "lynxpreprocess tensor-width=8 tensor-height=4 color-format=bgr tensor-layout=nhwc \
         resize-mode=stretch mean=\"<1,2.0,3>\" std=\"<1,1,2>\"",
    );
    harness.set_src_caps_str("video/x-raw,format=RGB,width=16,height=8,framerate=25/1");
    let pixels: Vec<u8> = [10, 20, 30].into_iter().cycle().take(16 * 8 * 3).collect();
    harness
        .push(gst::Buffer::from_slice(pixels.clone()))
        .unwrap();
    let mut buffer = harness.pull().unwrap();
    assert_eq!(buffer.map_readable().unwrap().as_slice(), pixels);
    let tensor = lynx_meta::tensor::detach(buffer.make_mut()).expect("a tensor is attached");
    assert_eq!(tensor.shape, [1, 4, 8, 3]);
    let map = tensor.data.map_readable().unwrap();
    let elements: Vec<f32> = (map.as_chunks().0.iter())
        .map(|bytes| f32::from_ne_bytes(*bytes))
        .collect();
    assert_eq!(elements.len(), 8 * 4 * 3);
    for pixel in elements.chunks(3) {
        for (found, expected) in pixel.iter().zip([29.0, 18.0, 3.5]) {
            assert!((found - expected).abs() < 1e-3, "{pixel:?}");
        }
    }
}

#[test]
fn memory_of_tensors_comes_from_a_pool_and_is_aligned() {
    init();
    let mut harness = Harness::new_parse("lynxpreprocess tensor-width=64 tensor-height=64");
    harness.set_src_caps_str("video/x-raw,format=NV12,width=32,height=32,framerate=25/1");
    let mut addresses = std::collections::BTreeSet::new();
    for _ in 0..50 {
        harness
            .push(gst::Buffer::with_size(32 * 32 * 3 / 2).unwrap())
            .unwrap();
        let mut buffer = harness.pull().unwrap();
        let tensor = lynx_meta::tensor::detach(buffer.make_mut()).unwrap();
        let address = tensor.data.map_readable().unwrap().as_ptr() as usize;
        assert_eq!(address % 64, 0);
        addresses.insert(address);
    }
    assert!(
        addresses.len() <= 2,
        "{} buffers for 50 frames",
        addresses.len()
    );
}

#[test]
fn numbers_that_cannot_work_are_refused() {
    for (property, words) in [
        ("std=\"<0.0,1.0,1.0>\"", "std"),
        ("mean=\"<1.0,2.0>\"", "mean has 2 numbers"),
    ] {
        let outcome = run(&format!(
            "videotestsrc num-buffers=2 ! video/x-raw,format=RGB,width=8,height=8 \
             ! lynxpreprocess tensor-width=8 tensor-height=8 {property} ! fakesink name=out"
        ));
        assert!(outcome.error().contains(words), "{}", outcome.error());
    }
}

/// What arrives in a file is what the decoder made, row for row: a decoder pads its rows when it
/// may, and a file has no place to say so.
#[test]
fn pixels_pass_untouched_to_a_sink_that_knows_no_strides() {
    let path = std::env::temp_dir().join(format!("lynx-raw-{}", std::process::id()));
    let raw = |element: &str| {
        let outcome = run(&format!(
            "filesrc location={} ! avidemux ! avdec_msmpeg4 ! identity eos-after=4 ! {element} ! filesink location={}",
            clip(),
            path.display()
        ));
        assert_eq!(outcome.errors, [""; 0], "{element}");
        std::fs::read(&path).unwrap()
    };
    let expected = raw("identity");
    assert_eq!(expected.len() % (768 * 576 * 3 / 2), 0);
    let infer = format!("lynxinfer model={} threshold=1", tiny("yolov8-fixed"));
    let elements = [
        "lynxpreprocess tensor-width=64 tensor-height=64",
        &infer,
        "lynxtrack",
        "lynxoverlay",
        "lynxpublish location=/dev/null",
    ];
    for element in elements {
        assert!(raw(element) == expected, "{element} changes what arrives");
    }
    std::fs::remove_file(path).unwrap();
}
