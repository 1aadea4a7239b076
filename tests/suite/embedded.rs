// SPDX-License-Identifier: MIT OR Apache-2.0
//! `samples/embed-*`: the same program in three languages says the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lynx_tests::places::{model, root};
use serde_json::Value;

use crate::lines::short_clip;

/// The newest that this build has; the plugin that is installed has it, too.
const FEATURE: &str = if cfg!(feature = "v1_28") {
    "v1_28"
} else if cfg!(feature = "v1_26") {
    "v1_26"
} else if cfg!(feature = "v1_24") {
    "v1_24"
} else {
    ""
};

/// Down the middle of the picture: people go to both sides.
const LINE: [&str; 4] = ["400", "100", "400", "500"];

fn run(command: &mut Command) {
    let done = command.current_dir(root()).output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Installs the plugin below `folder` as README.md says; returns the folder that it is in.
fn install(folder: &Path) -> PathBuf {
    let (build, prefix) = (folder.join("build"), folder.join("prefix"));
    if !build.join("build.ninja").exists() {
        let options = [
            "--buildtype=debug",
            "-Ddefault_library=both",
            "-Dcargo-c=disabled",
        ];
        let mut setup = Command::new("meson");
        setup.arg("setup").arg(&build).arg("meson-compat");
        run(setup
            .arg("--prefix")
            .arg(&prefix)
            .arg("--libdir=lib")
            .args(options));
    }
    // Where this test was built, so that little is built anew.
    let target = folder.ancestors().nth(2).unwrap();
    run(Command::new("ninja")
        .arg("-C")
        .arg(&build)
        .env("CARGO_TARGET_DIR", target));
    run(Command::new("meson")
        .args(["install", "--no-rebuild", "-C"])
        .arg(&build));
    prefix.join("lib/gstreamer-1.0")
}

/// What they print on standard output, after all have ended; they run at the same time.
fn said<const N: usize>(programs: [Command; N], registry: &Path) -> [String; N] {
    let running = programs.map(|mut program| {
        program.current_dir(root()).stdin(Stdio::null());
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        // With fatal warnings GStreamer does not get through its own plugins.
        program.env("GST_REGISTRY", registry).env_remove("G_DEBUG");
        program.spawn().unwrap()
    });
    let done: [Output; N] = running.map(|child| child.wait_with_output().unwrap());
    done.map(|done| {
        let errors = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success(), "{errors}");
        assert!(
            !errors.contains("CRITICAL") && !errors.contains("WARNING **"),
            "{errors}"
        );
        String::from_utf8(done.stdout).unwrap()
    })
}

#[test]
fn rust_c_and_python_count_the_same_crossings() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded");
    let plugins = install(&folder);
    let program = folder.join("count");
    let mut make = Command::new("make");
    make.args([
        "-C",
        "samples/embed-c",
        "CFLAGS=-O1 -Wall -Wextra -Werror -Wno-unused-parameter",
    ]);
    make.arg("--always-make")
        .arg(format!("program={}", program.display()));
    run(make.env("PKG_CONFIG_PATH", plugins.join("pkgconfig")));
    let cargo = |verb: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            verb,
            "--quiet",
            "--locked",
            "--package",
            "embed-rust",
            "--features",
            FEATURE,
        ]);
        cargo
    };
    run(&mut cargo("build"));

    let mut rust = cargo("run");
    rust.arg("--");
    // What they have in them is not looked for elsewhere.
    rust.env_remove("GST_PLUGIN_PATH");
    let mut c = Command::new(program);
    c.env_remove("GST_PLUGIN_PATH");
    let mut python = Command::new("/usr/bin/python3");
    python
        .arg("samples/embed-python/count.py")
        .env("GST_PLUGIN_PATH", &plugins);

    let input = short_clip("embedded", 11);
    let programs = [rust, c, python].map(|mut program| {
        program
            .arg(&input)
            .arg(model("yolox-tiny-person"))
            .args(LINE);
        program
    });
    let [rust, c, python] = said(programs, &folder.join("registry.bin"));
    std::fs::remove_file(input).unwrap();
    let crossings: Vec<Value> = rust
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    for direction in ["in", "out"] {
        assert!(
            crossings.iter().any(|c| c["direction"] == direction),
            "{rust}"
        );
    }
    assert!(
        crossings
            .iter()
            .all(|c| c["label"] == "person" && c["id"].as_u64() > Some(0)),
        "{rust}"
    );
    assert_eq!(c, rust, "C and Rust");
    assert_eq!(python, rust, "Python and Rust");
}
