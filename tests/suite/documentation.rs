// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the documents say is so.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Every file below `folder`, but for what is hidden or built (cargo marks its folder with a tag).
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let hidden = path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden && !path.join("CACHEDIR.TAG").exists() {
            found.append(&mut files(&path));
        } else if path.is_file() && !hidden {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_source_file_carries_its_licence() {
    let endings = [
        ".rs",
        ".sh",
        ".py",
        ".toml",
        "meson.build",
        "meson_options.txt",
    ];
    let mut sources = files(&root());
    sources.retain(|f| endings.iter().any(|e| f.to_string_lossy().ends_with(e)));
    assert!(sources.len() > 50, "{sources:?}");
    for file in sources {
        let text = fs::read_to_string(&file).unwrap();
        let head: String = text.lines().take(3).collect();
        assert!(
            head.contains("SPDX-License-Identifier: MIT OR Apache-2.0"),
            "{}",
            file.display()
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
        "rotation",
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
