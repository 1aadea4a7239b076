// SPDX-License-Identifier: MIT OR Apache-2.0
//! A page an element in `docs/elements`: what is generated there is what the golden of the public
//! interface says (`UPDATE_GOLDEN=1 tests/run.sh pages` writes it anew), and its pipeline runs.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use lynx_tests::places::root;

use crate::inspection::ELEMENTS;

const BEGIN: &str = "<!-- generated from tests/goldens, see tests/suite/pages.rs -->\n";
const END: &str = "<!-- end of what is generated -->\n";

/// A property as the golden has it.
#[derive(Default)]
struct Property<'a> {
    name: &'a str,
    kind: &'a str,
    blurb: &'a str,
    default: &'a str,
    range: Option<&'a str>,
    values: Vec<(&'a str, &'a str)>,
    access: &'a str,
}

fn golden(element: &str) -> String {
    fs::read_to_string(root().join(format!("tests/goldens/{element}.txt"))).unwrap()
}

/// The golden's line `key: value`.
fn line<'a>(golden: &'a str, key: &str) -> &'a str {
    let mut lines = golden.lines();
    lines
        .find_map(|l| l.strip_prefix(key)?.strip_prefix(": "))
        .unwrap()
}

fn properties(golden: &str) -> Vec<Property<'_>> {
    let mut all: Vec<Property<'_>> = Vec::new();
    for line in golden.lines() {
        if let Some(property) = line.strip_prefix("property: ") {
            let (name, kind) = property.split_once(" (").unwrap();
            all.push(Property {
                name,
                kind: kind.trim_end_matches(')'),
                ..Property::default()
            });
        } else if let (Some(property), Some(line)) = (all.last_mut(), line.strip_prefix("  ")) {
            let (key, value) = line.split_once(": ").unwrap();
            match key {
                "default" => property.default = value,
                "range" => property.range = Some(value),
                "value" => property.values.push(value.split_once(" = ").unwrap()),
                "access" => property.access = value,
                _ => property.blurb = value,
            }
        }
    }
    all
}

/// The type as `gst-launch-1.0` users know it, with its range or values.
fn kind(property: &Property<'_>) -> String {
    let name = match property.kind {
        "gchararray" => "string",
        "gboolean" => "boolean",
        "guint" | "gint" => "integer",
        "gfloat" => "number",
        "GstValueArray" => "array",
        "GstStructure" => "structure",
        _ => "one of",
    };
    let range = property.range.map(|r| r.replace(" - ", " to "));
    let values = property.values.iter().map(|(nick, _)| format!("`{nick}`"));
    let values = values.collect::<Vec<_>>().join(", ");
    [name.to_owned(), range.unwrap_or_default(), values]
        .join(" ")
        .trim_end()
        .to_owned()
}

/// A default as one writes it: of a float the shortest number that is the same f32.
fn default(property: &Property<'_>) -> String {
    match (property.kind, property.default) {
        (_, "none") => String::new(),
        ("gfloat", number) => format!("`{}`", number.parse::<f32>().unwrap()),
        (_, text) => format!("`{text}`"),
    }
}

fn generated(element: &str) -> String {
    let golden = golden(element);
    let mut text = format!("{}.\n\n## Pads\n\n", line(&golden, "description"));
    let mut lines = golden.lines();
    while let Some(line) = lines.next() {
        if let Some(pad) = line.strip_prefix("pad: ") {
            let name = pad.split(' ').next().unwrap();
            let caps = lines.next().unwrap().trim().replace("(string)", "");
            let caps = caps.replace("(int)", "").replace("(fraction)", "");
            writeln!(text, "* `{name}`: `{caps}`").unwrap();
        }
    }
    text += "\n## Properties\n\n| property | type | default | access | |\n|---|---|---|---|---|\n";
    for property in properties(&golden) {
        let values = property
            .values
            .iter()
            .map(|(nick, says)| format!(" `{nick}`: {says}."));
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {}.{} |",
            property.name,
            kind(&property),
            default(&property),
            property.access,
            property.blurb,
            values.collect::<String>()
        )
        .unwrap();
    }
    text
}

#[test]
fn each_element_has_a_page_that_says_what_inspection_says() {
    for element in ELEMENTS {
        let path = root().join(format!("docs/elements/{element}.md"));
        let page = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (before, rest) = page
            .split_once(BEGIN)
            .expect("the mark where generated text begins");
        let (written, after) = rest
            .split_once(END)
            .expect("the mark where generated text ends");
        assert!(
            before.contains(&format!("# {element}\n")),
            "{element}: no title"
        );
        for heading in ["## Pipeline\n", "## Metadata\n", "## Limits\n"] {
            assert!(after.contains(heading), "{element}: no {heading}");
        }
        let found = generated(element);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, format!("{before}{BEGIN}{found}{END}{after}")).unwrap();
        } else {
            assert_eq!(
                written, found,
                "{element}: see the head of this file for how to update"
            );
        }
    }
}

/// The `sh` blocks of a page.
fn scripts(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// The page's pipelines, as they are but for the window: its place takes a sink that ends after 20
/// frames.
#[test]
fn each_pages_pipeline_runs() {
    for element in ELEMENTS {
        let page = fs::read_to_string(root().join(format!("docs/elements/{element}.md"))).unwrap();
        let scripts = scripts(&page);
        assert!(!scripts.is_empty(), "{element}");
        for script in scripts {
            assert!(script.contains(element), "{script}");
            assert!(script.contains("autovideosink"), "{script}");
            let short = script.replace("autovideosink", "fakesink num-buffers=20");
            let done = Command::new("bash")
                .args(["-euc", &short])
                .current_dir(root())
                .output()
                .unwrap();
            let errors = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{script}\n{errors}");
            let said = String::from_utf8_lossy(&done.stdout).into_owned() + &errors;
            for word in ["WARN", "ERROR", "CRITICAL"] {
                assert!(!said.contains(word), "{script}\n{said}");
            }
        }
    }
}
