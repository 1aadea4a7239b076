// SPDX-License-Identifier: MIT OR Apache-2.0

/// A choice whose values have one word each, the same in properties, sidecars and metadata.
pub trait Word: Copy + PartialEq + 'static {
    /// Every value with its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word for this value.
    fn word(self) -> &'static str {
        let entry = Self::WORDS.iter().find(|(value, _)| *value == self);
        entry.map_or("", |(_, word)| word)
    }

    /// The value that `word` stands for.
    fn from_word(word: &str) -> Option<Self> {
        let entry = Self::WORDS.iter().find(|(_, known)| *known == word);
        entry.map(|(value, _)| *value)
    }

    /// All words for a message: `"rgb" or "bgr"`.
    fn choices() -> String {
        let mut text = String::new();
        for (index, (_, word)) in Self::WORDS.iter().enumerate() {
            let last = index + 1 == Self::WORDS.len();
            text += match index {
                0 => "",
                _ if last => " or ",
                _ => ", ",
            };
            text += &format!("\"{word}\"");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColorFormat, Element, Filter, ResizeMode, TensorLayout};

    fn come_back<T: Word + std::fmt::Debug>(count: usize) {
        assert_eq!(T::WORDS.len(), count);
        for (value, word) in T::WORDS {
            assert_eq!((value.word(), T::from_word(word)), (*word, Some(*value)));
        }
        assert_eq!(T::from_word(""), None);
    }

    #[test]
    fn every_value_has_a_word_that_leads_back_to_it() {
        come_back::<ColorFormat>(3);
        come_back::<TensorLayout>(2);
        come_back::<ResizeMode>(5);
        come_back::<Element>(4);
        come_back::<Filter>(3);
        assert_eq!(ColorFormat::Bgr.word(), "bgr");
        assert_eq!(
            Filter::choices(),
            "\"bilinear\", \"nearest\" or \"antialias\""
        );
    }
}
