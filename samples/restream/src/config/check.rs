// SPDX-License-Identifier: MIT OR Apache-2.0
//! What cannot work is refused before it is tried.

use std::collections::BTreeSet;

use super::{Camera, Config, Properties};
use crate::error::Error;

/// Longest name of a camera.
const LONGEST: usize = 64;

impl Config {
    /// # Errors
    ///
    /// The first thing that cannot work, with its remedy.
    pub fn check(&self) -> Result<(), Error> {
        check_threshold(self.model.threshold)?;
        if !self.http.listen.ip().is_loopback() && self.http.token.is_none() {
            return Err(Error::Invalid(format!(
                "http.listen = \"{}\" can be reached from other machines: set http.token, or listen on 127.0.0.1",
                self.http.listen
            )));
        }
        if self
            .http
            .token
            .as_ref()
            .is_some_and(|token| token.0.len() < 16)
        {
            let why =
                "http.token is shorter than 16 characters; `openssl rand -hex 32` makes a good one";
            return Err(Error::Invalid(why.into()));
        }
        if self.encoder.bitrate == 0 || self.encoder.keyframe_interval == 0 {
            let why = "encoder.bitrate (kbit/s) and encoder.keyframe-interval (ms) must not be 0";
            return Err(Error::Invalid(why.into()));
        }
        let mut names = BTreeSet::new();
        for camera in &self.cameras {
            camera.check()?;
            if !names.insert(&camera.name) {
                return Err(Error::Exists(camera.name.clone()));
            }
            self.check_raw(camera)?;
        }
        Ok(())
    }

    /// What [`Config::check`] leaves to the start: that files are there. Cameras' are not asked
    /// for: they may come later.
    ///
    /// # Errors
    ///
    /// The first file that is not, and what names it.
    pub fn check_files(&self) -> Result<(), Error> {
        let tls = self.rtsp.tls.iter();
        let tls = tls.flat_map(|tls| {
            [
                ("rtsp.tls.certificate", tls.certificate.clone()),
                ("rtsp.tls.key", tls.key.clone()),
            ]
        });
        let model = ("model.path", super::at_home(&self.model.path));
        for (what, path) in std::iter::once(model).chain(tls) {
            let found = std::fs::metadata(&path);
            let why = match found {
                Ok(found) if found.is_file() => continue,
                Ok(_) => "it is no file".to_string(),
                Err(error) => error.to_string(),
            };
            let path = path.display();
            return Err(Error::Invalid(format!("{what} = \"{path}\": {why}")));
        }
        Ok(())
    }

    /// The raw stream shows what the other hides.
    pub fn check_raw(&self, camera: &Camera) -> Result<(), Error> {
        if camera.raw && hides(&self.overlay_of(camera)) {
            return Err(Error::Invalid(format!(
                "camera {}: raw = true would show what privacy-classes hides; take one of them away",
                camera.name
            )));
        }
        Ok(())
    }

    /// Properties of the camera's `lynxoverlay`: those for all, and its own over them.
    pub fn overlay_of(&self, camera: &Camera) -> Properties {
        let mut all = self.overlay.clone();
        all.extend(camera.overlay.clone());
        all
    }
}

impl Camera {
    /// # Errors
    ///
    /// As [`Config::check`].
    pub fn check(&self) -> Result<(), Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > LONGEST || !self.name.chars().all(allowed) {
            return Err(Error::Invalid(format!(
                "{:?} is no name of a camera: 1 to {LONGEST} letters, digits, - and _",
                self.name
            )));
        }
        if let Some(threshold) = self.threshold {
            check_threshold(threshold)?;
        }
        self.source.kind().map(|_| ())
    }

    /// The camera as others may see it: without the name and password in its source.
    pub fn shown(&self) -> Self {
        Self {
            source: super::Source(self.source.to_string()),
            ..self.clone()
        }
    }
}

/// Whether something is hidden with these properties of `lynxoverlay`.
pub fn hides(overlay: &Properties) -> bool {
    let classes = overlay.get("privacy-classes");
    classes.is_some_and(|classes| classes.as_str() != Some(""))
}

fn check_threshold(threshold: f32) -> Result<(), Error> {
    if (0.0..=1.0).contains(&threshold) {
        return Ok(());
    }
    let why = format!("the threshold {threshold} is not within 0 and 1");
    Err(Error::Invalid(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<(), String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        config.check().map_err(|e| e.to_string())
    }

    #[test]
    fn what_can_work_is_taken() {
        let text = r#"
            overlay = { privacy-classes = "person" }
            [model]
            path = "m.onnx"
            [http]
            listen = "0.0.0.0:8080"
            token = "0123456789abcdef"
            [[camera]]
            name = "gate-1"
            source = "rtsp://u:p@h/s"
            [[camera]]
            name = "yard"
            source = "test:ball"
            raw = true
            overlay = { privacy-classes = "" }
        "#;
        assert_eq!(config(text), Ok(()));
    }

    #[test]
    fn what_cannot_is_refused_with_its_remedy() {
        let camera = |rest: &str| {
            format!("[model]\npath = \"m\"\n[[camera]]\nname = \"a\"\nsource = \"test:\"\n{rest}")
        };
        let http = "[http]\nlisten = \"0.0.0.0:1\"";
        for (text, expected) in [
            (camera("threshold = 1.5"), "1.5"),
            (
                camera("raw = true\noverlay = { privacy-classes = \"person\" }"),
                "privacy-classes",
            ),
            (
                camera("[[camera]]\nname = \"a\"\nsource = \"test:\""),
                "already",
            ),
            (
                camera("[[camera]]\nname = \"a/b\"\nsource = \"test:\""),
                "a/b",
            ),
            (camera("colour = 3"), "colour"),
            (camera(http), "http.token"),
            (camera("[http]\ntoken = \"short\""), "16"),
            ("[model]\npath = \"m\"\nthreshold = -1.0".into(), "-1"),
            ("".into(), "model"),
        ] {
            let error = config(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_what_names_it() {
        let with = |model: &str, rest: &str| {
            let text = format!("[model]\npath = \"{model}\"\n{rest}");
            let config: Config = toml::from_str(&text).unwrap();
            config.check_files().map_err(|e| e.to_string())
        };
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert_eq!(with(here, ""), Ok(()));
        let error = with("/nowhere.onnx", "").unwrap_err();
        assert!(
            error.contains("model.path") && error.contains("/nowhere.onnx"),
            "{error}"
        );
        let tls = format!("[rtsp.tls]\ncertificate = \"{here}\"\nkey = \"/\"");
        let error = with(here, &tls).unwrap_err();
        assert!(error.contains("rtsp.tls.key"), "{error}");
    }

    #[test]
    fn a_camera_is_shown_without_its_password() {
        let text = "name = \"a\"\nsource = \"rtsp://u:S3cr3t@h/s\"";
        let camera: Camera = toml::from_str(text).unwrap();
        let shown = serde_json::to_string(&camera.shown()).unwrap();
        assert!(
            !shown.contains("S3cr3t") && shown.contains("rtsp://***@h/s"),
            "{shown}"
        );
    }
}
