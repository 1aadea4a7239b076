// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_model::decode::DecodeConfig;

/// What the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub model: Option<String>,
    pub labels_file: Option<String>,
    pub decode: DecodeConfig,
    /// 1 = every frame.
    pub inference_interval: u32,
    /// Ordered list, as `parse_providers` reads it.
    pub execution_provider: String,
    pub intra_op_threads: u32,
    /// 0 = the model's own.
    pub reshape_width: u32,
    /// 0 = the model's own.
    pub reshape_height: u32,
    /// Regions of interest besides analytics metadata.
    pub roi_meta: bool,
    /// The model's output tensors, besides detections.
    pub output_tensor_meta: bool,
    pub stream: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: None,
            labels_file: None,
            decode: DecodeConfig::default(),
            inference_interval: 1,
            execution_provider: "cpu".into(),
            intra_op_threads: 0,
            reshape_width: 0,
            reshape_height: 0,
            roi_meta: false,
            output_tensor_meta: false,
            stream: lynx_meta::names::DEFAULT_STREAM.into(),
        }
    }
}
