// SPDX-License-Identifier: MIT OR Apache-2.0
//! A sham camera (`tests/rtsp/camera.py`), which can be killed and comes back at its address.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use super::{process, repository};

/// See the module. It ends when this is dropped.
pub struct Camera {
    arguments: Vec<String>,
    port: u16,
    child: Child,
}

impl Camera {
    /// `source` as `camera.py` has it: `test:smpte`, `stamp` or a file.
    pub fn start(source: &str, more: &[&str]) -> Self {
        let arguments = [source]
            .into_iter()
            .chain(more.iter().copied())
            .map(ToString::to_string);
        let arguments: Vec<_> = arguments.collect();
        let (child, port) = run(&arguments, 0);
        Self {
            arguments,
            port,
            child,
        }
    }

    pub fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/camera", self.port)
    }

    /// A command on its standard input.
    pub fn tell(&mut self, command: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{command}").expect("it lives");
    }

    pub fn signal(&self, name: &str) {
        process::signal(self.child.id(), name);
    }

    /// At once, without a word to anybody.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Comes back where it was.
    pub fn restart(&mut self) {
        self.kill();
        self.child = run(&self.arguments, self.port).0;
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(arguments: &[String], port: u16) -> (Child, u16) {
    let mut child = Command::new("/usr/bin/python3")
        .arg(repository("tests/rtsp/camera.py"))
        .args(arguments)
        .args(["--port", &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python");
    let mut url = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut url)
        .expect("its address");
    let port = url.trim().strip_prefix("rtsp://127.0.0.1:");
    let port = port.and_then(|rest| rest.strip_suffix("/camera")?.parse().ok());
    (child, port.unwrap_or_else(|| panic!("no camera: {url:?}")))
}
