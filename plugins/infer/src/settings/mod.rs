// SPDX-License-Identifier: MIT OR Apache-2.0

mod session;
mod words;

use lynx_meta::Schedule;
use lynx_model::decode::DecodeConfig;

pub use words::{InferenceRegion, Overload, Precision, ProviderPolicy, Scheduling};

/// What the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub model: Option<String>,
    pub labels_file: Option<String>,
    pub decode: DecodeConfig,
    pub inference_region: InferenceRegion,
    /// As `regions::Areas` reads it.
    pub regions: String,
    /// As `regions::Areas` reads it; empty = none.
    pub tiles: String,
    /// 0..=0.5 of a tile's side.
    pub tile_overlap: f32,
    /// The whole frame besides its tiles.
    pub tile_full_frame: bool,
    /// Names of classes with commas between them; empty = all.
    pub object_class: String,
    /// As `regions::Filter` reads it.
    pub object_min_size: String,
    /// 0 = all.
    pub max_objects: u32,
    /// Share of the object's width and height that is added on each side.
    pub object_margin: f32,
    /// Frames of a track from one classification to the next; 0 = one for all.
    pub reclassify_interval: u32,
    /// Most images a run; 0 = chosen.
    pub batch_size: u32,
    /// How long an image may wait for others to share its run, in ms.
    pub batch_timeout: u32,
    /// Runs at the same time; 0 = chosen.
    pub nireq: u32,
    pub scheduling_policy: Scheduling,
    pub overload_policy: Overload,
    /// How long a run may take, in ms; 0 = for ever.
    pub inference_timeout: u32,
    pub schedule: Schedule,
    /// Ordered list, as `parse_providers` reads it.
    pub execution_provider: String,
    pub intra_op_threads: u32,
    /// As `CpuSet` reads it; empty = all.
    pub cpu_affinity: String,
    /// Empty = the provider's own choice.
    pub device: String,
    pub precision: Precision,
    pub provider_options: Option<gst::Structure>,
    pub provider_policy: ProviderPolicy,
    /// Where compiled engines are kept; none = nowhere.
    pub engine_cache_dir: Option<String>,
    /// Who else gives this name shares the engine.
    pub model_instance_id: Option<String>,
    /// 0 = the model's own.
    pub reshape_width: u32,
    /// 0 = the model's own.
    pub reshape_height: u32,
    /// Regions of interest besides analytics metadata.
    pub roi_meta: bool,
    /// The model's output tensors, besides detections.
    pub output_tensor_meta: bool,
    pub stream: String,
    /// Folder for the first tensors; none = write none.
    pub dump_tensors: Option<String>,
    /// How many.
    pub dump_count: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: None,
            labels_file: None,
            decode: DecodeConfig::default(),
            inference_region: InferenceRegion::default(),
            regions: String::new(),
            tiles: String::new(),
            tile_overlap: 0.2,
            tile_full_frame: true,
            object_class: String::new(),
            object_min_size: String::new(),
            max_objects: 0,
            object_margin: 0.0,
            reclassify_interval: 1,
            batch_size: 0,
            batch_timeout: 0,
            nireq: 0,
            scheduling_policy: Scheduling::default(),
            overload_policy: Overload::default(),
            inference_timeout: 10_000,
            schedule: Schedule::default(),
            execution_provider: "cpu".into(),
            intra_op_threads: 0,
            cpu_affinity: String::new(),
            device: String::new(),
            precision: Precision::default(),
            provider_options: None,
            provider_policy: ProviderPolicy::default(),
            engine_cache_dir: None,
            model_instance_id: None,
            reshape_width: 0,
            reshape_height: 0,
            roi_meta: false,
            output_tensor_meta: false,
            dump_tensors: None,
            dump_count: 10,
            stream: lynx_meta::names::DEFAULT_STREAM.into(),
        }
    }
}

impl Settings {
    /// The most images of a run, where the model allows for several. A frame that is there is not
    /// held up for others, and a CPU gains nothing by it but with many small images.
    pub fn batch_limit(&self, images: Images, on_cpu: bool) -> usize {
        match (self.batch_size, images) {
            (0, Images::Frames) => 1,
            (0, Images::Areas) if on_cpu => 1,
            (0, _) => 16,
            (size, _) => size as usize,
        }
    }
}

/// What the images for the model are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Images {
    /// One a frame.
    Frames,
    /// Large parts of a frame.
    Areas,
    /// Objects.
    Objects,
}
