// SPDX-License-Identifier: MIT OR Apache-2.0
//! Looks at files before those open them who would hang or crash on what they find.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::Error;

/// What the file system says of a file with something in it.
///
/// # Errors
/// [`Error::ModelUnreadable`] with the system's reason, or what it is instead of a file (a pipe's
/// reader would wait for ever); [`Error::ModelEmpty`].
pub(crate) fn check_model(path: &Path) -> Result<Metadata, Error> {
    let (_, metadata) = open(path).map_err(|reason| Error::ModelUnreadable {
        path: path.into(),
        reason,
    })?;
    match metadata.len() {
        0 => Err(Error::ModelEmpty { path: path.into() }),
        _ => Ok(metadata),
    }
}

/// Whether the dynamic linker can read all that the shared library `path` says it has. The linker
/// believes the headers: a process that touches what a library cut short lacks is killed (SIGBUS).
/// What is no library at all is left for the linker to refuse.
pub(crate) fn check_library(path: &Path) -> Result<(), String> {
    let (mut file, metadata) = open(path)?;
    let found = metadata.len();
    let mut header = [0; 64];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(());
    }
    // ELF-64, little-endian (System V ABI, chapter 4): where the program headers are, the size of
    // one and how many there are; of one, its type, its place in the file and its size there.
    let (at, size, count) = (number(&header, 32), header[54], header[56]);
    for index in 0..u64::from(count) {
        let mut segment = [0; 40];
        let place = at.saturating_add(index * u64::from(size));
        if file.read_exact_at(&mut segment, place).is_err() {
            return Err(cut_short(found, place.saturating_add(40)));
        }
        let end = number(&segment, 8).saturating_add(number(&segment, 32));
        let loaded = segment[..4] == [1, 0, 0, 0];
        if loaded && end > found {
            return Err(cut_short(found, end));
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<(File, Metadata), String> {
    let said = |error: std::io::Error| error.to_string();
    let metadata = path.metadata().map_err(said)?;
    if metadata.is_dir() {
        return Err("it is a folder".into());
    }
    if !metadata.is_file() {
        return Err("it is a pipe or a device, not a file".into());
    }
    Ok((File::open(path).map_err(said)?, metadata))
}

fn number(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

fn cut_short(found: u64, expected: u64) -> String {
    format!(
        "it is cut short: {found} bytes of at least {expected} are there; fetch or copy it again"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// A library of one loaded segment that ends with the file's `end`th byte.
    fn library(end: u64) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[32..40].copy_from_slice(&64u64.to_le_bytes());
        bytes[54] = 56;
        bytes[56] = 1;
        bytes[64] = 1;
        bytes[64 + 32..64 + 40].copy_from_slice(&end.to_le_bytes());
        bytes
    }

    fn check(name: &str, bytes: &[u8]) -> Result<(), String> {
        let path = std::env::temp_dir().join(format!("lynx-{}-{name}", std::process::id()));
        fs::write(&path, bytes).unwrap();
        let result = check_library(&path);
        fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn a_library_that_is_whole_passes() {
        assert_eq!(check("whole", &library(120)), Ok(()));
        let own = std::env::current_exe().unwrap();
        assert_eq!(check_library(&own), Ok(()));
    }

    #[test]
    fn a_library_that_is_cut_short_names_both_sizes() {
        let in_segment = check("segment", &library(121)).unwrap_err();
        assert!(
            in_segment.contains("120 bytes of at least 121"),
            "{in_segment}"
        );
        let in_headers = check("headers", &library(120)[..100]).unwrap_err();
        assert!(
            in_headers.contains("100 bytes of at least 104"),
            "{in_headers}"
        );
        let nonsense = check("nonsense", &library(u64::MAX)).unwrap_err();
        assert!(nonsense.contains("cut short"), "{nonsense}");
    }

    #[test]
    fn what_is_no_library_is_left_to_the_linker() {
        for (name, bytes) in [("empty", &b""[..]), ("text", b"hello"), ("elf", b"\x7fELF")] {
            assert_eq!(check(name, bytes), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_no_file_is_named() {
        let said = |path: &str| check_library(&PathBuf::from(path)).unwrap_err();
        assert!(said("/nowhere").contains("No such file"));
        assert!(said("/").contains("folder"));
        assert!(said("/dev/zero").contains("device"));
    }
}
