// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a process uses, from procfs, and signals to it.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// What it holds.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Resident memory in bytes.
    pub memory: u64,
    pub threads: usize,
    pub files: usize,
}

pub fn held(pid: u32) -> Held {
    let memory = std::fs::read_to_string(format!("/proc/{pid}/statm")).expect("procfs");
    let pages: u64 = memory
        .split(' ')
        .nth(1)
        .and_then(|p| p.parse().ok())
        .expect("pages");
    let count = |what: &str| {
        let folder = std::fs::read_dir(format!("/proc/{pid}/{what}"));
        folder.expect("procfs").count()
    };
    Held {
        memory: pages * 4096,
        threads: count("task"),
        files: count("fd"),
    }
}

/// Its open files, by what they are.
pub fn files(pid: u32) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("procfs");
    for target in files
        .flatten()
        .filter_map(|file| file.path().read_link().ok())
    {
        let target = target.display().to_string();
        let kind = target.split(":[").next().unwrap_or_default();
        *kinds.entry(kind.to_string()).or_default() += 1;
    }
    kinds
}

/// Names of its threads.
pub fn threads(pid: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("procfs");
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    let names = tasks.flatten().filter_map(name);
    names.map(|name| name.trim_end().to_string()).collect()
}

/// Processor time so far.
pub fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("procfs");
    // Behind the name, which may hold blanks: user and system time are the 12th and 13th.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|t| t.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// Sends a signal by its name, such as `STOP`.
pub fn signal(pid: u32, name: &str) {
    let line = format!("kill -{name} {pid}");
    let status = Command::new("sh").args(["-c", &line]).status();
    assert!(status.expect("a shell").success(), "{line}");
}
