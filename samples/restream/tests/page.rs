// SPDX-License-Identifier: MIT OR Apache-2.0
//! The page, in a real browser: Debian's chromium without a screen. With `LYNX_PAGE_PICTURES=<folder>`
//! set, pictures of it are left there to be looked at.

#![allow(clippy::expect_used, clippy::print_stdout)] // helpers of tests are tests

mod common;

use std::process::Command;

use common::restream::{Restream, cameras, config};
use common::{SOON, Scratch};

/// Asks chromium for a picture, or what the page is made of by then.
fn chromium(scratch: &Scratch, arguments: &[String], url: &str) -> Vec<u8> {
    let done = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg(format!(
            "--user-data-dir={}",
            scratch.path("chromium").display()
        ))
        // It waits for timers, not for answers that never end: live pictures do not.
        .arg("--virtual-time-budget=20000")
        .args(arguments)
        .arg(url)
        .output()
        .expect("chromium, of the Debian package of that name");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    done.stdout
}

/// Debian's other versions are there for GStreamer, and have no browser.
fn left_out() -> bool {
    let elsewhere = std::env::var_os("LYNX_ONLY_GSTREAMER").is_some();
    if elsewhere {
        println!("left out: the page does not depend on GStreamer");
    }
    elsewhere
}

#[test]
fn the_page_shows_each_camera_with_a_live_picture() {
    if left_out() {
        return;
    }
    let scratch = Scratch::new();
    let all = [
        ("street", "test:ball?width=640&height=360&fps=10"),
        ("gone", "rtsp://u:S3cr3t@127.0.0.1:1/x"),
    ];
    let app = Restream::start(&scratch, &config(&cameras(&all)));
    app.wait_for("street", "playing", SOON);
    app.wait_for("gone", "lost", SOON);
    let page = chromium(&scratch, &["--dump-dom".into()], &app.page("/"));
    let page = String::from_utf8_lossy(&page);
    for expected in [
        "1 of 2 cameras play",
        "<h2>street</h2>",
        "state playing",
        "state lost",
        "next try in",
        "640×360",
        "1 person",
        "src=\"blob:",
        "live picture of gone",
    ] {
        assert!(page.contains(expected), "{expected:?} is not in {page}");
    }
    assert!(!page.contains("S3cr3t"), "{page}");

    for (width, height) in [(390, 1400), (1280, 800)] {
        let picture = scratch.path(&format!("page-{width}.png"));
        let arguments = [
            format!("--screenshot={}", picture.display()),
            format!("--window-size={width},{height}"),
        ];
        chromium(&scratch, &arguments, &app.page("/"));
        let bytes = std::fs::read(&picture).unwrap();
        assert!(bytes.len() > 10_000, "a picture of {} bytes", bytes.len());
        if let Some(folder) = std::env::var_os("LYNX_PAGE_PICTURES") {
            let to = std::path::Path::new(&folder).join(format!("page-{width}.png"));
            std::fs::write(to, bytes).unwrap();
        }
    }
}
