// SPDX-License-Identifier: MIT OR Apache-2.0
//! What makes what a provider compiled good for nothing else.

use std::fmt::{Display, Write};
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use crate::{Library, Provider, SessionOptions};

/// Characters of a folder's name.
pub(super) const NAME_LEN: usize = 32;

/// What a folder is for, and its name: the hash of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    about: String,
    name: String,
}

impl Key {
    pub fn new(about: String) -> Self {
        // Two SipHashes, as of a model's content. One that another Rust gives other values finds
        // nothing, and compiles anew.
        let half = |key: u64| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(key);
            hasher.write(about.as_bytes());
            hasher.finish()
        };
        let name = format!("{:016x}{:016x}", half(0), half(1));
        Self { about, name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn about(&self) -> &str {
        &self.about
    }
}

/// Says all that matters of what a provider of `options` compiles: the content of the model, the
/// versions of ONNX Runtime and of the provider, the machine, the options (device and precision
/// among them), the providers that are asked before it, and sizes where these are compiled in.
pub(super) fn about(
    library: &Library,
    provider: Provider,
    options: &SessionOptions,
    content: &dyn Display,
    sizes: Option<&dyn Display>,
) -> String {
    let before = options.providers.iter().take_while(|p| **p != provider);
    let before: Vec<_> = before.map(|p| p.name()).collect();
    let keys = options.keys(provider);
    let keys: Vec<_> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let lines: [(&str, &dyn Display); 7] = [
        ("model", content),
        ("ONNX Runtime", &library.version()),
        ("provider", &provider),
        ("its version", &version(provider, library.path())),
        ("machine", &machine(provider)),
        ("after", &before.join(", ")),
        ("options", &keys.join(" ")),
    ];
    let mut about = String::from("Compiled by Lynx for:\n");
    for (what, value) in lines {
        let _ = writeln!(about, "{what}: {value}");
    }
    if let Some(sizes) = sizes {
        let _ = writeln!(about, "inputs: {sizes}");
    }
    about
}

/// The version of the library behind a provider. Where it is not known the provider itself tells
/// what another version of it wrote, and compiles anew.
fn version(provider: Provider, onnxruntime: &Path) -> String {
    let version = match provider {
        Provider::OpenVino => beside(onnxruntime, "libopenvino.so."),
        Provider::TensorRt => tensorrt(),
        Provider::Cpu | Provider::Cuda => None,
    };
    version.unwrap_or_else(|| "unknown".into())
}

/// What follows `start` in the longest name of a file beside another: `2025.4.1`.
pub(super) fn beside(file: &Path, start: &str) -> Option<String> {
    let entries = std::fs::read_dir(file.parent()?).ok()?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| Some(name.to_str()?.strip_prefix(start)?.to_owned()));
    names.max_by_key(|version| (version.len(), version.clone()))
}

fn tensorrt() -> Option<String> {
    let names = ["libnvinfer.so.10", "libnvinfer.so.11", "libnvinfer.so"];
    // SAFETY: it is the library that the provider itself opens next, so that no initialiser runs
    // that would not anyway; the function takes nothing and gives a number (NvInferRuntimeBase.h).
    unsafe {
        let mut libraries = names.iter().map(|name| libloading::Library::new(*name));
        let library = libraries.find_map(Result::ok)?;
        let version = library.get::<unsafe extern "C" fn() -> i32>(b"getInferLibVersion");
        let version = version.ok().map(|version| version().to_string());
        // It is opened again at once, which takes its time.
        std::mem::forget(library);
        version
    }
}

/// The hardware that a provider compiles for, as the kernel tells it, and its driver.
fn machine(provider: Provider) -> String {
    match provider {
        Provider::TensorRt => nvidia(Path::new("/proc/driver/nvidia")),
        _ => {
            let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
            value(&cpu, "model name").unwrap_or_default().into()
        }
    }
}

/// All GPUs: which of them is number 0 is for the driver to say.
fn nvidia(proc: &Path) -> String {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let gpus = std::fs::read_dir(proc.join("gpus")).into_iter().flatten();
    let gpus = gpus
        .flatten()
        .map(|gpu| read(&gpu.path().join("information")));
    let models = gpus.filter_map(|text| value(&text, "Model").map(str::to_owned));
    let mut machine: Vec<_> = models.collect();
    machine.sort();
    machine.extend(value(&read(&proc.join("version")), "NVRM version").map(str::to_owned));
    machine.join(", ")
}

/// `Model: <value>`
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = pairs.filter(|(key, _)| key.trim() == name);
    values.next().map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_are_hexadecimal_and_tell_keys_apart() {
        let [a, b] = ["a", "b"].map(|about| Key::new(about.into()));
        assert_eq!(a.name().len(), NAME_LEN);
        assert!(a.name().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(a, Key::new("a".into()));
        assert_ne!(a.name(), b.name());
    }

    #[test]
    fn versions_and_machines_are_read_where_they_are_written() {
        let root = std::env::temp_dir().join(format!("lynx-key-{}", std::process::id()));
        for (path, text) in [
            ("libopenvino.so", ""),
            ("libopenvino.so.2541", ""),
            ("libopenvino.so.2025.4.1", ""),
            (
                "gpus/0000:65:00.0/information",
                "Model: \t NVIDIA L4\nIRQ: 1\n",
            ),
            ("gpus/0000:17:00.0/information", "Model: \t NVIDIA A2\n"),
            (
                "version",
                "NVRM version: x86_64 570.1  Release\nGCC version: 12\n",
            ),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let library = root.join("libonnxruntime.so");
        let (version, machine) = (version(Provider::OpenVino, &library), nvidia(&root));
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(version, "2025.4.1");
        assert_eq!(machine, "NVIDIA A2, NVIDIA L4, x86_64 570.1  Release");
        assert_eq!(beside(&library, "libopenvino.so."), None);
        assert_eq!(nvidia(&root), "");
    }
}
