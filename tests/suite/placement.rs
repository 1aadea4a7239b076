// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where models really run, by what ONNX Runtime says of both of its libraries. One library is
//! opened per process, so that tests of OpenVINO's run again in a process of their own.

use std::path::Path;
use std::process::Command;

use lynx_runtime::{
    CpuSet, Error, Precision, Provider, ProviderPolicy, Session, SessionOptions, Verdict,
    parse_providers,
};
use lynx_tests::places::{model, prepared, tiny};

fn on(providers: &str) -> SessionOptions {
    SessionOptions {
        providers: parse_providers(providers).unwrap(),
        ..Default::default()
    }
}

fn with(mut options: SessionOptions, provider: Provider, key: &str, value: &str) -> SessionOptions {
    let given = options.provider_options.entry(provider).or_default();
    given.insert(key.into(), value.into());
    options
}

fn load(name: &str, options: &SessionOptions) -> Result<Session, Error> {
    Session::load(Path::new(name), options)
}

fn refusal(name: &str, options: &SessionOptions) -> String {
    load(name, options).expect_err("a refusal").to_string()
}

fn assert_says(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
}

/// Whether this is the process in which the test named so has OpenVINO's library; if not, runs it
/// there.
fn has_openvino(test: &str) -> bool {
    is_with_openvino(&format!("placement::{test}"))
}

/// The same of a test of any module.
pub(crate) fn is_with_openvino(test: &str) -> bool {
    is_with(test, || prepared("LYNX_ORT_OPENVINO"))
}

/// The same with another library, which is found by who is to run the test there.
pub(crate) fn is_with(test: &str, library: impl FnOnce() -> String) -> bool {
    const MARK: &str = "LYNX_TEST_OPENVINO";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("ORT_DYLIB_PATH", library())
        .env(MARK, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{test} did not run: {said}");
    false
}

#[test]
fn the_cpu_takes_all_of_a_model() {
    let session = load(&model("yolo11n"), &on("cpu")).unwrap();
    let placement = session.placement().unwrap();
    assert_eq!(placement.parts().len(), 1, "{placement}");
    let cpu = placement.of(Provider::Cpu).unwrap();
    assert_eq!((cpu.operators["Conv"], cpu.heavy), (88, 90), "{placement}");
    assert!(cpu.nodes > cpu.heavy);
    assert_eq!(session.provider(), Provider::Cpu);
    assert_eq!(session.verdict(ProviderPolicy::Strict), Verdict::Fine);
}

#[test]
fn openvino_takes_the_heavy_operators() {
    if !has_openvino("openvino_takes_the_heavy_operators") {
        return;
    }
    for providers in ["openvino", "openvino,cpu"] {
        let session = load(&model("yolo11n"), &on(providers)).unwrap();
        let placement = session.placement().unwrap();
        let part = placement.of(Provider::OpenVino).unwrap();
        assert_eq!(
            (part.operators["Conv"], part.heavy),
            (88, 90),
            "{placement}"
        );
        assert_eq!(session.provider(), Provider::OpenVino);
        assert_eq!(session.verdict(ProviderPolicy::Strict), Verdict::Fine);
    }
    // The same library, and the CPU asked for.
    let session = load(&model("yolo11n"), &on("cpu,openvino")).unwrap();
    assert_eq!(session.placement().unwrap().share(Provider::Cpu), 1.0);
    assert_eq!(session.provider(), Provider::Cpu);
}

#[test]
fn a_device_that_takes_nothing_is_told() {
    if !has_openvino("a_device_that_takes_nothing_is_told") {
        return;
    }
    // OpenVINO accepts any word that starts like no device of its own, and takes nothing.
    let mut options = on("openvino,cpu");
    options.device = Some("TOASTER".into());
    let session = load(&tiny("echo"), &options).unwrap();
    assert_eq!(session.provider(), Provider::Cpu);
    let Verdict::Fail(text) = session.verdict(ProviderPolicy::Strict) else {
        panic!("{:?}", session.placement());
    };
    assert_says(&text, &["asked for openvino", "cpu 1 of 1 heavy", "strict"]);
    assert!(matches!(
        session.verdict(ProviderPolicy::Warn),
        Verdict::Warn(_)
    ));
    assert_eq!(session.verdict(ProviderPolicy::Fallback), Verdict::Fine);
}

#[test]
fn openvino_says_why_it_refuses() {
    if !has_openvino("openvino_says_why_it_refuses") {
        return;
    }
    let precise = |precision| SessionOptions {
        precision,
        ..on("openvino")
    };
    let no_device = SessionOptions {
        device: Some("NPU".into()),
        ..precise(Precision::Fp16)
    };
    for (options, words) in [
        (
            with(on("openvino"), Provider::OpenVino, "devise", "1"),
            ["devise", "asked for with device_type=CPU, devise=1"],
        ),
        (
            precise(Precision::Fp16),
            ["CPU only supports FP32", "precision=FP16"],
        ),
        (
            no_device,
            ["Device NPU is not available", "device_type=NPU"],
        ),
    ] {
        let text = refusal(&tiny("echo"), &options);
        assert_says(&text, &words);
        assert_says(&text, &["offers: cpu, openvino", "correct its options"]);
        // With somebody to take its place the reason is the verdict's.
        let mut options = options;
        options.providers.push(Provider::Cpu);
        let session = load(&tiny("echo"), &options).unwrap();
        let Verdict::Fail(text) = session.verdict(ProviderPolicy::Strict) else {
            panic!("{options:?}");
        };
        assert_says(&text, &words);
        if options.precision == Precision::Fp16 {
            assert_says(&text, &["cpu does not compute in fp16"]);
        }
    }
    let options = precise(Precision::Fp32);
    let session = load(&tiny("echo"), &options).unwrap();
    assert_eq!(session.verdict(ProviderPolicy::Strict), Verdict::Fine);
}

#[test]
fn a_provider_that_the_library_lacks_is_refused_with_a_reason() {
    let text = refusal(&tiny("echo"), &on("tensorrt,cuda"));
    let reasons = [
        "tensorrt: this ONNX Runtime was built without it",
        "cuda: this ONNX Runtime was built without it",
        "offers: cpu",
    ];
    assert_says(&text, &reasons);

    let session = load(&tiny("echo"), &on("cuda,openvino,cpu")).unwrap();
    let refused: Vec<_> = session.refusals().iter().map(|r| r.provider).collect();
    assert_eq!(refused, [Provider::Cuda, Provider::OpenVino]);
    assert_eq!(session.provider(), Provider::Cpu);
    let Verdict::Fail(text) = session.verdict(ProviderPolicy::Strict) else {
        panic!();
    };
    let reason = "cuda refused the model: this ONNX Runtime was built without it";
    assert_says(&text, &[reason, "openvino refused", "cpu 1 of 1 heavy"]);
}

#[test]
fn options_that_cannot_work_are_refused_before_anything_is_loaded() {
    let no_file = "/nowhere.onnx";
    let int8 = SessionOptions {
        precision: Precision::Int8,
        ..on("cpu")
    };
    assert_says(&refusal(no_file, &int8), &["precision=int8", "tensorrt"]);
    let affinity = SessionOptions {
        cpu_affinity: Some("1023".parse().unwrap()),
        ..on("cpu")
    };
    assert_says(
        &refusal(no_file, &affinity),
        &["cpu-affinity=1023", "CPU 1023"],
    );
    let text = refusal(
        no_file,
        &SessionOptions {
            providers: vec![],
            ..on("cpu")
        },
    );
    assert_says(&text, &["list of execution providers is empty"]);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_run_on_the_cpus_that_they_were_given() {
    let mine = || allowed("/proc/thread-self");
    let all: CpuSet = mine().parse().unwrap();
    let last = all.to_string();
    let last = last.rsplit([',', '-']).next().unwrap();
    let options = SessionOptions {
        intra_op_threads: 3,
        cpu_affinity: Some(last.parse().unwrap()),
        ..on("cpu")
    };
    let before = threads();
    let _session = load(&tiny("echo"), &options).unwrap();
    assert_eq!(
        mine(),
        all.to_string(),
        "the caller's thread is the caller's"
    );
    let new = threads()
        .into_iter()
        .filter(|thread| !before.contains(thread));
    // Threads of the library itself, which log and the like, start with the first session.
    let pinned = new.filter(|thread| allowed(&format!("/proc/self/task/{thread}")) == last);
    let wanted = if all.count() > 1 {
        2..=2
    } else {
        2..=usize::MAX
    };
    assert!(wanted.contains(&pinned.count()), "of {all} on {last}");
}

#[cfg(target_os = "linux")]
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.map(|task| task.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[cfg(target_os = "linux")]
fn allowed(thread: &str) -> String {
    let status = std::fs::read_to_string(format!("{thread}/status")).unwrap_or_default();
    let mut lines = status.lines();
    let list = lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.unwrap_or_default().trim().to_owned()
}
