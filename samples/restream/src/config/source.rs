// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a camera's video comes from, and how no password of it gets out.

use std::fmt;
use std::path::{Path, PathBuf};

use gst::glib;
use serde::{Deserialize, Serialize};

use super::home::at_home;
use super::redact::redact;
use crate::error::Error;

/// Where a camera's video comes from; may hold a name and a password. `Debug` and `Display` show
/// it without.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Source(pub String);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", redact(&self.0))
    }
}

/// What kind of source it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Kind {
    /// `rtsp://` or `rtsps://`.
    Rtsp(Location),
    /// `http://` or `https://`.
    Http(Location),
    /// A V4L2 device.
    Device(PathBuf),
    /// A file, again and again.
    File(PathBuf),
    /// A test picture.
    Test(Test),
}

/// An address without, and with what to log in.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    pub url: String,
    pub login: Option<(String, String)>,
}

/// `test:ball?width=1280&height=720&fps=15`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// As `videotestsrc pattern`.
    pub pattern: String,
    pub width: u32,
    pub height: u32,
    pub fps: u32,
}

impl Source {
    /// What kind it is.
    ///
    /// # Errors
    ///
    /// It is none that is known; the message lists those that are.
    pub fn kind(&self) -> Result<Kind, Error> {
        let text = self.0.trim();
        if let Some((scheme, _)) = text.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "rtsp" | "rtsps" => Ok(Kind::Rtsp(location(text)?)),
                "http" | "https" => Ok(Kind::Http(location(text)?)),
                "file" => glib::filename_from_uri(text)
                    .map(|(path, _)| Kind::File(path))
                    .map_err(|_| Error::Invalid(format!("{self} names no file"))),
                _ => Err(self.unknown()),
            };
        }
        if let Some(test) = text.strip_prefix("test:") {
            return Test::parse(test).map(Kind::Test);
        }
        match text {
            "" => Err(self.unknown()),
            _ if text.starts_with("/dev/") => Ok(Kind::Device(text.into())),
            _ => Ok(Kind::File(at_home(Path::new(text)))),
        }
    }

    fn unknown(&self) -> Error {
        Error::Invalid(format!(
            "the source {:?} is of no kind that is known: rtsp://, rtsps://, http://, https://, \
             /dev/videoN, a file, or test:PATTERN",
            redact(&self.0)
        ))
    }
}

/// Takes name and password out of an address.
fn location(text: &str) -> Result<Location, Error> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // A password may hold an @; a host does not.
    let (login, host) = match authority.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, authority),
    };
    if host.is_empty() {
        let why = format!("{} names no host", redact(text));
        return Err(Error::Invalid(why));
    }
    let plain = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text);
        decoded.decode_utf8_lossy().into_owned()
    };
    let login = login.map(|login| {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        (plain(user), plain(password))
    });
    Ok(Location {
        url: format!("{scheme}://{host}{path}"),
        login,
    })
}

impl Test {
    fn parse(text: &str) -> Result<Self, Error> {
        let (pattern, query) = text.split_once('?').unwrap_or((text, ""));
        let mut test = Self {
            pattern: if pattern.is_empty() { "smpte" } else { pattern }.into(),
            width: 640,
            height: 480,
            fps: 25,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let wrong = || {
                Error::Invalid(format!(
                    "{pair:?} in test:{text} is none of width=1..8192, height=1..8192, fps=1..240"
                ))
            };
            let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
            let value: u32 = value.parse().map_err(|_| wrong())?;
            match (name, value) {
                ("width", 1..=8192) => test.width = value,
                ("height", 1..=8192) => test.height = value,
                ("fps", 1..=240) => test.fps = value,
                _ => return Err(wrong()),
            }
        }
        Ok(test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Source(text.into()).kind().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn name_and_password_are_taken_out_of_an_address() {
        let Kind::Rtsp(found) = kind("rtsp://us%40er:pa:ss@w@[::1]:554/a?b=c@d") else {
            panic!("not RTSP")
        };
        assert_eq!(found.url, "rtsp://[::1]:554/a?b=c@d");
        assert_eq!(found.login, Some(("us@er".into(), "pa:ss@w".into())));
        let Kind::Http(found) = kind("https://cam/x.mjpg") else {
            panic!("not HTTP")
        };
        assert_eq!(
            (found.url.as_str(), found.login),
            ("https://cam/x.mjpg", None)
        );
    }

    #[test]
    fn kinds_are_told_apart() {
        assert!(kind("/dev/video0") == Kind::Device("/dev/video0".into()));
        assert!(kind("clips/a.mp4") == Kind::File("clips/a.mp4".into()));
        assert!(kind("file:///a%20b.mp4") == Kind::File("/a b.mp4".into()));
        let Kind::Test(test) = kind("test:ball?width=320&height=240&fps=5") else {
            panic!("no test picture")
        };
        let expected = ("ball", 320, 240, 5);
        assert_eq!(
            (test.pattern.as_str(), test.width, test.height, test.fps),
            expected
        );
    }

    #[test]
    fn what_cannot_be_is_refused_without_its_password() {
        for text in [
            "",
            "ftp://u:S3cr3t@h/",
            "rtsp://u:S3cr3t@/x",
            "test:ball?fps=0",
            "test:a?x=1",
        ] {
            let error = Source(text.into()).kind().err().unwrap().to_string();
            assert!(!error.contains("S3cr3t"), "{error}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let source = Source("rtsp://user:S3cr3t@host/x".into());
        for shown in [format!("{source}"), format!("{source:?}")] {
            assert!(
                !shown.contains("S3cr3t") && shown.contains("host"),
                "{shown}"
            );
        }
    }
}
