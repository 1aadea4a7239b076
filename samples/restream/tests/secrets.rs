// SPDX-License-Identifier: MIT OR Apache-2.0
//! No password of a camera or of a viewer leaves the process.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // helpers have no `#[test]`

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::camera::Camera;
use common::restream::{Restream, cameras, config};
use common::{SOON, Scratch};
use serde_json::json;

const PASSWORD: &str = "S3cr3t";

/// A web server that lets nobody in.
fn closed_door() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("a port").to_string();
    std::thread::spawn(move || {
        let answer = |mut stream: TcpStream| {
            let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        };
        listener.incoming().flatten().for_each(answer);
    });
    address
}

#[test]
fn passwords_of_cameras_and_viewers_are_nowhere_to_be_found() {
    let scratch = Scratch::new();
    let mut camera = Camera::start("test:white", &["--user", "admin", "--password", PASSWORD]);
    let address = camera.url().replace("rtsp://", "");
    let door = closed_door();
    let list = cameras(&[
        ("right", &format!("rtsp://admin:{PASSWORD}@{address}")),
        ("wrong", &format!("rtsp://other:{PASSWORD}@{address}")),
        ("nobody", &format!("rtsp://admin:{PASSWORD}@127.0.0.1:1/x")),
        (
            "nowhere",
            &format!("rtsp://admin:{PASSWORD}@nowhere.invalid/x?password={PASSWORD}"),
        ),
        (
            "web",
            &format!("http://admin:{PASSWORD}@{door}/x.mjpg?token={PASSWORD}"),
        ),
    ]);
    let users = format!("[rtsp.users]\nanna = {PASSWORD:?}\n");
    let app = Restream::start(&scratch, &config(&format!("{users}{list}")));
    app.wait_for("right", "playing", SOON);
    for name in ["wrong", "nobody", "nowhere", "web"] {
        app.wait_for(name, "lost", SOON);
    }

    let mut answers = String::new();
    let mut keep = |what: String, answer: common::http::Answer| {
        answers.push_str(&format!("=== {what}\n{}\n\n{}\n", answer.head, answer.body));
    };
    for path in [
        "/",
        "/api/status",
        "/api/cameras",
        "/api/model",
        "/metrics",
        "/openapi.json",
    ] {
        keep(path.into(), app.get(path));
    }
    for name in ["right", "wrong", "nobody", "nowhere", "web"] {
        let path = format!("/api/cameras/{name}");
        keep(path.clone(), app.get(&path));
        keep(
            path.clone(),
            app.ask("PATCH", &path, Some(&json!({"threshold": 0.4}))),
        );
    }
    for source in [
        format!("ftp://u:{PASSWORD}@h/"),
        format!("rtsp://u:{PASSWORD}@/"),
        format!("rtsp://u:{PASSWORD}@127.0.0.1:1/y"),
    ] {
        let body = json!({"name": "more", "source": source});
        keep(
            source.replace(PASSWORD, "…"),
            app.ask("POST", "/api/cameras", Some(&body)),
        );
        app.ask("DELETE", "/api/cameras/more", None);
    }
    let body = json!({"name": "more", "source": 7, "sauce": format!("rtsp://u:{PASSWORD}@h/")});
    keep(
        "a wrong body".into(),
        app.ask("POST", "/api/cameras", Some(&body)),
    );
    camera.kill();
    keep("lost".into(), {
        app.wait_for("right", "lost", SOON);
        app.get("/api/status")
    });
    assert!(
        answers.contains("lynx_camera_up"),
        "the metrics are among them"
    );
    assert!(!answers.contains(PASSWORD), "{answers}");

    let (status, said) = app.end();
    assert!(status.success(), "{status}");
    assert!(said.contains("camera wrong: "), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
    let kept = std::fs::read_to_string(scratch.path("config.toml")).expect("the configuration");
    assert!(kept.contains(PASSWORD), "the file alone keeps them");
}
