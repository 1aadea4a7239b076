// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configuration on disk is the old one or the new one, whenever the process is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use lynx_restream::config::{Camera, Config, Source, Store};

/// Set for the process that writes until it is killed.
const WRITER: &str = "LYNX_STORE_WRITER";

fn config(cameras: usize) -> Config {
    let text = "[model]\npath = \"m.onnx\"\n[[camera]]\nname = \"c\"\nsource = \"test:ball\"\n";
    let mut config: Config = toml::from_str(text).unwrap();
    let first = config.cameras.remove(0);
    let camera = |index| Camera {
        name: format!("camera-{index}"),
        source: Source(format!("rtsp://user:password@192.0.2.7/{index}")),
        ..first.clone()
    };
    config.cameras = (0..cameras).map(camera).collect();
    config
}

#[test]
fn one_killed_while_it_writes_leaves_the_old_or_the_new_and_never_half() {
    let few_many = [config(1), config(2000)];
    if let Some(path) = std::env::var_os(WRITER) {
        let store = Store::new(PathBuf::from(path));
        for config in few_many.iter().cycle() {
            println!("writes");
            store.write(config).unwrap();
        }
    }
    let folder = std::env::temp_dir().join(format!("lynx-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store = Store::new(folder.join("config.toml"));
    store.write(&few_many[0]).unwrap();
    let (mut found, mut halves) = ([0; 2], 0);
    for round in 0..30 {
        let name = "one_killed_while_it_writes_leaves_the_old_or_the_new_and_never_half";
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(WRITER, folder.join("config.toml"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut writes = lines.map_while(Result::ok).filter(|line| line == "writes");
        writes.nth(1 + round % 4).expect("it writes");
        // Now it is somewhere within the next: each time a bit further.
        for _ in 0..round * 20 {
            std::thread::yield_now();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        halves += usize::from(folder.join("config.part").exists());
        let read = store.read().unwrap_or_else(|error| panic!("{error}"));
        let which = few_many.iter().position(|config| *config == read);
        found[which.expect("the old or the new")] += 1;
    }
    println!("found {found:?}; killed within a write: {halves}");
    std::fs::remove_dir_all(&folder).unwrap();
}
