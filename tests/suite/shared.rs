// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions and engines that several users have at once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};

use lynx_model::ElementType;
use lynx_runtime::engine::{Padding, Policy};
use lynx_runtime::shared::{Plan, engine, session};
use lynx_runtime::{Error, Provider, SessionOptions, Shape};
use lynx_tests::places::{root, tiny};

fn colour() -> PathBuf {
    tiny("colour").into()
}

fn options(intra_op_threads: usize) -> SessionOptions {
    SessionOptions {
        providers: vec![Provider::Cpu],
        intra_op_threads,
        ..SessionOptions::default()
    }
}

fn plan<'a>(model: &'a Path, options: &'a SessionOptions) -> Plan<'a> {
    Plan {
        model,
        options,
        instance: None,
        inputs: vec![Shape {
            element: ElementType::F32,
            dims: vec![1, 3, 32, 32],
        }],
        batch: 2,
        padding: Padding::Dear,
        requests: 1,
        policy: Policy::Latency,
        cache_dir: None,
    }
}

/// A copy of a file in a folder of its own, which goes with it.
struct Copy(PathBuf);

impl Copy {
    fn of(model: &Path, name: &str) -> Self {
        let folder = format!("lynx-shared-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let copy = folder.join("copy.onnx");
        std::fs::copy(model, &copy).unwrap();
        Self(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn sixteen_that_start_at_once_have_one_engine_and_the_last_frees_it() {
    let (model, options, together) = (colour(), options(2), Barrier::new(16));
    let copy = Copy::of(&model, "sixteen");
    let users: Vec<_> = std::thread::scope(|scope| {
        let start = |nth: usize| {
            let (model, together) = ([&model, &copy.0][nth % 2], &together);
            let plan = plan(model, &options);
            scope.spawn(move || {
                together.wait();
                engine(&plan).unwrap()
            })
        };
        let threads: Vec<_> = (0..16).map(start).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let first = &users[0];
    assert!(users.iter().all(|user| Arc::ptr_eq(user, first)));
    let alone = session(&model, &options, None).unwrap();
    assert!(
        Arc::ptr_eq(&alone, &first.session()),
        "nor is it loaded twice"
    );

    let (engine, session) = (Arc::downgrade(first.engine()), Arc::downgrade(&alone));
    drop(alone);
    let mut users = users;
    users.truncate(1);
    assert!(engine.upgrade().is_some());
    users.clear();
    assert!(engine.upgrade().is_none() && session.upgrade().is_none());
}

#[test]
fn another_batch_has_its_own_engine_on_the_same_weights() {
    let (model, options) = (colour(), options(3));
    let small = engine(&plan(&model, &options)).unwrap();
    let large = Plan {
        batch: 4,
        ..plan(&model, &options)
    };
    let large = engine(&large).unwrap();
    assert!(!Arc::ptr_eq(small.engine(), large.engine()));
    assert!(Arc::ptr_eq(&small.session(), &large.session()));
}

#[test]
fn other_options_or_content_are_another_session() {
    let model = colour();
    let one = session(&model, &options(1), None).unwrap();
    let four = session(&model, &options(4), None).unwrap();
    let other = session(Path::new(&tiny("echo")), &options(1), None).unwrap();
    assert!(!Arc::ptr_eq(&one, &four) && !Arc::ptr_eq(&one, &other));
}

#[test]
fn a_model_that_did_not_load_may_load_later() {
    let copy = Copy::of(&root().join("tests/models/labels.txt"), "late");
    let failed = session(&copy.0, &options(1), None);
    assert!(matches!(failed, Err(Error::ModelInvalid { .. })));
    std::fs::copy(colour(), &copy.0).unwrap();
    session(&copy.0, &options(1), None).unwrap();
}

#[test]
fn an_instance_is_one_engine_and_not_for_another_model() {
    let (model, options) = (colour(), options(1));
    let named = Plan {
        instance: Some("front"),
        ..plan(&model, &options)
    };
    let front = engine(&named).unwrap();
    let choose = Plan {
        requests: 0,
        ..named.clone()
    };
    assert!(Arc::ptr_eq(&front, &engine(&choose).unwrap()));
    let unnamed = engine(&plan(&model, &options)).unwrap();
    assert!(!Arc::ptr_eq(front.engine(), unnamed.engine()));
    assert!(Arc::ptr_eq(&front.session(), &unnamed.session()));

    let echo = PathBuf::from(tiny("echo"));
    let other = Plan {
        model: &echo,
        ..named.clone()
    };
    let more = Plan {
        batch: 8,
        ..named.clone()
    };
    let refused = |result: Result<(), Error>, words: &[&str]| {
        let message = result.unwrap_err().to_string();
        for word in words.iter().chain(&["\"front\"", "colour.onnx"]) {
            assert!(message.contains(word), "{word}: {message}");
        }
    };
    refused(engine(&other).map(drop), &["echo.onnx", "another model"]);
    refused(
        session(&echo, &options, Some("front")).map(drop),
        &["another model"],
    );
    refused(engine(&more).map(drop), &["another size of batch"]);

    drop(front);
    session(&echo, &options, Some("front")).unwrap();
}

#[test]
fn requests_are_measured_once_and_divide_the_cores() {
    let (model, options) = (colour(), options(0));
    let cores = std::thread::available_parallelism().unwrap().get();
    let asked = |requests| Plan {
        requests,
        ..plan(&model, &options)
    };
    let first = engine(&asked(0)).unwrap();
    let choice = first.choice().cloned();
    assert_eq!(choice.is_some(), cores > 1);
    if let Some(choice) = &choice {
        assert!(choice.measured.len() > 1);
        assert!(
            choice.measured.iter().all(|way| way.rate > 0.0),
            "{choice:?}"
        );
        assert_eq!(first.engine().options().requests, choice.requests);
    }
    drop(first);
    let again = engine(&asked(0)).unwrap();
    assert_eq!(again.choice().cloned(), choice, "to the last digit");
    let fixed = engine(&asked(cores)).unwrap();
    assert_eq!(fixed.engine().options().requests, cores);
    assert!(fixed.choice().is_none());
}

#[test]
fn an_engine_goes_on_with_another_session_and_frees_the_old() {
    let (model, slow, fast) = (colour(), options(1), options(2));
    let shared = engine(&plan(&model, &slow)).unwrap();
    let old = Arc::downgrade(&shared.session());
    let new = session(&model, &fast, None).unwrap();
    shared.replace(Arc::clone(&new)).unwrap();
    assert!(Arc::ptr_eq(&shared.session(), &new));
    while old.upgrade().is_some() {
        std::thread::yield_now();
    }
    let same = engine(&plan(&model, &slow)).unwrap();
    assert!(Arc::ptr_eq(&same, &shared), "for all who want it");
}
