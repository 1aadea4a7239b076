// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynxinfer dump-tensors`: what the network sees, as files.

use std::fs;
use std::path::PathBuf;

use lynx_tests::paint::{Patch, run_painted};
use lynx_tests::places::tiny;

const RED: Patch = ((0, 0, 64, 64), [200, 10, 20]);

/// The files that three red frames leave in a folder, with their bytes.
fn dumped(name: &str, before: &str, properties: &str) -> Vec<(String, Vec<u8>)> {
    let folder = std::env::temp_dir().join(format!("lynx-dump-{}-{name}", std::process::id()));
    let model = tiny("yolov8-fixed");
    let line = format!(
        "{before} lynxinfer model={model} stream=site/192.168.1.20 dump-tensors={} {properties}",
        folder.join("made").display()
    );
    let outcome = run_painted((64, 32), 3, &[((0, 0, 64, 32), RED.1)], &line);
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.warnings, [""; 0]);
    let files = fs::read_dir(folder.join("made")).unwrap();
    let mut files: Vec<_> = files
        .map(|file| {
            let file = file.unwrap();
            let bytes = fs::read(file.path()).unwrap();
            (file.file_name().into_string().unwrap(), bytes)
        })
        .collect();
    files.sort();
    fs::remove_dir_all(&folder).unwrap();
    files
}

/// The pixel in the middle of a PNG.
fn middle(png: &[u8]) -> [u8; 3] {
    let picture = image::load_from_memory(png).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (32, 32));
    // The letterbox: padding is above.
    assert_eq!(picture.get_pixel(16, 2).0, [114; 3]);
    picture.get_pixel(16, 16).0
}

#[test]
fn the_first_tensors_are_written_and_no_more() {
    let files = dumped("first", "", "dump-count=2");
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["0000.npy", "0000.png", "0001.npy", "0001.png"];
    assert_eq!(
        names,
        expected.map(|name| format!("site_192.168.1.20-yolov8-fixed-{name}"))
    );
    assert_eq!(middle(&files[1].1), RED.1);
    let npy = &files[0].1;
    assert_eq!(npy.len(), 128 + 3 * 32 * 32 * 4);
    let header = String::from_utf8_lossy(&npy[10..128]).into_owned();
    assert!(
        header.contains("'<f4'") && header.contains("(1, 3, 32, 32)"),
        "{header}"
    );
    let at = 128 + (16 * 32 + 16) * 4;
    let red = f32::from_le_bytes(npy[at..at + 4].try_into().unwrap());
    assert!((red * 255.0 - 200.0).abs() < 0.01, "{red}");
}

#[test]
fn a_wrong_order_of_colours_shows() {
    let files = dumped("order", "lynxpreprocess color-format=bgr !", "");
    assert_eq!(files.len(), 6, "all three frames");
    assert_eq!(middle(&files[1].1), [20, 10, 200], "red is blue");
}

#[test]
fn each_tile_is_written() {
    let files = dumped("tiles", "", "tiles=2x1 dump-count=4");
    assert_eq!(
        files.len(),
        8,
        "two tiles and the whole, and one of the next frame"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let line = format!(
        "lynxinfer model={} dump-tensors=/dev/null/x",
        tiny("yolov8-fixed")
    );
    let outcome = run_painted((64, 32), 3, &[], &line);
    let error = outcome.error();
    assert!(
        error.contains("/dev/null/x") && error.contains("dump-tensors"),
        "{error}"
    );
}

#[test]
fn a_file_that_cannot_be_written_is_a_warning() {
    let folder = std::env::temp_dir().join(format!("lynx-dump-{}-full", std::process::id()));
    // A folder where the first file is to be.
    let first: PathBuf = folder.join("cam0-yolov8-fixed-0000.npy");
    fs::create_dir_all(&first).unwrap();
    let line = format!(
        "lynxinfer model={} dump-tensors={}",
        tiny("yolov8-fixed"),
        folder.display()
    );
    let outcome = run_painted((64, 32), 3, &[], &line);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!((outcome.errors.len(), outcome.frames.len()), (0, 3));
    assert_eq!(outcome.warnings.len(), 1, "{:?}", outcome.warnings);
    assert!(
        outcome.warnings[0].contains("cam0-yolov8-fixed-0000.npy"),
        "{:?}",
        outcome.warnings
    );
}
