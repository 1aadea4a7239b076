// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is in a model file, whatever it is called.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use super::registry::lock;
use crate::Error;
use crate::file::check_model;

/// Tells models apart by what is in their files. Two of the same content are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Content {
    digest: Digest,
    bytes: u64,
    /// Weights that lie in files beside it, told apart by where they are and when they changed:
    /// they may be gigabytes.
    beside: Vec<(PathBuf, Option<State>)>,
}

/// SipHash with two keys: models are not chosen to collide, and 128 bits do not by chance.
type Digest = [u64; 2];

/// A file as it is now: it is another after every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// What reading a file has shown.
#[derive(Debug, Clone)]
struct Read {
    digest: Digest,
    /// Names of files beside it.
    names: BTreeSet<String>,
}

/// What was read already.
static READ: LazyLock<Mutex<HashMap<State, Read>>> = LazyLock::new(Mutex::default);

/// More than the clocks of file systems count in.
const NEW: Duration = Duration::from_secs(2);

impl Content {
    /// Reads the file, unless that was done before and it has not changed.
    pub fn of(model: &Path) -> Result<Self, Error> {
        let metadata = check_model(model)?;
        let state = State::new(&metadata);
        let known = lock(&READ).get(&state).cloned();
        let Read { digest, names } = match known {
            Some(known) => known,
            None => {
                let bytes = std::fs::read(model).map_err(|error| Error::ModelUnreadable {
                    path: model.into(),
                    reason: error.to_string(),
                })?;
                let read = Read {
                    digest: digest(&bytes),
                    names: external(&bytes),
                };
                // One that is this new could change again without its times telling.
                if metadata
                    .modified()
                    .is_ok_and(|then| then.elapsed().is_ok_and(|age| age > NEW))
                {
                    lock(&READ).insert(state, read.clone());
                }
                read
            }
        };
        let folder = model.parent().unwrap_or(Path::new(""));
        let beside = names.iter().map(|name| {
            let path = folder.join(name);
            let path = path.canonicalize().unwrap_or(path);
            let state = path.metadata().ok().map(|now| State::new(&now));
            (path, state)
        });
        Ok(Self {
            digest,
            bytes: state.bytes,
            beside: beside.collect(),
        })
    }
}

/// All of it, so that two that are told alike are equal, also to another process.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([a, b], bytes) = (self.digest, self.bytes);
        write!(f, "{a:016x}{b:016x}, {bytes} bytes")?;
        for (path, state) in &self.beside {
            write!(f, ", with {} {state:?}", path.display())?;
        }
        Ok(())
    }
}

impl State {
    fn new(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

fn digest(bytes: &[u8]) -> Digest {
    [0, 1].map(|key| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(key);
        hasher.write(bytes);
        hasher.finish()
    })
}

/// The files that hold a model's external data: ONNX's `TensorProto.external_data` is a list of
/// `StringStringEntryProto` of which one has the key "location". Text that looks like one names no
/// file, and does no harm.
fn external(model: &[u8]) -> BTreeSet<String> {
    /// Field 1 (key), 8 bytes of text, field 2 (value).
    const LOCATION: &[u8] = b"\x0a\x08location\x12";
    let starts = model.windows(LOCATION.len()).enumerate();
    let starts = starts.filter(|(_, bytes)| *bytes == LOCATION);
    let names = starts.filter_map(|(start, _)| {
        let value = &model[start + LOCATION.len()..];
        // A length of one or two bytes (base 128, the lowest first) is enough for a path.
        let (len, text) = match *value {
            [low @ ..128, ref text @ ..] => (usize::from(low), text),
            [low, high @ ..128, ref text @ ..] => {
                (usize::from(low & 127) | usize::from(high) << 7, text)
            }
            _ => return None,
        };
        let text = str::from_utf8(text.get(..len)?).ok()?;
        Some(text.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("lynx-content-{}-{name}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.0.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn content(path: &Path) -> Content {
        Content::of(path).unwrap()
    }

    #[test]
    fn a_copy_is_the_same_and_a_changed_file_is_not() {
        let folder = Folder::new("copy");
        let (a, b) = (folder.write("a", b"model"), folder.write("b/c", b"model"));
        let before = content(&a);
        assert_eq!(before, content(&b));
        folder.write("a", b"medal");
        assert_ne!(before, content(&a));
        assert_eq!(before, content(&b));
    }

    #[test]
    fn weights_beside_the_file_are_part_of_it() {
        let folder = Folder::new("external");
        let model = b"..\x0a\x08location\x12\x09model.bin..";
        let (a, b) = (folder.write("a/m", model), folder.write("b/m", model));
        let none = content(&a);
        assert_ne!(none, content(&b), "each has its own");
        folder.write("a/model.bin", b"weights");
        let some = content(&a);
        assert_ne!(none, some);
        assert_eq!(some, content(&a));
        folder.write("a/model.bin", b"other weights");
        assert_ne!(some, content(&a));
    }

    #[test]
    fn names_of_external_data_are_read_to_the_end_of_the_file() {
        let names = |model: &[u8]| external(model).into_iter().collect::<Vec<_>>();
        assert_eq!(
            names(b"\x0a\x08location\x12\x01a\x0a\x08location\x12\x01a"),
            ["a"]
        );
        let long = "x".repeat(300);
        let model = [b"\x0a\x08location\x12\xac\x02", long.as_bytes()].concat();
        assert_eq!(names(&model), [long]);
        for cut in 0..model.len() {
            assert!(names(&model[..cut]).is_empty());
        }
        assert!(names(b"\x0a\x08location\x12\xff\xff\xff").is_empty());
    }

    #[test]
    fn no_file_and_an_empty_one_are_refused() {
        let folder = Folder::new("none");
        let missing = Content::of(&folder.0.join("missing"));
        assert!(matches!(missing, Err(Error::ModelUnreadable { .. })));
        let empty = Content::of(&folder.write("empty", b""));
        assert!(matches!(empty, Err(Error::ModelEmpty { .. })));
    }
}
