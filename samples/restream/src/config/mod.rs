// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the user asks for. `Serialize` writes everything, passwords too: it is for the file alone.
//! What leaves the process otherwise goes through [`Camera::shown`].

mod check;
mod home;
mod redact;
mod source;
mod store;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use check::hides;
pub use home::at_home;
pub use redact::redact;
pub use source::{Kind, Location, Source, Test};
pub use store::Store;

/// The whole configuration file (TOML).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    pub model: Model,
    #[serde(default)]
    pub rtsp: Rtsp,
    #[serde(default)]
    pub http: Http,
    #[serde(default)]
    pub encoder: Encoder,
    /// Properties of `lynxoverlay`, by name, for all cameras.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlay: Properties,
    /// `[[camera]]`, in the order of the page.
    #[serde(default, rename = "camera", skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<Camera>,
}

/// Properties of an element: name and value (a string, number or boolean).
pub type Properties = BTreeMap<String, toml::Value>;

/// The model that all cameras share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Model {
    /// The `.onnx` file.
    pub path: PathBuf,
    /// Lowest score of a detection that is shown and tracked from the start, 0..=1.
    #[serde(default = "default_threshold")]
    pub threshold: f32,
    /// As `lynxinfer execution-provider`: `cpu`, `openvino,cpu`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_provider: Option<String>,
    /// Further properties of `lynxinfer`, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: Properties,
}

fn default_threshold() -> f32 {
    0.3
}

/// Where and how RTSP is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rtsp {
    /// Loopback unless told otherwise. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// How viewers log in; only asked for where there are users.
    pub auth: RtspAuth,
    /// Name and password of each viewer who may watch; nobody needs to log in when empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub users: BTreeMap<String, Secret>,
    /// Certificate and key (PEM files): rtsps:// instead of rtsp://.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RtspAuth {
    Basic,
    #[default]
    Digest,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Where the page and the API are served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Http {
    /// Loopback unless told otherwise; anything else needs a token. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What callers must bring as `Authorization: Bearer TOKEN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// How annotated video is encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Encoder {
    /// An element's name; the best that works here where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// kbit/s.
    pub bitrate: u32,
    /// Milliseconds from one key frame to the next.
    pub keyframe_interval: u32,
}

/// One camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Camera {
    /// Letters, digits, `-` and `_`; it is part of the address: `rtsp://host:8554/NAME`.
    pub name: String,
    /// `rtsp://`, `rtsps://`, `http://`, `https://`, `/dev/videoN`, a file (looped as if it were
    /// live), or `test:PATTERN` (a `videotestsrc` pattern).
    pub source: Source,
    /// Whether the camera's own stream is served, too, at `/NAME/raw`: not decoded, not drawn on.
    #[serde(default)]
    pub raw: bool,
    #[serde(default)]
    pub paused: bool,
    /// Instead of the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// JSON lines of what is seen, one a frame, appended to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<PathBuf>,
    /// Annotated video is recorded into this folder, in files of ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<PathBuf>,
    /// Properties of `lynxoverlay` over those for all cameras.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlay: Properties,
}

/// What is to be changed of a camera; what is left out stays. `null` (`Some(None)`) takes away.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CameraPatch {
    pub source: Option<Source>,
    pub raw: Option<bool>,
    pub paused: Option<bool>,
    #[serde(deserialize_with = "present")]
    pub threshold: Option<Option<f32>>,
    #[serde(deserialize_with = "present")]
    pub events: Option<Option<PathBuf>>,
    #[serde(deserialize_with = "present")]
    pub record: Option<Option<PathBuf>>,
    pub overlay: Option<Properties>,
}

/// What is to be changed of the model; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ModelPatch {
    pub path: Option<PathBuf>,
    pub threshold: Option<f32>,
    #[serde(deserialize_with = "present")]
    pub execution_provider: Option<Option<String>>,
    pub properties: Option<Properties>,
}

/// Tells a field that is `null` from one that is not there.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A password or token: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Default for Rtsp {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8554).into(),
            auth: RtspAuth::default(),
            users: BTreeMap::new(),
            tls: None,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            token: None,
        }
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            element: None,
            bitrate: 2500,
            keyframe_interval: 2000,
        }
    }
}
