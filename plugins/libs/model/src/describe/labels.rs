// SPDX-License-Identifier: MIT OR Apache-2.0

use std::sync::Arc;

use super::{Error, names};

/// Names of a model's classes, class 0 first. Cheap to clone.
///
/// Never empty; a name is never empty and has no NUL, so that it can cross into C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Arc<[Box<str>]>,
}

impl Labels {
    /// The most classes a model may have: a bound on what a hostile file can make Lynx allocate.
    pub const MAX: usize = 65_536;

    /// What [`Labels::get`] answers for a class outside the labels.
    pub const UNKNOWN: &'static str = "unknown class";

    /// From names, class 0 first.
    ///
    /// # Errors
    /// [`Error::Labels`] for no names, more than [`Labels::MAX`], or a name that is empty or
    /// has a NUL.
    pub fn new<S: Into<Box<str>>>(names: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let names: Arc<[Box<str>]> = names.into_iter().map(Into::into).collect();
        if names.is_empty() || names.len() > Self::MAX {
            return Err(Error::Labels {
                found: format!("{} labels", names.len()),
                expected: "1 to 65536",
            });
        }
        let bad = |name: &str| name.trim().is_empty() || name.contains('\0');
        if let Some(class) = names.iter().position(|name| bad(name)) {
            return Err(Error::Labels {
                found: format!("class {class} is called {:?}", names[class]),
                expected: "a name that is not empty and has no NUL",
            });
        }
        Ok(Self { names })
    }

    /// From the text of a labels file: one label a line, class 0 first. Line ends may be CRLF,
    /// spaces around a label do not count, and empty lines may only follow the last label.
    ///
    /// # Errors
    /// [`Error::Labels`] for a file without labels, an empty line between labels, or names
    /// that [`Labels::new`] refuses.
    pub fn from_lines(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
        if text.is_empty() {
            return Err(Error::Labels {
                found: "the text is empty".to_owned(),
                expected: "one label a line, class 0 first",
            });
        }
        if let Some(line) = text.lines().position(|line| line.trim().is_empty()) {
            return Err(Error::Labels {
                found: format!("line {} is empty", line + 1),
                expected: "one label a line, class 0 first",
            });
        }
        Self::new(text.lines().map(str::trim))
    }

    /// From the `names` that Ultralytics writes into a model's metadata, the Python text of a
    /// dictionary or list (`{0: 'person', 1: 'bicycle'}`, `['person', 'bicycle']`), or the same
    /// in JSON. A dictionary's keys are 0 to n − 1, each once, in any order.
    ///
    /// # Errors
    /// [`Error::Labels`] with the byte where the text stops making sense, for a class that is
    /// missing or named twice, or for names that [`Labels::new`] refuses.
    pub fn from_names(text: &str) -> Result<Self, Error> {
        Self::new(names::parse(text)?)
    }

    /// From words between white space, as OpenVINO's Model API writes `model_info labels`
    /// (spaces inside a label have become underscores there).
    ///
    /// # Errors
    /// As [`Labels::new`].
    pub fn from_words(text: &str) -> Result<Self, Error> {
        Self::new(text.split_whitespace())
    }

    /// For a model without labels: `class 0`, `class 1`, ... `count` of them, at least 1 and at
    /// most [`Labels::MAX`].
    pub fn numbered(count: usize) -> Self {
        let names = (0..count.clamp(1, Self::MAX)).map(|class| format!("class {class}").into());
        Self {
            names: names.collect(),
        }
    }

    /// The name of `class`; [`Labels::UNKNOWN`] when there is none. Never allocates.
    pub fn get(&self, class: u32) -> &str {
        let name = self.names.get(class as usize);
        name.map_or(Self::UNKNOWN, |name| name)
    }

    /// All names, class 0 first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Always false.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(labels: &Labels) -> Vec<&str> {
        labels.iter().collect()
    }

    #[test]
    fn a_file_may_come_from_windows_and_end_in_empty_lines() {
        let labels = Labels::from_lines("\u{feff}person\r\ntraffic light \r\n\r\n\n").unwrap();
        assert_eq!(names(&labels), ["person", "traffic light"]);
        assert_eq!(labels.get(1), "traffic light");
    }

    #[test]
    fn an_empty_file_and_an_empty_line_are_errors() {
        let error = |text| Labels::from_lines(text).unwrap_err().to_string();
        assert_eq!(
            error(" \r\n\n"),
            "labels: the text is empty; expected one label a line, class 0 first"
        );
        assert!(error("a\n\nb\n").starts_with("labels: line 2 is empty;"));
        assert!(error("a\nb\0c").contains("class 1 is called \"b\\0c\""));
    }

    #[test]
    fn a_model_without_labels_numbers_its_classes() {
        let labels = Labels::numbered(80);
        assert_eq!(
            (labels.get(7), labels.get(80)),
            ("class 7", Labels::UNKNOWN)
        );
        assert_eq!(Labels::numbered(usize::MAX).len(), Labels::MAX);
    }

    #[test]
    fn more_labels_than_any_model_has_are_refused() {
        let error = Labels::from_words(&"a ".repeat(Labels::MAX + 1)).unwrap_err();
        assert!(error.to_string().contains("65537 labels"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,64}", braces in "[\\[\\]{}'\":,0-9a-zx\\\\ ]{0,32}") {
            for text in [text, braces] {
                for labels in [Labels::from_lines, Labels::from_names, Labels::from_words] {
                    if let Ok(labels) = labels(&text) {
                        prop_assert!(labels.iter().all(|name| !name.is_empty()));
                    }
                }
            }
        }
    }
}
