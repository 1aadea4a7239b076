// SPDX-License-Identifier: MIT OR Apache-2.0
//! `openapi.json` says what the real application does.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests are tests

mod common;

use std::collections::BTreeSet;

use common::restream::{Restream, cameras, config};
use common::{SOON, Scratch, repository};
use serde_json::{Value, json};

fn description() -> Value {
    let path = repository("samples/restream/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What stands in a description under `$ref`, or itself.
fn resolved<'a>(all: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => all
            .pointer(place.trim_start_matches('#'))
            .expect("what is referred to"),
        None => schema,
    }
}

/// That a value is as a schema says: types, required and only known fields, all the way down.
fn fits(all: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(all, schema);
    if let Some(known) = schema["enum"].as_array() {
        assert!(
            known.contains(value),
            "{place}: {value} is none of {known:?}"
        );
        return;
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        other => panic!("{place}: no type but {other}"),
    };
    let is = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{place}: what is a {other}?"),
    };
    assert!(
        kinds.iter().any(is),
        "{place}: {value} is none of {kinds:?}"
    );
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(all, &schema["items"], item, &format!("{place}[{index}]"));
    }
    let Some(fields) = value.as_object() else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        assert!(fields.contains_key(name), "{place}: no {name}");
    }
    for (name, field) in fields {
        let known = [&schema["properties"][name], &schema["additionalProperties"]];
        let known = known.into_iter().find(|known| known.is_object());
        let known = known.unwrap_or_else(|| panic!("{place}: {name} is not described"));
        fits(all, known, field, &format!("{place}.{name}"));
    }
}

/// The schema of an answer.
fn answer<'a>(all: &'a Value, path: &str, method: &str, status: &str) -> &'a Value {
    let content = &all["paths"][path][method]["responses"][status]["content"];
    &content["application/json"]["schema"]
}

#[test]
fn real_answers_are_as_they_are_described() {
    let (all, scratch) = (description(), Scratch::new());
    let street = [("one", "test:ball?fps=10")];
    let app = Restream::start(&scratch, &config(&cameras(&street)));
    app.wait_for("one", "playing", SOON);
    for path in ["/api/status", "/api/cameras", "/api/model"] {
        fits(
            &all,
            answer(&all, path, "get", "200"),
            &app.get(path).json(),
            path,
        );
    }
    let path = "/api/cameras/{name}";
    let found = app.get("/api/cameras/one").json();
    fits(&all, answer(&all, path, "get", "200"), &found, path);

    let new = json!({"name": "two", "source": "rtsp://u:S3cr3t@127.0.0.1:1/x", "raw": true,
        "paused": true, "threshold": 0.5, "overlay": {"thickness": 3, "draw-labels": false}});
    let added = app.ask("POST", "/api/cameras", Some(&new));
    assert_eq!(added.status, 201);
    fits(
        &all,
        answer(&all, "/api/cameras", "post", "201"),
        &added.json(),
        "added",
    );
    for patch in [
        json!({"threshold": null, "paused": false}),
        json!({"overlay": {"clock": "utc"}}),
    ] {
        let schema = &all["components"]["schemas"]["CameraPatch"];
        fits(&all, schema, &patch, "patch");
        let changed = app.ask("PATCH", "/api/cameras/two", Some(&patch));
        assert_eq!(changed.status, 200, "{changed:?}");
        fits(
            &all,
            answer(&all, path, "patch", "200"),
            &changed.json(),
            "changed",
        );
    }
    let patch = json!({"threshold": 0.45});
    let changed = app.ask("PATCH", "/api/model", Some(&patch));
    fits(
        &all,
        answer(&all, "/api/model", "patch", "200"),
        &changed.json(),
        "model",
    );

    let problem = &all["components"]["schemas"]["Problem"];
    for (method, path, body, status) in [
        ("GET", "/api/cameras/none", None, 404),
        ("GET", "/nothing", None, 404),
        ("PUT", "/api/status", None, 405),
        (
            "POST",
            "/api/cameras",
            Some(json!({"name": "a b", "source": "test:"})),
            400,
        ),
        (
            "POST",
            "/api/cameras",
            Some(json!({"name": "x", "source": "test:", "colour": 1})),
            400,
        ),
        ("POST", "/api/cameras", Some(new), 409),
        (
            "PATCH",
            "/api/model",
            Some(json!({"path": "/nowhere.onnx"})),
            409,
        ),
        (
            "PATCH",
            "/api/cameras/one",
            Some(json!({"overlay": {"no-such": 1}})),
            400,
        ),
    ] {
        let answer = app.ask(method, path, body.as_ref());
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(
            answer
                .head
                .to_lowercase()
                .contains("application/problem+json"),
            "{answer:?}"
        );
        fits(&all, problem, &answer.json(), path);
        assert!(!answer.body.contains("S3cr3t"), "{answer:?}");
    }
    app.change("DELETE", "/api/cameras/two", None);
    assert_eq!(app.get("/openapi.json").json(), all);
}

/// The routes as they stand in the source.
fn routes() -> BTreeSet<(String, String)> {
    let path = repository("samples/restream/src/http/mod.rs");
    let source: String = std::fs::read_to_string(path)
        .unwrap()
        .split_whitespace()
        .collect();
    let mut routes = BTreeSet::new();
    for route in source.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let handlers = rest.split("))").next().unwrap();
        for method in ["get", "post", "patch", "delete", "put"] {
            if handlers.contains(&format!("{method}(")) {
                routes.insert((path.to_string(), method.to_string()));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_described_and_no_other() {
    let all = description();
    let mut described = BTreeSet::new();
    for (path, methods) in all["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        for method in methods.filter(|method| *method != "parameters") {
            described.insert((path.clone(), method.clone()));
        }
    }
    assert!(described.len() >= 15);
    assert_eq!(routes(), described);
}
