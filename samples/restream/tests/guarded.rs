// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who may ask the real application what, and how long it waits for those who dawdle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // no test without `#[test]`

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::Scratch;
use common::restream::{Restream, cameras, config};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn connect(app: &Restream) -> TcpStream {
    let page = app.page("");
    let address = page.strip_prefix("http://").expect("an address");
    let stream = TcpStream::connect(address).expect("a connection");
    let within = Some(Duration::from_secs(60));
    stream.set_read_timeout(within).expect("a time");
    stream
}

/// The status of the answer to a request with these headers.
fn status(app: &Restream, line: &str, headers: &[&str], body: &str) -> u16 {
    let mut stream = connect(app);
    let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    let length = body.len();
    text.push_str(&format!("Content-Length: {length}\r\n\r\n{body}"));
    stream.write_all(text.as_bytes()).expect("it listens");
    answered(&mut stream)
}

fn answered(stream: &mut TcpStream) -> u16 {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no status in {answer:?}"))
}

#[test]
fn without_a_token_pages_of_others_read_and_change_nothing() {
    let scratch = Scratch::new();
    let app = Restream::start(&scratch, &config(&cameras(&[("one", "test:ball")])));
    let (host, json) = ("Host: localhost", "Content-Type: application/json");
    let camera = "/api/cameras/one";
    let pause = r#"{"paused": true}"#;
    let ask = |line: &str, headers: &[&str], body: &str| status(&app, line, headers, body);
    assert_eq!(ask("GET /api/status", &[host], ""), 200);
    for foreign in ["Host: evil.example", "Host: [::1].evil.example", "X: y"] {
        for path in ["/api/status", camera, "/metrics"] {
            assert_eq!(
                ask(&format!("GET {path}"), &[foreign], ""),
                403,
                "{foreign}"
            );
        }
    }
    let evil = "Origin: http://evil.example";
    let patch = format!("PATCH {camera}");
    assert_eq!(ask(&patch, &[host, json, evil], pause), 403);
    assert_eq!(ask(&format!("DELETE {camera}"), &[host, evil], ""), 403);
    // What a form of another page can send without asking first.
    let form = "Content-Type: text/plain";
    assert_eq!(ask("POST /api/cameras", &[host, form], pause), 415);
    let long = format!(r#"{{"paused": true}}{}"#, " ".repeat(70_000));
    assert_eq!(ask(&patch, &[host, json], &long), 413);
    let paused = || app.get(camera).json()["config"]["paused"].take();
    assert_eq!(paused(), false);
    assert_eq!(
        ask(&patch, &[host, json, "Origin: http://localhost"], pause),
        200
    );
    assert_eq!(paused(), true);
}

#[test]
fn with_a_token_all_but_page_description_and_health_need_it() {
    let scratch = Scratch::new();
    let text = config(&cameras(&[("one", "test:ball")]));
    let text = text.replace("[http]", &format!("[http]\ntoken = {TOKEN:?}"));
    let app = Restream::start(&scratch, &text);
    for open in ["/", "/openapi.json", "/health/live", "/health/ready"] {
        assert_eq!(status(&app, &format!("GET {open}"), &[], ""), 200, "{open}");
    }
    let with = format!("Authorization: Bearer {TOKEN}");
    let wrong = with.replace("0123", "0124");
    for line in [
        "GET /api/status",
        "GET /api/cameras",
        "GET /api/cameras/one",
        "GET /api/cameras/one/snapshot.jpg",
        "GET /api/model",
        "GET /metrics",
    ] {
        assert_eq!(status(&app, line, &[], ""), 401, "{line}");
        assert_eq!(status(&app, line, &[&wrong], ""), 401, "{line}");
        assert_eq!(status(&app, line, &[&with], ""), 200, "{line}");
    }
    for line in [
        "GET /api/cameras/one/live.mjpg",
        "POST /api/cameras",
        "PATCH /api/cameras/one",
        "PATCH /api/model",
        "DELETE /api/cameras/one",
    ] {
        assert_eq!(status(&app, line, &[], ""), 401, "{line}");
    }
    let in_the_address = format!("GET /api/status?token={TOKEN}");
    assert_eq!(status(&app, &in_the_address, &[], ""), 401);
    let (ended, said) = app.end();
    assert!(ended.success() && !said.contains(TOKEN), "{said}");
}

#[test]
fn who_dawdles_is_sent_off_and_holds_up_nobody() {
    let scratch = Scratch::new();
    let app = Restream::start(&scratch, &config(""));
    let mut silent: Vec<_> = (0..100).map(|_| connect(&app)).collect();
    let mut half = connect(&app);
    half.write_all(
        b"PATCH /api/model HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
          Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    )
    .expect("it listens");
    assert_eq!(app.get("/api/status").status, 200);
    let started = Instant::now();
    assert_eq!(answered(&mut half), 408);
    for stream in &mut silent {
        // They come to an end: nothing, or that it took too long.
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        assert!(!matches!(&ended, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock));
    }
    println!("sent off within {:?}", started.elapsed());
}
