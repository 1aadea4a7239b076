// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is drawn of the objects of a class.

/// What is drawn of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub boxes: bool,
    pub label: bool,
    pub trail: bool,
    pub mask: bool,
}

impl Parts {
    const ALL: Self = Self {
        boxes: true,
        label: true,
        trail: true,
        mask: true,
    };
    const NONE: Self = Self {
        boxes: false,
        label: false,
        trail: false,
        mask: false,
    };
}

/// `person=box+label,car=none,*=box`: what is drawn of each class; all of it where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DisplayMode {
    pub text: String,
    classes: Vec<(String, Parts)>,
    others: Option<Parts>,
}

impl DisplayMode {
    /// # Errors
    ///
    /// Which part of the text says nothing that is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut mode = Self {
            text: text.into(),
            ..Self::default()
        };
        for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let (class, words) = entry.rsplit_once('=').ok_or_else(|| {
                format!("{entry:?} in display-mode is not CLASS=PARTS, such as person=box+label")
            })?;
            let parts = parts(words)?;
            match class.trim() {
                "*" => mode.others = Some(parts),
                class => mode.classes.push((class.into(), parts)),
            }
        }
        Ok(mode)
    }

    pub fn of(&self, label: &str) -> Parts {
        let found = self.classes.iter().find(|(class, _)| class == label);
        found.map_or_else(|| self.others.unwrap_or(Parts::ALL), |(_, parts)| *parts)
    }
}

fn parts(words: &str) -> Result<Parts, String> {
    let mut parts = Parts::NONE;
    for word in words.split('+').map(str::trim) {
        match word {
            "all" => parts = Parts::ALL,
            "none" => {}
            "box" => parts.boxes = true,
            "label" => parts.label = true,
            "trail" => parts.trail = true,
            "mask" => parts.mask = true,
            _ => {
                return Err(format!(
                    "{word:?} in display-mode is none of box, label, trail, mask, all, none"
                ));
            }
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_parts_and_others_have_all() {
        let mode = DisplayMode::parse(" person = box+label , traffic light=none").unwrap();
        let person = mode.of("person");
        assert!(person.boxes && person.label && !person.trail && !person.mask);
        assert_eq!(mode.of("traffic light"), Parts::NONE);
        assert_eq!(mode.of("car"), Parts::ALL);
        let mode = DisplayMode::parse("*=none,car=trail").unwrap();
        assert_eq!(mode.of("person"), Parts::NONE);
        assert!(mode.of("car").trail);
        assert_eq!(DisplayMode::parse("").unwrap().of("x"), Parts::ALL);
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (text, named) in [
            ("person", "person"),
            ("person=boxes", "boxes"),
            ("a=box+", "\"\""),
        ] {
            let error = DisplayMode::parse(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
