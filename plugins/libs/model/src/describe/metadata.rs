// SPDX-License-Identifier: MIT OR Apache-2.0
//! What exporters write into an ONNX file's `metadata_props`.
//!
//! Sources: Ultralytics' export documentation (keys `task`, `names`, `imgsz`, `stride`, `head`,
//! `end2end`, `kpt_shape`, `author`, `version`; values are Python's `str()` of them), and the
//! model configuration guide of OpenVINO's Model API (keys `model_info <name>`).

use std::{collections::BTreeMap, str::FromStr};

use super::{Error, Family, Labels};
use lynx_tensor::{ColorFormat, ResizeMode, TensorSpec};

/// A model's `metadata_props`, read key by key: what a higher authority has settled is not
/// looked at, so a flaw in it is no error.
#[derive(Clone, Copy)]
pub(super) struct Metadata<'a>(pub &'a BTreeMap<String, String>);

/// The keys of Model API that [`Metadata::pixels`] reads.
const PIXELS: [&str; 5] = [
    "model_info resize_type",
    "model_info reverse_input_channels",
    "model_info mean_values",
    "model_info scale_values",
    "model_info pad_value",
];

impl<'a> Metadata<'a> {
    fn get(self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|value| value.trim())
    }

    fn wrong(self, key: &str, expected: &'static str) -> Error {
        Error::Value {
            place: "model metadata",
            key: key.to_owned(),
            found: format!("{:?}", self.get(key).unwrap_or_default()),
            expected: expected.into(),
        }
    }

    /// Refuses a model that says that it does something else than detect or classify.
    pub fn check_task(self) -> Result<(), Error> {
        let refuse = |what: String, instead: &str| {
            let instead = instead.to_owned();
            Err(Error::Unsupported { what, instead })
        };
        let detect = "export a model whose task is \"detect\" or \"classify\"";
        match self.get("task") {
            Some("detect" | "classify") => {}
            Some(task) => return refuse(format!("the task {task:?} (metadata task)"), detect),
            None if self.get("kpt_shape").is_some() => {
                return refuse("the task \"pose\" (metadata kpt_shape)".to_owned(), detect);
            }
            None => {}
        }
        if self.flag("end2end")? == Some(true) {
            let head = self.get("head").unwrap_or("YOLOv10 or YOLO26");
            let what = format!("an end-to-end model (metadata end2end, {head})");
            return refuse(what, "export it with end2end=False");
        }
        if self.flag("model_info embedded_processing")? == Some(true) {
            let what =
                "a model with pre-processing inside (metadata model_info embedded_processing)";
            return refuse(what.to_owned(), "export it without");
        }
        Ok(())
    }

    /// Whether Ultralytics' tools wrote the file.
    pub fn is_ultralytics(self) -> bool {
        self.get("author")
            .is_some_and(|author| author.contains("Ultralytics"))
            || ["names", "stride"]
                .iter()
                .all(|key| self.get(key).is_some())
    }

    /// The kind of the model's last layer, `RTDETRDecoder` for one.
    pub fn head(self) -> Option<&'a str> {
        self.get("head")
    }

    /// The version of the tool that exported the model: all a file says of its own version.
    pub fn version(self) -> Option<String> {
        let version = self.get("version")?;
        let ultralytics = self.is_ultralytics();
        Some(if ultralytics {
            format!("ultralytics {version}")
        } else {
            version.to_owned()
        })
    }

    /// What width and height must be multiples of.
    pub fn stride(self) -> Result<Option<u32>, Error> {
        let Some(text) = self.get("stride") else {
            return Ok(None);
        };
        let stride = text
            .parse()
            .ok()
            .filter(|stride| (1..=256).contains(stride));
        stride
            .map(Some)
            .ok_or_else(|| self.wrong("stride", "a whole number from 1 to 256"))
    }

    /// Width and height; the metadata has them as `[height, width]` or as one number for both.
    pub fn size(self) -> Result<Option<(u32, u32)>, Error> {
        let Some(text) = self.get("imgsz") else {
            return Ok(None);
        };
        let text = text.trim_matches(['[', ']', '(', ')', ' ']);
        let sizes: Option<Vec<u32>> = list(text, ',').filter(|sizes: &Vec<u32>| {
            sizes
                .iter()
                .all(|size| (1..=super::MAX_SIZE).contains(size))
        });
        match sizes.as_deref() {
            Some([size]) => Ok(Some((*size, *size))),
            Some([height, width]) => Ok(Some((*width, *height))),
            _ => Err(self.wrong("imgsz", "\"[height, width]\", each from 1 to 16384")),
        }
    }

    /// The labels and the key that they come from.
    pub fn labels(self) -> Result<Option<(Labels, &'static str)>, Error> {
        if let Some(names) = self.get("names") {
            return Ok(Some((Labels::from_names(names)?, "metadata names")));
        }
        match self.get("model_info labels") {
            Some(words) => Ok(Some((
                Labels::from_words(words)?,
                "metadata model_info labels",
            ))),
            None => Ok(None),
        }
    }

    /// The family that the metadata says, where it is one of Lynx's, and the key that says so.
    pub fn family(self) -> Option<(Family, &'static str)> {
        if self.get("task") == Some("classify") {
            return Some((Family::Classification, "metadata task"));
        }
        let plain = |c: &char| c.is_ascii_alphanumeric();
        let model_type: String = self
            .get("model_info model_type")?
            .chars()
            .filter(plain)
            .collect();
        let family = match model_type.to_ascii_lowercase().as_str() {
            "yolov8" | "yolov9" | "yolov11" | "yolo11" | "yolo12" => Family::YoloV8,
            "yolox" => Family::YoloX,
            "classification" => Family::Classification,
            _ => return None,
        };
        Some((family, "metadata model_info model_type"))
    }

    /// Whether Model API describes the pixels that the model wants.
    pub fn has_pixels(self) -> bool {
        PIXELS.iter().any(|key| self.get(key).is_some())
    }

    /// Puts what Model API says of the pixels into `spec`. Its frames are BGR, so that
    /// reversed channels are RGB; means and scales are in the order of the tensor's channels.
    pub fn pixels(self, spec: &mut TensorSpec) -> Result<(), Error> {
        let [resize, reverse, mean, scale, pad] = PIXELS;
        if let Some(text) = self.get(resize) {
            spec.resize = match text {
                "standard" => ResizeMode::Stretch,
                "fit_to_window" => ResizeMode::LetterboxTopLeft,
                "fit_to_window_letterbox" => ResizeMode::Letterbox,
                _ => {
                    return Err(
                        self.wrong(resize, "standard, fit_to_window or fit_to_window_letterbox")
                    );
                }
            };
        }
        if let Some(reverse) = self.flag(reverse)? {
            spec.color = if reverse {
                ColorFormat::Rgb
            } else {
                ColorFormat::Bgr
            };
        }
        if let Some(values) = self.triple(mean, "one or three numbers", |_| true)? {
            spec.mean = values;
        }
        if let Some(values) =
            self.triple(scale, "one or three numbers, none of them 0", |v| v != 0.0)?
        {
            spec.std = values;
        }
        if let Some(text) = self.get(pad) {
            let value = text
                .parse()
                .map_err(|_| self.wrong(pad, "a whole number from 0 to 255"))?;
            spec.pad_value = value;
        }
        Ok(())
    }

    /// The keys of Model API that nothing here looks at.
    pub fn unread(self) -> Vec<&'a str> {
        let keys = self.0.keys().map(String::as_str);
        let ours = |key: &&str| key.starts_with("model_info ");
        let read = |key: &str| match key {
            "model_info labels" | "model_info embedded_processing" => true,
            "model_info model_type" => self.family().is_some(),
            _ => PIXELS.contains(&key),
        };
        keys.filter(ours).filter(|key| !read(key)).collect()
    }

    fn flag(self, key: &str) -> Result<Option<bool>, Error> {
        let Some(text) = self.get(key) else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Some(true)),
            "false" | "no" | "0" => Ok(Some(false)),
            _ => Err(self.wrong(key, "True or False")),
        }
    }

    fn triple(
        self,
        key: &str,
        expected: &'static str,
        fits: impl Fn(f32) -> bool,
    ) -> Result<Option<[f32; 3]>, Error> {
        let Some(text) = self.get(key) else {
            return Ok(None);
        };
        let fits = |values: &Vec<f32>| values.iter().all(|v| v.is_finite() && fits(*v));
        match list(text, ' ').filter(fits).as_deref() {
            Some([v]) => Ok(Some([*v; 3])),
            Some([a, b, c]) => Ok(Some([*a, *b, *c])),
            _ => Err(self.wrong(key, expected)),
        }
    }
}

/// The numbers of a text; `None` when a part is no number.
fn list<T: FromStr>(text: &str, separator: char) -> Option<Vec<T>> {
    let parts = text
        .split(separator)
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn ultralytics_sizes_are_height_first() {
        for (text, size) in [
            ("[384, 640]", (640, 384)),
            ("(384, 640)", (640, 384)),
            ("320", (320, 320)),
        ] {
            assert_eq!(
                Metadata(&map(&[("imgsz", text)])).size().unwrap(),
                Some(size)
            );
        }
    }

    #[test]
    fn other_tasks_are_refused_by_name() {
        for (key, value, message) in [
            (
                "task",
                "segment",
                "the task \"segment\" (metadata task) is not supported yet; export a model whose",
            ),
            (
                "kpt_shape",
                "[17, 3]",
                "the task \"pose\" (metadata kpt_shape) is not supported yet",
            ),
            (
                "end2end",
                "True",
                "an end-to-end model (metadata end2end, YOLOv10 or YOLO26) is not supported yet",
            ),
            (
                "end2end",
                "maybe",
                "model metadata \"end2end\" is \"maybe\"; expected True or False",
            ),
            (
                "model_info embedded_processing",
                "YES",
                "pre-processing inside",
            ),
        ] {
            let error = Metadata(&map(&[(key, value)]))
                .check_task()
                .unwrap_err()
                .to_string();
            assert!(error.contains(message), "{error}");
        }
        let fine = map(&[("task", "detect"), ("end2end", "False")]);
        assert!(Metadata(&fine).check_task().is_ok());
    }

    #[test]
    fn model_apis_pixels_are_read() {
        let map = map(&[
            ("model_info resize_type", "fit_to_window"),
            ("model_info reverse_input_channels", "False"),
            ("model_info mean_values", "123.675 116.28 103.53"),
            ("model_info scale_values", "58.0"),
            ("model_info pad_value", "7"),
        ]);
        let mut spec = TensorSpec::new(64, 64);
        Metadata(&map).pixels(&mut spec).unwrap();
        assert_eq!(spec.resize, ResizeMode::LetterboxTopLeft);
        assert_eq!((spec.color, spec.pad_value), (ColorFormat::Bgr, 7));
        assert_eq!(
            (spec.mean, spec.std),
            ([123.675, 116.28, 103.53], [58.0; 3])
        );
    }

    #[test]
    fn model_apis_resizes_are_ours() {
        for (text, resize) in [
            ("standard", ResizeMode::Stretch),
            ("fit_to_window", ResizeMode::LetterboxTopLeft),
            ("fit_to_window_letterbox", ResizeMode::Letterbox),
        ] {
            for before in [ResizeMode::Stretch, ResizeMode::Letterbox] {
                let map = map(&[("model_info resize_type", text)]);
                let mut spec = TensorSpec::new(64, 64);
                spec.resize = before;
                Metadata(&map).pixels(&mut spec).unwrap();
                assert_eq!(spec.resize, resize, "{text}");
            }
        }
    }

    #[test]
    fn a_value_that_cannot_be_is_an_error_with_its_key() {
        for (key, value, expected) in [
            (
                "imgsz",
                "[0, 640]",
                "expected \"[height, width]\", each from 1 to 16384",
            ),
            ("imgsz", "[1, 2, 3]", "expected \"[height, width]\""),
            ("stride", "-1", "expected a whole number from 1 to 256"),
            (
                "model_info resize_type",
                "crop",
                "expected standard, fit_to_window or",
            ),
            (
                "model_info reverse_input_channels",
                "perhaps",
                "expected True or False",
            ),
            (
                "model_info mean_values",
                "1 2",
                "expected one or three numbers",
            ),
            (
                "model_info scale_values",
                "0",
                "expected one or three numbers, none of them 0",
            ),
            (
                "model_info pad_value",
                "300",
                "expected a whole number from 0 to 255",
            ),
        ] {
            let map = map(&[(key, value)]);
            let metadata = Metadata(&map);
            let result = metadata.size().and(metadata.stride()).map(|_| ());
            let error = result
                .and_then(|()| metadata.pixels(&mut TensorSpec::new(32, 32)))
                .unwrap_err();
            let message = format!("model metadata {key:?} is {value:?}; {expected}");
            assert!(error.to_string().starts_with(&message), "{error}");
        }
    }

    #[test]
    fn keys_that_nothing_reads_are_listed() {
        let map = map(&[
            ("model_info confidence_threshold", "0.3"),
            ("model_info labels", "a"),
            ("model_info model_type", "ssd"),
            ("model_info pad_value", "0"),
            ("task", "detect"),
        ]);
        let expected = ["model_info confidence_threshold", "model_info model_type"];
        assert_eq!(Metadata(&map).unread(), expected);
        let known = self::map(&[("model_info model_type", "YOLOv8")]);
        assert!(Metadata(&known).unread().is_empty());
    }

    #[test]
    fn labels_come_from_names_before_model_info() {
        let map = map(&[("names", "{0: 'a b'}"), ("model_info labels", "c d")]);
        let (labels, whence) = Metadata(&map).labels().unwrap().unwrap();
        assert_eq!((labels.get(0), whence), ("a b", "metadata names"));
    }
}
