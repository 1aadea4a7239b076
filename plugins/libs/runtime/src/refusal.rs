// SPDX-License-Identifier: MIT OR Apache-2.0
//! What ONNX Runtime's errors say to whoever wants a model to run: the cause without the runtime's
//! own source code in it, whose fault it is, and what to do. Where its codes do not tell, its words
//! do; those that are known are of the versions 1.24 to 1.32.

use std::collections::BTreeMap;

use crate::Provider;

/// Faults of a model file that ONNX Runtime reports as if a provider had failed.
const OF_MODELS: [(&str, &str); 9] = [
    ("external data", BESIDE),
    ("External initializer", BESIDE),
    ("cannot get file size", BESIDE),
    ("is not a registered function/op", OPERATORS),
    ("No Op registered", OPERATORS),
    ("Unsupported model IR version", OLDER),
    ("only *guarantees* support", OLDER),
    ("Protobuf parsing failed", NO_MODEL),
    ("Invalid model", EXPORT),
];

const BESIDE: &str = "its weights are in a file of their own, which is to lie whole beside it: \
     copy that, too, or export the model into one file";
const OPERATORS: &str = "export it with operators of the ONNX standard alone, or of an opset \
     that this version knows";
const OLDER: &str = "export it for an older opset and IR version, or use a newer ONNX Runtime";
const NO_MODEL: &str =
    "it is cut short, damaged or no ONNX file at all; fetch it or export it as ONNX again";
const EXPORT: &str = "export it as ONNX again";

/// What to do about a model file that is at fault; `certain` where the error's code says that it
/// is. `None` where a provider is at fault.
pub(crate) fn of_model(message: &str, certain: bool) -> Option<&'static str> {
    let message = message.to_lowercase();
    let known = OF_MODELS
        .iter()
        .find(|(words, _)| message.contains(&words.to_lowercase()));
    known
        .map(|(_, remedy)| *remedy)
        .or(certain.then_some(EXPORT))
}

/// What to do about a provider that this build of ONNX Runtime has not.
pub(crate) fn not_built_in(provider: Provider) -> String {
    format!(
        "this ONNX Runtime was built without it; list one that it offers or set ORT_DYLIB_PATH to \
         a build that has it (PyPI {})",
        provider.package()
    )
}

/// Why `provider`, which was asked for with these options, does not take a model, and what to do:
/// `message` is the error's, `notes` what ONNX Runtime logged meanwhile.
pub(crate) fn of_provider(
    provider: Provider,
    options: &BTreeMap<String, String>,
    message: &str,
    notes: &[String],
) -> String {
    let mut why = cause(message);
    for note in notes.iter().map(|note| cause(note)) {
        if !why.contains(&note) {
            why = format!("{why}: {note}");
        }
    }
    let library = why.contains("Failed to load library") || why.contains("cut short");
    if !library && !options.is_empty() {
        let options: Vec<_> = options.iter().map(|(k, v)| format!("{k}={v}")).collect();
        why = format!("{why} (asked for with {})", options.join(", "));
    }
    format!("{why}; {}", remedy(provider, library))
}

/// What to do about a provider that refuses; `library` where it could not be loaded.
fn remedy(provider: Provider, library: bool) -> &'static str {
    match (provider, library) {
        (Provider::Cpu, _) => {
            "list a provider that has what the model needs, or export the model again"
        }
        (Provider::OpenVino, true) => {
            "keep all libraries of the package onnxruntime-openvino in one folder"
        }
        (Provider::OpenVino, false) => {
            "correct its options, check the model with OpenVINO's benchmark_app, or list cpu after it"
        }
        (Provider::Cuda, true) => {
            "install CUDA and cuDNN of the versions that ONNX Runtime was built for, and add the \
             folders of their libraries to LD_LIBRARY_PATH"
        }
        (Provider::TensorRt, true) => {
            "install TensorRT, CUDA and cuDNN of the versions that ONNX Runtime was built for, and \
             add the folders of their libraries to LD_LIBRARY_PATH"
        }
        (Provider::Cuda | Provider::TensorRt, false) => {
            "correct its options, or check with nvidia-smi that the driver runs, the device is \
             there and has free memory"
        }
    }
}

/// The message without positions in ONNX Runtime's source code: what follows the signature of the
/// function in `/a/model.cc:256 onnxruntime::Model::Model(int, bool) Unsupported version`, and
/// codes such as `[ONNXRuntimeError] : 1 : FAIL : ` or `[ERROR] `.
pub(crate) fn cause(message: &str) -> String {
    let mut text = message.trim().to_owned();
    while let Some((before, rest)) = split_position(&text) {
        let function = rest.find(") ").map_or(0, |end| end + 2);
        text = format!("{before}{}", &rest[function..]);
    }
    if let Some((before, rest)) = text.split_once("[ONNXRuntimeError] : ") {
        let code = rest.splitn(3, " : ").last().unwrap_or(rest);
        text = format!("{before}{code}");
    }
    let text = text.trim();
    text.strip_prefix("[ERROR] ").unwrap_or(text).to_owned()
}

/// What stands before and after the first `/file.cc:12 ` or `/file.h:12 `.
fn split_position(text: &str) -> Option<(&str, &str)> {
    for end in [".cc:", ".h:"] {
        let Some(at) = text.find(end) else { continue };
        let (path, line) = text.split_at(at);
        let start = path.rfind([' ', ':']).map_or(0, |end| end + 1);
        let line = &line[end.len()..];
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = rest.len() < line.len() && rest.starts_with(' ');
        if numbered && path[start..].starts_with('/') {
            return Some((&path[..start], &rest[1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_CUBLAS: &str = "/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2043 \
        onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : \
        Failed to load library /opt/ort/libonnxruntime_providers_cuda.so with error: \
        libcublasLt.so.13: cannot open shared object file: No such file or directory\n";

    fn said(provider: Provider, message: &str, notes: &[&str]) -> String {
        let options = BTreeMap::from([("device_type".to_owned(), "GPU".to_owned())]);
        let notes: Vec<_> = notes.iter().map(|note| (*note).to_owned()).collect();
        of_provider(provider, &options, message, &notes)
    }

    #[test]
    fn a_cause_has_no_source_code_in_it() {
        assert_eq!(
            cause(NO_CUBLAS),
            "Failed to load library /opt/ort/libonnxruntime_providers_cuda.so with error: \
             libcublasLt.so.13: cannot open shared object file: No such file or directory"
        );
        let ir = "Load model from /a b/m.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:256 \
            onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::ModelOptions&) \
            Unsupported model IR version: 99, max supported IR version: 14\n";
        assert_eq!(
            cause(ir),
            "Load model from /a b/m.onnx failed:Unsupported model IR version: 99, max supported IR \
             version: 14"
        );
        let device =
            "/src/factory.cc:141 T f(const T&) [ERROR] [OpenVINO] Device GPU is not available\n";
        assert_eq!(cause(device), "[OpenVINO] Device GPU is not available");
    }

    #[test]
    fn words_without_source_code_stay_as_they_are() {
        for words in [
            "Load model from /a/b.onnx failed:Protobuf parsing failed.",
            "see /usr/include/half.h: it is missing",
            "Failed to load: [ERROR] x",
            "",
        ] {
            assert_eq!(cause(words), words);
        }
    }

    #[test]
    fn a_provider_without_its_libraries_names_the_missing_one_and_what_to_install() {
        let cuda = said(Provider::Cuda, NO_CUBLAS, &[]);
        for words in [
            "libcublasLt.so.13",
            "install CUDA and cuDNN",
            "LD_LIBRARY_PATH",
        ] {
            assert!(cuda.contains(words), "{cuda}");
        }
        assert!(said(Provider::TensorRt, NO_CUBLAS, &[]).contains("install TensorRT"));
    }

    #[test]
    fn what_only_the_log_says_is_said_too_and_nothing_is_said_twice() {
        let openvino = |message| said(Provider::OpenVino, message, &[NO_CUBLAS, "and more"]);
        let failed = openvino("Failed to load provider OpenVINOExecutionProvider");
        assert!(failed.starts_with(
            "Failed to load provider OpenVINOExecutionProvider: Failed to load library"
        ));
        assert!(failed.contains("directory: and more; keep all"), "{failed}");
        assert_eq!(openvino(NO_CUBLAS).matches("libcublasLt").count(), 1);
    }

    #[test]
    fn a_provider_that_the_build_lacks_names_the_package_that_has_it() {
        let said = not_built_in(Provider::Cuda);
        assert!(
            said.contains("built without it") && said.contains("onnxruntime-gpu"),
            "{said}"
        );
    }

    #[test]
    fn a_driver_that_is_too_old_is_not_taken_for_a_missing_library() {
        let driver =
            "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version";
        let said = said(Provider::Cuda, driver, &[]);
        assert!(said.contains("nvidia-smi"), "{said}");
    }

    #[test]
    fn options_are_told_where_they_may_be_the_reason() {
        let device = "Device GPU is not available";
        let asked = "(asked for with device_type=GPU); correct its options";
        assert!(said(Provider::OpenVino, device, &[]).contains(asked));
        assert!(!said(Provider::OpenVino, NO_CUBLAS, &[]).contains("asked for"));
    }

    #[test]
    fn a_models_own_fault_is_told_from_a_providers() {
        assert_eq!(of_model(NO_CUBLAS, false), None);
        let missing = "External data path does not exist: \"/m/big.onnx.data\"";
        assert_eq!(of_model(missing, false), Some(BESIDE));
        assert_eq!(
            of_model(
                "Type Error: Type 'tensor(string)' of input is invalid.",
                true
            ),
            Some(EXPORT)
        );
    }
}
