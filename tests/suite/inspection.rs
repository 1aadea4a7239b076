// SPDX-License-Identifier: MIT OR Apache-2.0
//! The public interface of every element, frozen: a golden of what inspection shows.
//! `UPDATE_GOLDEN=1 tests/run.sh inspection` writes it anew; review the difference.

use std::fmt::Write;
use std::fs;

use gst::prelude::*;
use lynx_tests::places::root;
use lynx_tests::run::init;

/// Every element of the plugin.
pub const ELEMENTS: [&str; 6] = [
    "lynxmotiongate",
    "lynxpreprocess",
    "lynxinfer",
    "lynxtrack",
    "lynxoverlay",
    "lynxpublish",
];

fn describe(name: &str) -> String {
    let factory = gst::ElementFactory::find(name).unwrap_or_else(|| panic!("no element {name}"));
    let element = factory.create().build().unwrap();
    let mut text = String::new();
    writeln!(text, "element: {name}").unwrap();
    writeln!(text, "rank: {:?}", factory.rank()).unwrap();
    for key in ["long-name", "klass", "description", "author"] {
        writeln!(text, "{key}: {}", factory.metadata(key).unwrap_or_default()).unwrap();
    }
    for template in factory.static_pad_templates() {
        let direction = template.direction();
        writeln!(
            text,
            "pad: {} {direction:?} {:?}",
            template.name_template(),
            template.presence()
        )
        .unwrap();
        writeln!(text, "  {}", template.caps()).unwrap();
    }
    let theirs = gst_base_properties();
    for spec in element.list_properties() {
        if theirs.contains(&spec.name().to_owned()) {
            continue;
        }
        property(&mut text, &element, &spec);
    }
    text
}

/// Properties that every element of GStreamer's has.
fn gst_base_properties() -> Vec<String> {
    ["name", "parent", "qos"].map(str::to_owned).to_vec()
}

fn property(text: &mut String, element: &gst::Element, spec: &gst::glib::ParamSpec) {
    // An unset structure cannot be written out.
    let default = match spec.default_value() {
        value if spec.value_type() == gst::Structure::static_type() => {
            assert!(
                value
                    .get::<Option<gst::Structure>>()
                    .is_ok_and(|s| s.is_none())
            );
            "none".into()
        }
        value => value
            .serialize()
            .map_or("none".into(), |text| text.to_string()),
    };
    writeln!(
        text,
        "property: {} ({})",
        spec.name(),
        spec.value_type().name()
    )
    .unwrap();
    writeln!(
        text,
        "  {}: {}",
        spec.nick(),
        spec.blurb().unwrap_or_default()
    )
    .unwrap();
    writeln!(text, "  default: {default}").unwrap();
    if let Some(range) = range(spec) {
        writeln!(text, "  range: {range}").unwrap();
    }
    if let Some(class) = gst::glib::EnumClass::with_type(spec.value_type()) {
        for value in class.values() {
            writeln!(text, "  value: {} = {}", value.nick(), value.name()).unwrap();
        }
    }
    let flags = spec.flags();
    let access = match (
        flags.contains(gst::glib::ParamFlags::READABLE),
        flags.contains(gst::glib::ParamFlags::WRITABLE),
    ) {
        (true, true) => "read and write",
        (true, false) => "read only",
        _ => "write only",
    };
    let when = if flags.contains(gst::PARAM_FLAG_MUTABLE_PLAYING) {
        ", also while PLAYING"
    } else if flags.contains(gst::PARAM_FLAG_MUTABLE_READY) {
        ", in NULL and READY"
    } else {
        ""
    };
    writeln!(text, "  access: {access}{when}").unwrap();
    let blurb = spec.blurb().unwrap_or_default();
    assert!(
        blurb.len() > 10,
        "{}: {} has no documentation",
        element.name(),
        spec.name()
    );
}

fn range(spec: &gst::glib::ParamSpec) -> Option<String> {
    use gst::glib::{ParamSpecFloat, ParamSpecInt, ParamSpecUInt};
    if let Some(spec) = spec.downcast_ref::<ParamSpecUInt>() {
        return Some(format!("{} - {}", spec.minimum(), spec.maximum()));
    }
    if let Some(spec) = spec.downcast_ref::<ParamSpecInt>() {
        return Some(format!("{} - {}", spec.minimum(), spec.maximum()));
    }
    let spec = spec.downcast_ref::<ParamSpecFloat>()?;
    Some(format!("{} - {}", spec.minimum(), spec.maximum()))
}

#[test]
fn the_public_interface_is_the_golden_one() {
    init();
    for name in ELEMENTS {
        let found = describe(name);
        let path = root().join(format!("tests/goldens/{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &found).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            found, golden,
            "{name}: see the head of this file for how to update"
        );
    }
}

#[test]
fn the_plugin_has_these_elements_and_no_other() {
    init();
    let registry = gst::Registry::get();
    let mut found: Vec<_> = registry
        .features_by_plugin("lynx")
        .iter()
        .map(|f| f.name().to_string())
        .collect();
    found.sort();
    let mut expected = ELEMENTS.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected);
}
