// SPDX-License-Identifier: MIT OR Apache-2.0
//! The real application as a process, sham cameras as processes, and viewers.
#![allow(dead_code)] // each test uses its own part of it
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // no test without `#[test]`

pub mod camera;
pub mod http;
pub mod picture;
pub mod process;
pub mod restream;
pub mod viewer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What is waited for comes within this, also on a machine that has much else to do.
pub const SOON: Duration = Duration::from_secs(30);

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// One of the tiny models.
pub fn tiny(name: &str) -> String {
    let path = repository(&format!("tests/models/{name}.onnx"));
    path.canonicalize()
        .expect("the model")
        .display()
        .to_string()
}

/// A folder that goes with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("lynx-restream-{}-{next}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Asks again and again until there is an answer.
pub fn wait<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            start.elapsed() < within,
            "waited {within:?} for this: {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
