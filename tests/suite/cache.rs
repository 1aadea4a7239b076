// SPDX-License-Identifier: MIT OR Apache-2.0
//! What OpenVINO compiles is kept for the next start, and a provider that does not come up leaves
//! the next one serving.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use lynx_model::ElementType;
use lynx_runtime::engine::{Padding, Policy};
use lynx_runtime::shared::{Plan, Progress, Shared, engine, io};
use lynx_runtime::{Binding, Error, Provider, SessionOptions, Shape, parse_providers};
use lynx_tests::places::{prepared, root, tiny};

use crate::placement::{is_with, is_with_openvino};

/// A folder of a test's own, which goes with it.
struct Root(PathBuf);

impl Root {
    fn new(name: &str) -> Self {
        let name = format!("lynx-engines-{}-{name}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&root);
        Self(root)
    }

    /// All files in folders of it.
    fn files(&self) -> BTreeSet<PathBuf> {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten());
        files.map(|file| file.path()).collect()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn image(height: usize, width: usize) -> Shape {
    Shape {
        element: ElementType::F32,
        dims: vec![1, 3, height, width],
    }
}

fn options(providers: &str) -> SessionOptions {
    SessionOptions {
        providers: parse_providers(providers).unwrap(),
        intra_op_threads: 2,
        ..SessionOptions::default()
    }
}

fn plan<'a>(
    model: &'a str,
    options: &'a SessionOptions,
    cache_dir: &'a Path,
    input: Shape,
) -> Plan<'a> {
    Plan {
        model: Path::new(model),
        options,
        instance: None,
        inputs: vec![input],
        batch: 1,
        padding: Padding::Dear,
        requests: 1,
        policy: Policy::Latency,
        cache_dir: Some(cache_dir),
    }
}

fn start(
    model: &str,
    options: &SessionOptions,
    cache_dir: &Path,
    input: Shape,
) -> Result<Arc<Shared>, Error> {
    engine(&plan(model, options, cache_dir, input))
}

#[test]
fn openvino_on_the_cpu_says_that_it_cannot_read_back_what_it_keeps() {
    let test = "cache::openvino_on_the_cpu_says_that_it_cannot_read_back_what_it_keeps";
    if !is_with_openvino(test) {
        return;
    }
    let root = Root::new("unreadable");
    let shared = start(
        &tiny("colour"),
        &options("openvino"),
        &root.0,
        image(32, 32),
    )
    .unwrap();
    assert_eq!(shared.session().provider(), Provider::OpenVino);
    let session = shared.session();
    let problem = session.cache_problem().expect("a problem");
    assert!(problem.contains("libopenvino_ir_frontend.so"), "{problem}");
    assert!(root.files().is_empty(), "{:?}", root.files());
}

/// OpenVINO's package with a file of the name of what it lacks. It writes what it compiles, looks
/// at it at the next start, and compiles anew.
fn with_frontend() -> String {
    let library = PathBuf::from(prepared("LYNX_ORT_OPENVINO"));
    let folder = std::env::temp_dir().join(format!("lynx-openvino-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in fs::read_dir(library.parent().unwrap()).unwrap().flatten() {
        std::os::unix::fs::symlink(file.path(), folder.join(file.file_name())).unwrap();
    }
    fs::write(folder.join("libopenvino_ir_frontend.so"), "").unwrap();
    let library = folder.join(library.file_name().unwrap());
    library.to_string_lossy().into_owned()
}

#[test]
fn what_a_provider_compiled_is_found_by_the_next_start() {
    if !is_with(
        "cache::what_a_provider_compiled_is_found_by_the_next_start",
        with_frontend,
    ) {
        return;
    }
    let (root, openvino) = (Root::new("found"), options("openvino"));
    let colour = tiny("colour");
    let start = |batch: usize| {
        let shared = engine(&Plan {
            batch,
            ..plan(&colour, &openvino, &root.0, image(32, 32))
        });
        let shared = shared.unwrap();
        assert_eq!(shared.session().provider(), Provider::OpenVino);
        assert_eq!(shared.session().cache_problem(), None);
        assert_eq!(shared.progress(), None);
        shared
    };
    let first = start(1);
    let files = root.files();
    let about = files.iter().find(|path| path.ends_with("lynx.txt"));
    let about = fs::read_to_string(about.expect("it says what it is for")).unwrap();
    for words in ["provider: openvino", "its version: 2025", "device_type=CPU"] {
        assert!(about.contains(words), "{words}: {about}");
    }
    assert_eq!(files.len(), 2, "there is a blob: {files:?}");
    // Sizes do not matter to it: other batches have the same session.
    assert!(Arc::ptr_eq(&start(2).session(), &first.session()));
    // The folder that it was built in has another name now; sizes that are new run all the same.
    Binding::new(&first.session(), &[image(32, 32)], &[1, 3]).unwrap();
    drop(first);
    start(1);
    assert_eq!(root.files(), files, "in the same folder");
    for path in files.iter().filter(|path| !path.ends_with("lynx.txt")) {
        fs::remove_file(path).unwrap();
        fs::write(path, "no blob").unwrap();
    }
    start(1);
    assert_eq!(root.files(), files, "what is damaged is made anew");
    let lens = files.iter().map(|path| fs::metadata(path).unwrap().len());
    assert!(lens.max() > Some(1000));
    // What cannot be mended is set aside, and kept once.
    for _ in 0..2 {
        for path in files.iter().filter(|path| !path.ends_with("lynx.txt")) {
            fs::remove_file(path).unwrap();
            fs::create_dir_all(path.join("in the way")).unwrap();
        }
        start(1);
        let (bad, good): (Vec<_>, Vec<_>) = root.files().into_iter().partition(|path| {
            let folder = path.parent().unwrap();
            folder.extension().is_some_and(|end| end == "bad")
        });
        assert_eq!(good, files.iter().cloned().collect::<Vec<_>>());
        assert_eq!(bad.len(), 2, "{bad:?}");
    }
    let library = PathBuf::from(std::env::var_os("ORT_DYLIB_PATH").unwrap());
    fs::remove_dir_all(library.parent().unwrap()).unwrap();
}

#[test]
fn a_provider_that_does_not_come_up_leaves_the_next_one_serving() {
    if !is_with_openvino("cache::a_provider_that_does_not_come_up_leaves_the_next_one_serving") {
        return;
    }
    let root = Root::new("failed");
    let gpu = SessionOptions {
        device: Some("GPU".into()),
        ..options("openvino,cpu")
    };
    let colour = tiny("colour");
    let shared = start(&colour, &gpu, &root.0, image(32, 32)).unwrap();
    assert_eq!(shared.session().provider(), Provider::Cpu);
    let (sender, heard) = mpsc::channel();
    let _subscription = shared.on_progress(move |progress| drop(sender.send(progress)));
    let end = loop {
        match heard.recv_timeout(Duration::from_secs(60)).unwrap() {
            Progress::Building { provider, .. } => assert_eq!(provider, Provider::OpenVino),
            end => break end,
        }
    };
    let Progress::Failed { provider, reason } = &end else {
        panic!("there is a GPU: {end:?}");
    };
    assert_eq!(*provider, Provider::OpenVino);
    assert!(reason.contains("GPU"), "{reason}");
    assert_eq!(shared.session().provider(), Provider::Cpu);
    assert_eq!(shared.engine().stats().workers, 1);
    let late = start(&colour, &gpu, &root.0, image(32, 32)).unwrap();
    assert_eq!(late.progress(), Some(end), "who comes late knows it");
    assert!(root.files().is_empty(), "{:?}", root.files());
}

#[test]
fn a_cache_that_cannot_be_written_to_is_named_at_the_start() {
    let test = "cache::a_cache_that_cannot_be_written_to_is_named_at_the_start";
    if !is_with_openvino(test) {
        return;
    }
    let root = Root::new("file");
    fs::write(&root.0, "a file").unwrap();
    for providers in ["openvino", "openvino,cpu"] {
        let gpu = SessionOptions {
            device: Some("GPU".into()),
            ..options(providers)
        };
        let started = start(&tiny("colour"), &gpu, &root.0, image(32, 32));
        let message = started.map(drop).unwrap_err().to_string();
        for words in [root.0.to_str().unwrap(), "engine-cache-dir"] {
            assert!(message.contains(words), "{words}: {message}");
        }
    }
    fs::remove_file(&root.0).unwrap();
}

#[test]
fn what_a_model_says_of_itself_is_known_without_its_providers() {
    let io = io(Path::new(&tiny("two-inputs"))).unwrap();
    assert_eq!(io.inputs.len(), 2);
    let labels = root().join("tests/models/labels.txt");
    let refused = lynx_runtime::shared::io(&labels);
    assert!(matches!(refused, Err(Error::ModelInvalid { .. })));
}
