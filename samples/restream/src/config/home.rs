// SPDX-License-Identifier: MIT OR Apache-2.0

use std::path::{Path, PathBuf};

/// The path with the home folder for a leading `~`.
pub fn at_home(path: &Path) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder_and_nothing_else_changes() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        assert_eq!(at_home(Path::new("~/a/b.onnx")), home.join("a/b.onnx"));
        for path in ["/a/~/b", "a~", "~other/x"] {
            assert_eq!(at_home(Path::new(path)), Path::new(path));
        }
    }
}
