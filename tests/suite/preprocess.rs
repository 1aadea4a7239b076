// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxpreprocess` beside `lynxinfer` that makes its own tensor.

use std::time::Duration;

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
    let formats = lynx_meta::video::FORMATS.map(|format| format.to_str());
    let formats = formats.iter().filter(|format| !format.starts_with("GRAY"));
    let answers: Vec<_> = formats.map(|format| {
        let line = format!(
            "videotestsrc pattern=blue num-buffers=1 ! video/x-raw,format={format},width=40,height=40,colorimetry=bt601 \
             ! lynxinfer model={} ! fakesink name=out",
            tiny("echo")
        );
        let outcome = run(&line);
        assert_eq!(outcome.errors, [""; 0], "{format}");
        outcome.frames[0].objects.clone()
    })
    .collect();
    assert_eq!(answers.len(), 23);
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

/// A decoder's padding and crop: the picture is a part of the memory.
#[test]
fn a_decoders_crop_is_the_picture() {
    use gst_video::{VideoCropMeta, VideoFormat, VideoFrameFlags, VideoMeta};
    init();
    let mut harness = Harness::new_parse("lynxpreprocess tensor-width=40 tensor-height=40");
    harness.set_src_caps_str(
        "video/x-raw,format=NV12,width=34,height=22,framerate=25/1,colorimetry=bt709",
    );
    let sample = |x: usize, y: usize| (x * 5 + y * 7) as u8;
    // The picture alone, rows without padding; NV12 rows are given to multiples of 4.
    let plain = {
        let mut bytes = vec![0; 36 * 22 + 36 * 11];
        for y in 0..22 {
            for x in 0..34 {
                bytes[y * 36 + x] = sample(x, y);
            }
        }
        bytes[36 * 22..].fill(100);
        gst::Buffer::from_mut_slice(bytes)
    };
    // The same at (6, 4) of 48x32 pixels, with rows of 64 bytes.
    let cropped = {
        let mut bytes = vec![255; 64 * 32 + 64 * 16];
        for y in 0..22 {
            for x in 0..34 {
                bytes[(y + 4) * 64 + x + 6] = sample(x, y);
            }
        }
        bytes[64 * 32..].fill(100);
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let writable = buffer.make_mut();
        let (format, flags) = (VideoFormat::Nv12, VideoFrameFlags::empty());
        VideoMeta::add_full(writable, flags, format, 48, 32, &[0, 64 * 32], &[64, 64]).unwrap();
        VideoCropMeta::add(writable, (6, 4, 34, 22));
        buffer
    };
    let mut tensor = |buffer: &gst::Buffer| {
        harness.push(buffer.copy_deep().unwrap()).unwrap();
        let mut buffer = harness.pull().unwrap();
        let tensor = lynx_meta::tensor::detach(buffer.make_mut()).unwrap();
        let bytes = tensor.data.map_readable().unwrap().to_vec();
        (tensor.transform, bytes)
    };
    let expected = tensor(&plain);
    let pad = 114.0_f32 / 255.0;
    assert_eq!(
        expected.1[..4],
        pad.to_ne_bytes(),
        "padding above the picture"
    );
    for (what, buffer) in [("crop", &cropped), ("plain", &plain), ("crop", &cropped)] {
        let found = tensor(buffer);
        assert_eq!(found.0, expected.0, "{what}");
        assert!(found.1 == expected.1, "{what}: another tensor");
    }
}

/// A buffer that ends before its `GstVideoMeta` says it does: GStreamer maps it all the same.
#[test]
fn a_truncated_buffer_with_a_video_meta_is_an_error_in_every_element() {
    use gst_video::{VideoFormat, VideoFrameFlags, VideoMeta};
    init();
    let elements = [
        "lynxpreprocess tensor-width=40 tensor-height=40".to_owned(),
        format!("lynxinfer model={}", tiny("yolov8-fixed")),
        "lynxmotiongate".to_owned(),
        "lynxoverlay".to_owned(),
    ];
    for element in elements {
        // Of luma, all but a row; of luma and chroma, all but the last byte.
        for length in [64 * 47, 64 * 72 - 1] {
            let mut harness = Harness::new_parse(&element);
            harness.set_src_caps_str("video/x-raw,format=NV12,width=64,height=48,framerate=25/1");
            let mut buffer = gst::Buffer::from_mut_slice(vec![0; length]);
            let writable = buffer.make_mut();
            let (format, flags) = (VideoFormat::Nv12, VideoFrameFlags::empty());
            let chroma = 64 * 48.min(length / 64 - 1);
            let offsets = [0, chroma];
            VideoMeta::add_full(writable, flags, format, 64, 48, &offsets, &[64, 64]).unwrap();
            let person = lynx_geometry::Rect::new(8.0, 8.0, 40.0, 36.0);
            let person = lynx_meta::NewObject::new(person, "person", 0, 0.9);
            let forms = lynx_meta::Forms::new(false);
            lynx_meta::objects::add(writable, (64, 48), &person, forms).unwrap();
            let mut result = harness.push(buffer.clone());
            // What takes frames to look at later says so to the frames after them.
            for _ in 0..if element.starts_with("lynxinfer") {
                500
            } else {
                0
            } {
                if result.is_ok() {
                    std::thread::sleep(Duration::from_millis(10));
                    result = harness.push(buffer.clone());
                }
            }
            // The gate reads luma alone.
            let expected = if element == "lynxmotiongate" && length > 64 * 48 {
                Ok(gst::FlowSuccess::Ok)
            } else {
                Err(gst::FlowError::Error)
            };
            assert_eq!(result, expected, "{element} with {length} bytes");
        }
    }
}

#[test]
fn interlaced_video_is_read_with_a_warning_and_fields_are_not() {
    let line = |mode: &str| {
        format!(
            "videotestsrc num-buffers=2 ! video/x-raw,format=I420,width=32,height=32 \
             ! capssetter caps=\"video/x-raw,interlace-mode={mode}\" \
             ! lynxpreprocess tensor-width=8 tensor-height=8 ! fakesink name=out"
        )
    };
    let outcome = run(&line("interleaved"));
    assert_eq!(outcome.errors, [""; 0]);
    assert!(
        outcome.warnings[0].contains("deinterlace"),
        "{:?}",
        outcome.warnings
    );
    assert!(!run(&line("fields")).errors.is_empty());
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
        "lynxmotiongate",
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
