// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dependencies point one way: geometry <- tensor <- model; geometry <- motion; geometry <- tracking; all <- element crates <- lynx;
//! runtime <- infer; meta <- elements.

use std::collections::BTreeMap;
use std::process::Command;

use lynx_tests::places;
use serde_json::Value;

/// The normal (not dev, not build) dependencies of each workspace crate.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(places::root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let normal = |package: &Value| -> Vec<String> {
        let all = package["dependencies"].as_array().expect("dependencies");
        all.iter()
            .filter(|d| d["kind"].is_null())
            .map(name)
            .collect()
    };
    packages.iter().map(|p| (name(p), normal(p))).collect()
}

#[test]
fn the_layers_point_one_way() {
    let all = dependencies();
    let allowed: [(&str, &[&str]); 14] = [
        ("lynx-geometry", &[]),
        ("lynx-tensor", &["lynx-geometry"]),
        ("lynx-model", &["lynx-geometry", "lynx-tensor"]),
        ("lynx-motion", &["lynx-geometry"]),
        ("lynx-tracking", &["lynx-geometry"]),
        ("lynx-runtime", &["lynx-model", "lynx-tensor"]),
        ("lynx-meta", &["lynx-geometry", "lynx-tensor"]),
        ("lynx-motiongate", &["lynx-meta", "lynx-motion"]),
        ("lynx-preprocess", &["lynx-meta", "lynx-tensor"]),
        (
            "lynx-infer",
            &[
                "lynx-geometry",
                "lynx-meta",
                "lynx-model",
                "lynx-runtime",
                "lynx-tensor",
            ],
        ),
        (
            "lynx-track",
            &["lynx-geometry", "lynx-meta", "lynx-tracking"],
        ),
        (
            "lynx-overlay",
            &["lynx-geometry", "lynx-meta", "lynx-tensor"],
        ),
        ("lynx-publish", &["lynx-meta"]),
        (
            "gst-plugin-lynx",
            &[
                "lynx-meta", // for its features
                "lynx-motiongate",
                "lynx-preprocess",
                "lynx-infer",
                "lynx-track",
                "lynx-overlay",
                "lynx-publish",
            ],
        ),
    ];
    for (name, allowed) in allowed {
        let found = all
            .get(name)
            .unwrap_or_else(|| panic!("crate {name} is gone"));
        for dependency in found
            .iter()
            .filter(|d| d.starts_with("lynx-") || d.starts_with("gst-plugin-lynx"))
        {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} may not depend on {dependency}"
            );
        }
    }
}

#[test]
fn pure_crates_never_see_gstreamer() {
    let all = dependencies();
    for name in [
        "lynx-geometry",
        "lynx-tensor",
        "lynx-model",
        "lynx-motion",
        "lynx-tracking",
        "lynx-runtime",
    ] {
        for dependency in &all[name] {
            assert!(
                !dependency.starts_with("gstreamer") && dependency != "glib",
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn only_runtime_sees_ort() {
    for (name, dependencies) in dependencies() {
        assert!(
            name == "lynx-runtime" || !dependencies.iter().any(|d| d == "ort"),
            "{name} depends on ort"
        );
    }
}
