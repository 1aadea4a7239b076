// SPDX-License-Identifier: MIT OR Apache-2.0
//! What there is to know of providers that compile a model before they run it.

use std::path::Path;

use lynx_model::ModelIo;

use super::takes_device;
use crate::{Precision, Provider, SessionOptions, Shape};

impl Provider {
    /// Whether it can keep what it compiles.
    pub(crate) fn keeps(self) -> bool {
        matches!(self, Self::OpenVino | Self::TensorRt)
    }
}

impl SessionOptions {
    /// Whether the first provider compiles a model for so long that nobody should load one on it to
    /// know its inputs: [`shared::io`](crate::shared::io) tells them.
    pub fn compiles_first(&self) -> bool {
        self.providers.first().is_some_and(|p| self.compiles(*p))
    }

    /// Whether a provider compiles a model for so long, seconds to many minutes, that others had
    /// better serve meanwhile. OpenVINO's CPU takes about as long as any; its `AUTO` serves on
    /// the CPU meanwhile of its own accord.
    pub(crate) fn compiles(&self, provider: Provider) -> bool {
        match provider {
            Provider::TensorRt => true,
            Provider::OpenVino => {
                self.is_on_device(provider) && !self.openvino_device().starts_with("AUTO")
            }
            Provider::Cpu | Provider::Cuda => false,
        }
    }

    /// Whether a provider uses, or may use, more than the CPU.
    pub(crate) fn is_on_device(&self, provider: Provider) -> bool {
        let device = || self.openvino_device();
        match provider {
            Provider::Cuda | Provider::TensorRt => true,
            Provider::OpenVino => device().contains("GPU") || device().contains("NPU"),
            Provider::Cpu => false,
        }
    }

    /// Whether what a provider compiles is for certain sizes of inputs and batches: TensorRT has
    /// ranges compiled in, an NPU each size. OpenVINO's other devices leave open what the model
    /// leaves open.
    pub(crate) fn compiles_sizes(&self, provider: Provider) -> bool {
        match provider {
            Provider::TensorRt => true,
            Provider::OpenVino => self.openvino_device().contains("NPU"),
            Provider::Cpu | Provider::Cuda => false,
        }
    }

    fn openvino_device(&self) -> String {
        let device = self.keys(Provider::OpenVino).remove("device_type");
        device.unwrap_or_default().to_ascii_uppercase()
    }

    /// How the model is run until the first provider has compiled it: on those after it that are
    /// there at once. `None` where nothing is to be waited for, and where there are none.
    pub(crate) fn meanwhile(&self, available: &[Provider]) -> Option<Self> {
        let (&first, rest) = self.providers.split_first()?;
        if !available.contains(&first) || !self.compiles(first) {
            return None;
        }
        let rest = rest.iter().copied();
        let rest = rest.filter(|p| *p != first && available.contains(p) && !self.compiles(*p));
        let providers: Vec<_> = rest.collect();
        let next = *providers.first()?;
        let mut options = Self {
            device: self
                .device
                .clone()
                .filter(|device| takes_device(next, device)),
            precision: match next.takes(self.precision) {
                true => self.precision,
                false => Precision::Auto,
            },
            ..self.clone()
        };
        options
            .provider_options
            .retain(|p, _| providers.contains(p));
        options.providers = providers;
        Some(options)
    }

    /// Has a provider keep what it compiles in a folder, and use what is there. An option that
    /// the user gave stays as it is.
    pub(crate) fn keep(&mut self, provider: Provider, folder: &Path) {
        let folder = folder.to_string_lossy();
        let keys: &[(&str, &str)] = match provider {
            Provider::TensorRt => &[
                ("trt_engine_cache_enable", "1"),
                ("trt_engine_cache_path", &folder),
                ("trt_timing_cache_enable", "1"),
                ("trt_timing_cache_path", &folder),
            ],
            Provider::OpenVino => &[("cache_dir", &folder)],
            Provider::Cpu | Provider::Cuda => &[],
        };
        self.add(provider, keys.iter().map(|(k, v)| (*k, (*v).to_owned())));
    }

    /// Tells TensorRT the sizes of the inputs that the model leaves open, for runs of 1 to `batch`
    /// images, so that one engine serves all of them: without, it compiles anew, for as long as
    /// at the start, whenever a size is new. It is fastest on full batches.
    pub(crate) fn with_profiles(&self, io: &ModelIo, inputs: &[Shape], batch: usize) -> Self {
        let mut options = self.clone();
        let profile = |images: usize| {
            let open = io.inputs.iter().zip(inputs);
            let open = open.filter(|(input, _)| input.dims.contains(&None));
            let sizes = open.map(|(input, shape)| {
                let dims = shape.times(images).dims;
                let dims: Vec<_> = dims.iter().map(usize::to_string).collect();
                format!("{}:{}", input.name, dims.join("x"))
            });
            sizes.collect::<Vec<_>>().join(",")
        };
        let given = self.provider_options.get(&Provider::TensorRt);
        let own = given.is_some_and(|keys| keys.keys().any(|key| key.starts_with(PROFILE)));
        let (one, all) = (profile(1), profile(batch));
        // It wants all three or none.
        if self.providers.contains(&Provider::TensorRt) && !own && !one.is_empty() {
            let keys = [
                ("trt_profile_min_shapes", one),
                ("trt_profile_opt_shapes", all.clone()),
                ("trt_profile_max_shapes", all),
            ];
            options.add(Provider::TensorRt, keys);
        }
        options
    }

    fn add<'a>(&mut self, provider: Provider, keys: impl IntoIterator<Item = (&'a str, String)>) {
        let given = self.provider_options.entry(provider).or_default();
        for (key, value) in keys {
            given.entry(key.into()).or_insert(value);
        }
    }
}

const PROFILE: &str = "trt_profile_";

#[cfg(test)]
mod tests;
