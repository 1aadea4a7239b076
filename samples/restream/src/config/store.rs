// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configuration file: what is in it is what runs, also after the next start.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Config;
use crate::error::Error;

/// Where the configuration is kept.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// # Errors
    ///
    /// The file cannot be read, or what is in it cannot work: which line, and why.
    pub fn read(&self) -> Result<Config, Error> {
        let name = self.path.display();
        let text = fs::read_to_string(&self.path)
            .map_err(|error| Error::Invalid(format!("cannot read {name}: {error}")))?;
        let config: Config = toml::from_str(&text).map_err(|error| {
            // The message quotes the line, which may hold a password.
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].lines().count().max(1));
            Error::Invalid(format!("{name}, line {line}: {}", error.message()))
        })?;
        config
            .check()
            .map_err(|error| Error::Invalid(format!("{name}: {error}")))?;
        Ok(config)
    }

    /// Writes all of it: whoever reads, whenever the power fails, finds the old file or the new
    /// one. Only its owner may read it, as it may hold passwords. Comments are not kept.
    ///
    /// # Errors
    ///
    /// The file cannot be written; it is as it was.
    pub fn write(&self, config: &Config) -> Result<(), Error> {
        let cannot = |error: &dyn std::fmt::Display| {
            Error::Failed(format!(
                "cannot keep the configuration in {}: {error}",
                self.path.display()
            ))
        };
        let text = toml::to_string(config).map_err(|error| cannot(&error))?;
        // A link is written through, not replaced.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        replace(&path, &text).map_err(|error| cannot(&error))
    }
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let part = path.with_extension("part");
    // What a process that was killed left there may be readable for others, or lead elsewhere.
    let _ = fs::remove_file(&part);
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Camera, Source};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lynx-store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    const TEXT: &str =
        "[model]\npath = \"m.onnx\"\n[[camera]]\nname = \"a\"\nsource = \"rtsp://u:p@h/s\"\n";

    #[test]
    fn what_is_written_is_read_again_passwords_and_all() {
        let store = Store::new(folder("again").join("config.toml"));
        fs::write(&store.path, TEXT).unwrap();
        let mut config = store.read().unwrap();
        config.cameras.push(Camera {
            name: "b".into(),
            source: Source("test:ball".into()),
            threshold: Some(0.25),
            ..config.cameras[0].clone()
        });
        store.write(&config).unwrap();
        assert_eq!(store.read().unwrap(), config);
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&store.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may read it");
        assert_eq!(
            fs::read_dir(store.path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn what_a_killed_process_left_is_not_written_into() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("left");
        let store = Store::new(folder.join("config.toml"));
        fs::write(&store.path, TEXT).unwrap();
        let config = store.read().unwrap();
        fs::write(folder.join("config.part"), "half").unwrap();
        store.write(&config).unwrap();
        let mode = fs::metadata(&store.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may read it");
        fs::write(folder.join("other"), "theirs").unwrap();
        symlink(folder.join("other"), folder.join("config.part")).unwrap();
        store.write(&config).unwrap();
        assert_eq!(fs::read_to_string(folder.join("other")).unwrap(), "theirs");
        assert_eq!(store.read().unwrap(), config);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_stays_as_it_was() {
        let folder = folder("stays");
        let store = Store::new(folder.join("config.toml"));
        fs::write(&store.path, TEXT).unwrap();
        let config = store.read().unwrap();
        // Where the new file would be written stands a folder.
        fs::create_dir(folder.join("config.part")).unwrap();
        let error = store.write(&config).unwrap_err().to_string();
        assert!(error.contains("config.toml"), "{error}");
        assert_eq!(fs::read_to_string(&store.path).unwrap(), TEXT);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_without_passwords() {
        let store = Store::new(folder("wrong").join("config.toml"));
        let text = format!("{TEXT}colour = \"rtsp://u:S3cr3t@h\"\n");
        fs::write(&store.path, text).unwrap();
        let error = store.read().unwrap_err().to_string();
        assert!(
            error.contains("line") && error.contains("colour"),
            "{error}"
        );
        assert!(!error.contains("S3cr3t"), "{error}");
        let text = "[model]\npath = \"m\"\n[http]\ntoken = 1234567890123456789\n";
        fs::write(&store.path, text).unwrap();
        let error = store.read().unwrap_err().to_string();
        assert!(
            error.contains("line 4") && error.contains("quotes"),
            "{error}"
        );
        assert!(!error.contains("12345"), "{error}");
        let error = Store::new("/nowhere/x.toml")
            .read()
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nowhere/x.toml"), "{error}");
    }
}
