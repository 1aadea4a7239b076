// SPDX-License-Identifier: MIT OR Apache-2.0

use std::error::Error as _;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::sync::OnceCell;
use ort::LoadDynamicError;
use ort::environment::{Environment, EnvironmentBuilder};

use crate::{Error, Provider, file, log};

/// The oldest ONNX Runtime whose C interface is used (`api-24` of `ort`): the one that the
/// newest OpenVINO package carries.
pub const MIN_VERSION: &str = "1.24";

/// The names that the dynamic linker is asked for when `ORT_DYLIB_PATH` is not set.
const NAMES: [&str; 2] = ["libonnxruntime.so.1", "libonnxruntime.so"];

static LIBRARY: OnceCell<Library> = OnceCell::new();

/// The library that `ort` has opened for this process.
static LOADED: OnceCell<PathBuf> = OnceCell::new();

/// The ONNX Runtime library of this process.
#[derive(Debug)]
pub struct Library {
    pub(crate) environment: Environment,
    path: PathBuf,
    version: String,
}

impl Library {
    /// Opens ONNX Runtime, or returns the one that is open.
    ///
    /// With `ORT_DYLIB_PATH` set, that file and no other is tried: a library that was asked for
    /// is never replaced by one that happens to be installed. Otherwise the dynamic linker
    /// looks for `libonnxruntime.so.1` and `libonnxruntime.so`. A failure to open one is not
    /// remembered.
    pub fn open() -> Result<&'static Self, Error> {
        LIBRARY.get_or_try_init(Self::load)
    }

    /// The file that was asked for, or the name that the dynamic linker found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version, such as `1.32.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The execution providers that this build of the library contains.
    pub fn providers(&self) -> Vec<Provider> {
        Provider::ALL
            .into_iter()
            .filter(|p| p.is_available())
            .collect()
    }

    /// Whether the provider's own library, where there is one beside ONNX Runtime, is whole.
    pub(crate) fn check(&self, provider: Provider) -> Result<(), String> {
        let name = format!("libonnxruntime_providers_{provider}.so");
        let path = self.path.with_file_name(name);
        match path.is_absolute() && path.exists() {
            true => file::check_library(&path).map_err(|why| format!("{}: {why}", path.display())),
            false => Ok(()),
        }
    }

    fn load() -> Result<Self, Error> {
        let mut tried = Vec::new();
        // Once `ort` has a library it keeps it, even if starting that one failed.
        let candidates = LOADED
            .get()
            .map_or_else(candidates, |path| vec![path.clone()]);
        for path in candidates {
            match open(&path) {
                Ok(builder) => {
                    let _ = LOADED.set(path.clone());
                    return Self::start(builder, path);
                }
                Err(reason) => tried.push(format!("{}: {reason}", path.display())),
            }
        }
        Err(Error::NoLibrary { tried })
    }

    fn start(builder: EnvironmentBuilder, path: PathBuf) -> Result<Self, Error> {
        let version = version(&path);
        let logger = Arc::new(
            |level, category: &str, _id: &str, place: &str, message: &str| {
                log::forward(level, category, place, message)
            },
        );
        // Cameras' machines report to nobody.
        let environment = builder
            .with_name("lynx")
            .with_telemetry(false)
            .with_logger(logger)
            .build()
            .map_err(|error| Error::Environment {
                path: path.clone(),
                version: version.clone(),
                reason: error.to_string(),
            })?;
        environment.set_log_level(ort::logging::LogLevel::Warning);
        Ok(Self {
            environment,
            path,
            version,
        })
    }
}

fn open(path: &Path) -> Result<EnvironmentBuilder, String> {
    // The dynamic linker finds what is but a name.
    if path.is_absolute() {
        file::check_library(path)?;
    }
    ort::init_from(path).map_err(|error| match error {
        LoadDynamicError::Dlopen { error, .. } => match error.source() {
            // The linker's words begin with the path, as ours do.
            Some(cause) => {
                let cause = cause.to_string();
                let said = cause.strip_prefix(&format!("{}: ", path.display()));
                said.unwrap_or(&cause).to_owned()
            }
            None => error.to_string(),
        },
        LoadDynamicError::MissingApi { .. } => {
            "it is not ONNX Runtime, which exports OrtGetApiBase".into()
        }
        LoadDynamicError::BadVersion { version_str, .. } => {
            format!("it is version {version_str}, which is older than {MIN_VERSION}")
        }
        error => error.to_string(),
    })
}

fn candidates() -> Vec<PathBuf> {
    match std::env::var_os("ORT_DYLIB_PATH") {
        // `ort` would look for a relative path beside the executable.
        Some(path) if !path.is_empty() => vec![std::path::absolute(&path).unwrap_or(path.into())],
        _ => NAMES.iter().map(PathBuf::from).collect(),
    }
}

/// The version as the library tells it, `unknown` should it not.
fn version(path: &Path) -> String {
    // SAFETY: `ort` has loaded this very library and holds it for the life of the process, so
    // opening it again runs no initialiser; `OrtGetApiBase` takes nothing and returns a static
    // table whose `GetVersionString` returns a static string.
    unsafe {
        let Ok(library) = libloading::Library::new(path) else {
            return "unknown".into();
        };
        let base =
            library.get::<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase>(b"OrtGetApiBase");
        match base {
            Ok(base) => CStr::from_ptr(((*base()).GetVersionString)())
                .to_string_lossy()
                .into_owned(),
            Err(_) => "unknown".into(),
        }
    }
}
