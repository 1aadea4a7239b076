// SPDX-License-Identifier: MIT OR Apache-2.0
//! Folders that are whole or not there.
//!
//! A provider compiles into `<key>.<process>.<count>.tmp`, which becomes `<key>` when all is there
//! and on the disk: who finds a `<key>` finds it whole, also after the power went. Who compiles has
//! the folder locked, so that what others left half done can be told from what they are doing,
//! also where they are processes of another container. What did not load lies in `<key>.bad`.

use std::fs::{self, File};
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::key::{Key, NAME_LEN};
use crate::Error;

/// The file in a folder that says what the folder is for.
const ABOUT: &str = "lynx.txt";

/// Where what one provider compiles of one model is kept.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    key: Key,
}

/// A folder that a provider compiles into. It goes unless it is finished.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    finished: PathBuf,
    about: String,
    /// Locked for as long as this lives; `None` on file systems that cannot.
    _lock: Option<File>,
}

impl Folder {
    pub fn new(root: &Path, key: Key) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.into());
        Self { root, key }
    }

    pub fn path(&self) -> PathBuf {
        self.root.join(self.key.name())
    }

    pub fn is_there(&self) -> bool {
        self.path().is_dir()
    }

    /// A new folder to compile into. What processes that are gone have left half done goes.
    pub fn begin(&self) -> Result<Unfinished, Error> {
        self.begin_in_root()
            .map_err(|error| refused(&self.root, &error))
    }

    fn begin_in_root(&self) -> Result<Unfinished, IoError> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        fs::create_dir_all(&self.root)?;
        sweep(&self.root);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}.{}.{count}.tmp", self.key.name(), std::process::id());
            let path = self.root.join(name);
            match fs::create_dir(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            let lock = File::open(&path).ok().filter(|file| file.lock().is_ok());
            // Somebody who swept may have come between the two.
            if path.is_dir() {
                return Ok(Unfinished {
                    path,
                    finished: self.path(),
                    about: self.key.about().into(),
                    _lock: lock,
                });
            }
        }
    }

    /// Puts what does not load where it is not found, and can be looked at.
    pub fn set_aside(&self) -> Result<(), Error> {
        let bad = self.bad();
        if !self.is_there() {
            return Ok(());
        }
        let _ = fs::remove_dir_all(&bad);
        match fs::rename(self.path(), bad) {
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            moved => moved.map_err(|error| refused(&self.root, &error)),
        }
    }

    /// Puts it back, as something else was the reason.
    pub fn restore(&self) {
        if !self.is_there() {
            let _ = fs::rename(self.bad(), self.path());
        }
    }

    fn bad(&self) -> PathBuf {
        self.root.join(format!("{}.bad", self.key.name()))
    }
}

impl Unfinished {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it the one that others find, unless nothing was compiled. Should another process have
    /// been faster, theirs stays.
    pub fn finish(self) -> Result<(), Error> {
        let root = self.finished.parent().unwrap_or(Path::new(""));
        self.finish_in(root).map_err(|error| refused(root, &error))
    }

    fn finish_in(&self, root: &Path) -> Result<(), IoError> {
        if fs::read_dir(&self.path)?.next().is_none() {
            return Ok(());
        }
        fs::write(self.path.join(ABOUT), &self.about)?;
        sync(&self.path)?;
        match fs::rename(&self.path, &self.finished) {
            Err(_) if self.finished.is_dir() => Ok(()),
            moved => moved.and_then(|()| File::open(root)?.sync_all()),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes files to the disk, so that none is shorter after a loss of power than its name promises.
fn sync(folder: &Path) -> Result<(), IoError> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => sync(&entry.path())?,
            false => File::open(entry.path())?.sync_all()?,
        }
    }
    File::open(folder)?.sync_all()
}

/// Removes unfinished folders that nobody works at.
fn sweep(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        if is_unfinished(&entry.file_name().to_string_lossy())
            && let Ok(folder) = File::open(entry.path())
            && folder.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether it is the name of a folder of ours: the root may be one that others use, too.
fn is_unfinished(name: &str) -> bool {
    let key = name.split('.').next().unwrap_or_default();
    let is_key = key.len() == NAME_LEN && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key && name.ends_with(".tmp")
}

fn refused(folder: &Path, error: &IoError) -> Error {
    Error::Cache {
        folder: folder.into(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
