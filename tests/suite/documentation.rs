// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the documents say is so.

use std::fs;

use lynx_tests::places::root;
use lynx_tests::run::init;

use crate::inspection::ELEMENTS;

/// The README's table has a row an element with the description that the element gives itself.
#[test]
fn the_readmes_element_table_is_true() {
    init();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows: Vec<_> = readme
        .lines()
        .filter(|l| l.starts_with("| `lynx"))
        .collect();
    assert_eq!(rows.len(), ELEMENTS.len(), "{rows:#?}");
    for name in ELEMENTS {
        let factory = gst::ElementFactory::find(name).unwrap();
        let row = format!(
            "| `{name}` | {} |",
            factory.metadata("description").unwrap()
        );
        assert!(rows.contains(&row.as_str()), "the README lacks: {row}");
    }
}

#[test]
fn every_source_file_carries_its_licence() {
    let listed = std::process::Command::new("git")
        .args([
            "ls-files",
            "*.rs",
            "*.sh",
            "*.py",
            "*.toml",
            "*meson.build",
            "*meson_options.txt",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let files = String::from_utf8(listed.stdout).unwrap();
    assert!(files.lines().count() > 50, "git lists the sources");
    for file in files.lines().filter(|f| !f.starts_with('.')) {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let head: String = text.lines().take(3).collect();
        assert!(
            head.contains("SPDX-License-Identifier: MIT OR Apache-2.0"),
            "{file}"
        );
    }
}

#[test]
fn every_element_of_a_published_message_is_documented() {
    let document = fs::read_to_string(root().join("docs/json-lines.md")).unwrap();
    for field in [
        "schema",
        "stream",
        "frame",
        "pts",
        "width",
        "height",
        "inference",
        "model",
        "provider",
        "timings",
        "objects",
        "label",
        "class",
        "score",
        "box",
        "id",
        "coasted",
    ] {
        assert!(
            document.contains(&format!("| `{field}` |")),
            "{field} is not documented"
        );
    }
}

#[test]
fn no_placeholder_is_left_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(!readme.contains("@\n") && !readme.contains("@ |") && !readme.contains("TODO"));
}
