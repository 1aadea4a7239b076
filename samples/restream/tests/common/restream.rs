// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynx-restream` as a process, asked over HTTP.

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::http::{self, Answer};
use super::{SOON, Scratch, process, tiny, wait};

/// See the module. It ends when this is dropped.
pub struct Restream {
    child: Child,
    http: String,
    said: Arc<Mutex<String>>,
    pub config: PathBuf,
}

/// A configuration: the person and the car in every picture, free ports, cheap encoding.
pub fn config(more: &str) -> String {
    let model = tiny("yolov8-fixed");
    format!(
        "[model]\npath = {model:?}\n[model.properties]\nintra-op-threads = 1\n\
         [encoder]\nelement = \"x264enc\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [rtsp]\nlisten = \"127.0.0.1:0\"\n{more}"
    )
}

/// `[[camera]]`s for a configuration.
pub fn cameras(cameras: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, source) in cameras {
        let _ = writeln!(text, "[[camera]]\nname = {name:?}\nsource = {source:?}");
    }
    text
}

impl Restream {
    /// Writes `config` into `scratch` and starts with it.
    pub fn start(scratch: &Scratch, config: &str) -> Self {
        let path = scratch.path("config.toml");
        std::fs::write(&path, config).expect("a file");
        Self::run(path)
    }

    /// Starts with the configuration that is there.
    pub fn run(config: PathBuf) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lynx-restream"))
            .arg(&config)
            .stderr(Stdio::piped())
            .spawn()
            .expect("lynx-restream");
        let said = Arc::new(Mutex::new(String::new()));
        let (into, lines) = (said.clone(), child.stderr.take().expect("its errors"));
        std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                let mut said = into.lock().unwrap();
                said.push_str(&line);
                said.push('\n');
            }
        });
        let ended = |child: &mut Child| child.try_wait().expect("a child");
        let http = wait("the address of its page", SOON, || {
            let said = said.lock().unwrap().clone();
            if let Some(status) = ended(&mut child) {
                panic!("it ended, {status}: {said}");
            }
            let (_, rest) = said.split_once("on http://")?;
            rest.split_once('/').map(|(address, _)| address.to_string())
        });
        Self {
            child,
            http,
            said,
            config,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it wrote to its standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The whole address of something over HTTP.
    pub fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let answer = http::ask(&self.http, method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}; it said:\n{}", self.said()))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    /// Changes something, which must succeed.
    pub fn change(&self, method: &str, path: &str, body: Option<&Value>) {
        let answer = self.ask(method, path, body);
        assert!(
            (200..300).contains(&answer.status),
            "{method} {path}: {answer:?}"
        );
    }

    pub fn status(&self) -> Value {
        self.get("/api/status").json()
    }

    /// A camera's status.
    pub fn camera(&self, name: &str) -> Value {
        self.get(&format!("/api/cameras/{name}")).json()["status"].take()
    }

    /// Where a camera is to be watched.
    pub fn url(&self, name: &str) -> String {
        let status = self.status();
        format!("{}/{name}", status["rtsp"].as_str().expect("an address"))
    }

    /// Waits until a camera is in a state; its status then.
    pub fn wait_for(&self, name: &str, state: &str, within: Duration) -> Value {
        let what = format!("{name} is {state}");
        let mut last = Value::Null;
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            wait(&what, within, || {
                last = self.camera(name);
                (last["state"] == state).then(|| last.clone())
            })
        }));
        found.unwrap_or_else(|_| panic!("{what}? It is {last}; it said:\n{}", self.said()))
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) -> (ExitStatus, String) {
        process::signal(self.pid(), "INT");
        let status = wait("its end", SOON, || self.child.try_wait().expect("a child"));
        (status, self.said())
    }

    /// At once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Restream {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("lynx-restream said:\n{}", self.said());
        }
    }
}
