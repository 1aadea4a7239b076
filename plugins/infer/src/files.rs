// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files beside a model.

use std::fs;
use std::path::{Path, PathBuf};

use lynx_model::describe::{Labels, Sidecar};

/// The text in a file. Who reads a pipe waits for its other end, and a device has no end.
fn read(path: &Path) -> std::io::Result<String> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => fs::read_to_string(path),
        false => Err(std::io::Error::other("it is not a file")),
    }
}

/// The names of classes, one a line.
pub(crate) fn labels(path: &str) -> Result<Labels, String> {
    let text = read(Path::new(path)).map_err(|error| {
        format!("labels file {path} cannot be read: {error}; check labels-file")
    })?;
    Labels::from_lines(&text).map_err(|error| format!("labels file {path}: {error}"))
}

/// The sidecar `<model>.json`, where there is one.
pub(crate) fn sidecar(model: &Path) -> Result<Option<Sidecar>, String> {
    let mut path = model.as_os_str().to_owned();
    path.push(".json");
    let path = PathBuf::from(path);
    match read(&path) {
        Ok(text) => Sidecar::parse(&text)
            .map(Some)
            .map_err(|error| format!("sidecar {}: {error}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!(
            "sidecar {} cannot be read: {error}; mend or remove it",
            path.display()
        )),
    }
}
