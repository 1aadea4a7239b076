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

/// A browser has six connections to a server: streams that do not end must not take them all.
#[test]
fn eight_cameras_all_have_a_picture_and_the_page_goes_on() {
    if left_out() {
        return;
    }
    let scratch = Scratch::new();
    let names: Vec<_> = (0..8).map(|index| format!("camera-{index}")).collect();
    let source = "test:ball?width=320&height=180&fps=5";
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), source)).collect();
    let app = Restream::start(&scratch, &config(&cameras(&all)));
    for name in &names {
        app.wait_for(name, "playing", SOON);
    }
    let arguments = ["--dump-dom".into(), "--window-size=1280,1600".into()];
    let page = chromium(&scratch, &arguments, &app.page("/"));
    let page = String::from_utf8_lossy(&page);
    assert!(page.contains("8 of 8 cameras play"), "{page}");
    assert_eq!(page.matches("src=\"blob:").count(), 8, "{page}");
}

#[test]
fn where_there_is_a_token_the_page_asks_for_it_and_shows_nothing_before() {
    if left_out() {
        return;
    }
    let scratch = Scratch::new();
    let text = config(&cameras(&[("street", "test:ball")]));
    let text = text.replace("[http]", "[http]\ntoken = \"0123456789abcdef\"");
    let app = Restream::start(&scratch, &text);
    let page = chromium(&scratch, &["--dump-dom".into()], &app.page("/"));
    let page = String::from_utf8_lossy(&page);
    let login = page.split("<dialog id=\"login\"").nth(1);
    let login = login.and_then(|rest| rest.split('>').next());
    assert!(login.is_some_and(|tag| tag.contains("open")), "{page}");
    assert!(!page.contains("street"), "{page}");
}
