// SPDX-License-Identifier: MIT OR Apache-2.0

use std::process::Command;

/// What a published table has to say: machine, compiler, versions of the peers.
pub fn facts(opencv: &str) -> String {
    let mut facts = vec![processor(), rustc(), gst::version_string().to_string()];
    if !opencv.is_empty() {
        facts.push(format!("OpenCV {opencv} (Python, one thread)"));
    }
    facts.extend(["fast_image_resize", "yuv"].map(|name| format!("{name} {}", locked(name))));
    let facts: Vec<_> = facts.iter().map(|fact| format!("* {fact}")).collect();
    facts.join("\n")
}

/// The processor's own name, and which vector instructions of interest it has.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let name = field("model name").unwrap_or_else(|| "processor without a name".into());
    let flags = field("flags").or_else(|| field("Features"));
    let flags = flags.unwrap_or_default();
    let known = ["avx2", "fma", "avx512bw", "asimd"];
    let has = flags.split(' ').filter(|flag| known.contains(flag));
    let has: Vec<_> = has.collect();
    format!("{name} ({}), {}", has.join(", "), std::env::consts::ARCH)
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "rustc of an unknown version".into())
}

/// The version of a crate in Cargo.lock.
fn locked(name: &str) -> &'static str {
    const LOCK: &str = include_str!("../../../../Cargo.lock");
    let package = format!("name = \"{name}\"\nversion = \"");
    let after = LOCK.split_once(&package).map(|(_, after)| after);
    after
        .and_then(|after| after.split('"').next())
        .unwrap_or("of an unknown version")
}
