// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Python (or JSON) text of a dictionary or list of class names.

use super::Error;

/// The names in `text`, class 0 first.
pub(super) fn parse(text: &str) -> Result<Vec<String>, Error> {
    let mut cursor = Cursor { text, at: 0 };
    let names = match cursor.next_token() {
        Some('{') => cursor.dictionary()?,
        Some('[') => cursor.list()?,
        _ => return Err(cursor.error("a dictionary \"{0: 'a', 1: 'b'}\" or a list \"['a', 'b']\"")),
    };
    cursor.skip_space();
    if cursor.at == text.len() {
        Ok(names)
    } else {
        Err(cursor.error("nothing after the closing bracket"))
    }
}

struct Cursor<'a> {
    text: &'a str,
    /// Always on a character boundary.
    at: usize,
}

impl Cursor<'_> {
    fn error(&self, expected: &'static str) -> Error {
        let near: String = self.text[self.at..].chars().take(16).collect();
        Error::Labels {
            found: format!("byte {} of the names is {near:?}", self.at),
            expected,
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    fn next_token(&mut self) -> Option<char> {
        self.skip_space();
        self.next()
    }

    /// Whether the next token is `c`, which is then consumed.
    fn eat(&mut self, c: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(c);
        if found {
            self.next();
        }
        found
    }

    fn list(&mut self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        while !self.eat(']') {
            names.push(self.string()?);
            if !self.eat(',') && !self.text[self.at..].starts_with(']') {
                return Err(self.error("',' or ']'"));
            }
        }
        Ok(names)
    }

    fn dictionary(&mut self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        while !self.eat('}') {
            let class = self.key()?;
            if !self.eat(':') {
                return Err(self.error("':' after a class number"));
            }
            names.push((class, self.string()?));
            if !self.eat(',') && !self.text[self.at..].starts_with('}') {
                return Err(self.error("',' or '}'"));
            }
        }
        names.sort_by_key(|(class, _)| *class);
        for (expected, (class, _)) in names.iter().enumerate() {
            if *class != expected {
                return Err(Error::Labels {
                    found: format!(
                        "class {} is missing or class {class} twice",
                        expected.min(*class)
                    ),
                    expected: "classes 0 to n - 1, each once",
                });
            }
        }
        Ok(names.into_iter().map(|(_, name)| name).collect())
    }

    /// A class number, bare as in Python or quoted as in JSON.
    fn key(&mut self) -> Result<usize, Error> {
        self.skip_space();
        let start = self.at;
        let quoted = matches!(self.peek(), Some('\'' | '"'));
        let digits = if quoted {
            self.string()?
        } else {
            let mut digits = String::new();
            while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                digits.push(c);
                self.next();
            }
            digits
        };
        digits.parse().map_err(|_| {
            self.at = start;
            self.error("a class number")
        })
    }

    fn string(&mut self) -> Result<String, Error> {
        self.skip_space();
        let quote = match self.peek() {
            Some(c @ ('\'' | '"')) => c,
            _ => return Err(self.error("a quoted name")),
        };
        self.next();
        let mut name = String::new();
        loop {
            match self.next() {
                Some(c) if c == quote => return Ok(name),
                Some('\\') => name.push(self.escape()?),
                Some(c) => name.push(c),
                None => return Err(self.error("the name's closing quote")),
            }
        }
    }

    /// The character that an escape sequence stands for, the backslash already read.
    fn escape(&mut self) -> Result<char, Error> {
        Ok(match self.next() {
            Some(c @ ('\\' | '\'' | '"' | '/')) => c,
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('x') => self.character(2)?,
            Some('u') => self.character(4)?,
            Some('U') => self.character(8)?,
            _ => return Err(self.error("an escape sequence of Python or JSON")),
        })
    }

    fn character(&mut self, digits: usize) -> Result<char, Error> {
        let mut code = self.hex(digits)?;
        // JSON writes what is outside the Basic Multilingual Plane as a pair of surrogates.
        if (0xd800..0xdc00).contains(&code) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.hex(4)?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        char::from_u32(code).ok_or_else(|| self.error("a Unicode character"))
    }

    fn hex(&mut self, digits: usize) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.peek().and_then(|c| c.to_digit(16));
            let digit = digit.ok_or_else(|| self.error("a hexadecimal digit"))?;
            code = code << 4 | digit;
            self.next();
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pythons_dictionaries_and_lists_and_jsons_are_read() {
        for text in [
            "{0: 'person', 1: \"driver's cab\"}",
            "{ 1: 'driver\\'s cab' , 0: 'person', }",
            "{\"0\": \"person\", \"1\": \"driver's cab\"}",
            "['person', \"driver's cab\"]",
            "[\"person\",\"driver\\u0027s cab\"]",
            " [\n'person', 'driver\\x27s\\U00000020cab'\n] ",
        ] {
            assert_eq!(parse(text).unwrap(), ["person", "driver's cab"], "{text}");
        }
        assert_eq!(parse(r#"["\ud83d\ude97"]"#).unwrap(), ["🚗"]);
        assert_eq!(parse(r"['\n\t\r\b\f']").unwrap(), ["\n\t\r\u{8}\u{c}"]);
        assert_eq!(parse("{}").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_list_of_names_is_refused_with_its_place() {
        for (text, message) in [
            (
                "person",
                "byte 1 of the names is \"erson\"; expected a dictionary",
            ),
            ("", "byte 0 of the names is \"\"; expected a dictionary"),
            ("{0 'a'}", "byte 3 of the names is \"'a'}\"; expected ':'"),
            ("{0: 'a' 1: 'b'}", "expected ',' or '}'"),
            ("['a' 'b']", "expected ',' or ']'"),
            (
                "{a: 'a'}",
                "byte 1 of the names is \"a: 'a'}\"; expected a class number",
            ),
            ("{99999999999999999999: 'a'}", "expected a class number"),
            ("{0: a}", "expected a quoted name"),
            ("['a", "expected the name's closing quote"),
            ("['a\\q']", "expected an escape sequence"),
            ("['\\x4']", "expected a hexadecimal digit"),
            ("['\\ud800']", "expected a Unicode character"),
            ("['\\ud800\\u0041']", "expected a Unicode character"),
            ("['a'] b", "expected nothing after the closing bracket"),
            ("{0: 'a', 2: 'b'}", "class 1 is missing or class 2 twice"),
            ("{0: 'a', 0: 'b'}", "class 0 is missing or class 0 twice"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_names_come_back_from_json(names in prop::collection::vec(".{0,12}", 0..8)) {
            prop_assert_eq!(parse(&serde_json::to_string(&names).unwrap()).unwrap(), names);
        }

        #[test]
        fn any_names_come_back_from_a_python_dictionary(names in prop::collection::vec("[^\\\\']{0,12}", 0..8)) {
            let items: Vec<_> = names.iter().enumerate().map(|(i, n)| format!("{i}: '{n}'")).collect();
            prop_assert_eq!(parse(&format!("{{{}}}", items.join(", "))).unwrap(), names);
        }
    }
}
