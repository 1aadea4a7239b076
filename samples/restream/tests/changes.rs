// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cameras and model change over HTTP while viewers watch; the state survives the process.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // helpers have no `#[test]`

mod common;

use std::time::Duration;

use common::picture::Picture;
use common::restream::{Restream, cameras, config};
use common::viewer::Viewer;
use common::{SOON, Scratch, repository, tiny, wait};
use serde_json::{Value, json};

const WHITE: &str = "test:white?width=320&height=240&fps=15";

fn is_bright(picture: &Picture) -> bool {
    picture.mean() > 150.0
}

fn is_dark(picture: &Picture) -> bool {
    picture.mean() < 60.0
}

/// Waits until these are the objects that are seen.
fn wait_objects(app: &Restream, camera: &str, expected: &Value) {
    let mut last = Value::Null;
    let found = (0..600).any(|_| {
        last = app.camera(camera);
        std::thread::sleep(Duration::from_millis(50));
        last["objects"] == *expected
    });
    assert!(found, "{expected} are expected in {last}");
}

#[test]
fn cameras_come_pause_and_go_while_others_are_watched() {
    let scratch = Scratch::new();
    let app = Restream::start(&scratch, &config(&cameras(&[("one", WHITE)])));
    let one = Viewer::watch(&app.url("one"));
    one.wait_picture("the first camera", SOON, is_bright);
    one.gap();

    let two = json!({"name": "two", "source": WHITE});
    app.change("POST", "/api/cameras", Some(&two));
    assert_eq!(app.ask("POST", "/api/cameras", Some(&two)).status, 409);
    let viewer = Viewer::watch(&app.url("two"));
    viewer.wait_picture("the second camera", SOON, is_bright);

    app.change("PATCH", "/api/cameras/two", Some(&json!({"paused": true})));
    viewer.wait_picture("that it pauses", SOON, is_dark);
    assert_eq!(app.camera("two")["state"], "paused");
    app.change("PATCH", "/api/cameras/two", Some(&json!({"paused": false})));
    viewer.wait_picture("that it goes on", SOON, is_bright);
    assert_eq!(viewer.ended(), None, "its session lives on");

    let black = json!({"source": "test:black?width=320&height=240&fps=15"});
    app.change("PATCH", "/api/cameras/two", Some(&black));
    viewer.wait_picture("another source", SOON, is_dark);
    assert_eq!(viewer.ended(), None, "its session lives on");

    app.change("DELETE", "/api/cameras/two", None);
    wait("the end of its session", SOON, || viewer.ended());
    assert_eq!(app.get("/api/cameras/two").status, 404);

    one.wait_frames(5, SOON);
    assert_eq!(one.ended(), None);
    let gap = one.gap();
    println!("longest wait for a frame of the other: {gap:?}");
    assert!(gap < Duration::from_secs(3), "{gap:?}");
}

#[test]
fn threshold_and_model_change_under_a_viewer_and_a_broken_model_is_refused() {
    let scratch = Scratch::new();
    let app = Restream::start(&scratch, &config(&cameras(&[("one", WHITE)])));
    let viewer = Viewer::watch(&app.url("one"));
    viewer.wait_picture("the camera", SOON, is_bright);
    let (both, one) = (json!({"person": 1, "car": 1}), json!({"person": 1}));
    wait_objects(&app, "one", &both);

    // The car's score is 0.8.
    app.change(
        "PATCH",
        "/api/cameras/one",
        Some(&json!({"threshold": 0.85})),
    );
    wait_objects(&app, "one", &one);
    app.change(
        "PATCH",
        "/api/cameras/one",
        Some(&json!({"threshold": null})),
    );
    wait_objects(&app, "one", &both);
    app.change("PATCH", "/api/model", Some(&json!({"threshold": 0.85})));
    wait_objects(&app, "one", &one);
    app.change("PATCH", "/api/model", Some(&json!({"threshold": 0.3})));
    wait_objects(&app, "one", &both);
    assert_eq!(
        app.camera("one")["connections"],
        1,
        "thresholds change without a stop"
    );

    let text = repository("README.md");
    let missing = scratch.path("none.onnx");
    for broken in [&text, &missing, &tiny("faults/unknown-operator").into()] {
        let answer = app.ask("PATCH", "/api/model", Some(&json!({"path": broken})));
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(answer.json()["detail"].is_string(), "{answer:?}");
    }
    let wrong = app.ask("PATCH", "/api/model", Some(&json!({"threshold": 7})));
    assert_eq!(wrong.status, 400, "{wrong:?}");
    viewer.wait_frames(10, SOON);
    assert_eq!(app.camera("one")["connections"], 1, "the old model runs on");
    wait_objects(&app, "one", &both);

    let path = tiny("yolov8-bright");
    app.change("PATCH", "/api/model", Some(&json!({"path": path})));
    wait_objects(&app, "one", &one);
    viewer.wait_picture("the camera with the new model", SOON, is_bright);
    assert_eq!(viewer.ended(), None, "its session lives on");
    assert_eq!(app.status()["model"]["name"], "yolov8-bright");
}

#[test]
fn the_state_survives_that_the_process_is_killed() {
    let scratch = Scratch::new();
    let mut app = Restream::start(
        &scratch,
        &config(&cameras(&[("one", WHITE), ("two", WHITE)])),
    );
    app.wait_for("one", "playing", SOON);
    let three = json!({"name": "three", "source": WHITE, "threshold": 0.85});
    app.change("POST", "/api/cameras", Some(&three));
    app.change("DELETE", "/api/cameras/two", None);
    app.change("PATCH", "/api/cameras/one", Some(&json!({"paused": true})));
    app.change("PATCH", "/api/model", Some(&json!({"threshold": 0.5})));
    let state = |app: &Restream| {
        let of = |name: &str| app.get(&format!("/api/cameras/{name}")).json()["config"].take();
        let model = app.get("/api/model").json();
        (
            of("one"),
            of("three"),
            model,
            app.get("/api/cameras/two").status,
        )
    };
    let before = state(&app);
    app.kill();

    let app = Restream::run(app.config.clone());
    assert_eq!(state(&app), before);
    app.wait_for("one", "paused", SOON);
    app.wait_for("three", "playing", SOON);
    wait_objects(&app, "three", &json!({"person": 1}));
    let (status, said) = app.end();
    assert!(status.success(), "{status}: {said}");
}
