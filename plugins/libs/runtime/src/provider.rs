// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ort::ep::{self, ArbitrarilyConfigurableExecutionProvider, ExecutionProvider};
use ort::session::builder::SessionBuilder;

use crate::Error;

/// Where ONNX Runtime runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// ONNX Runtime's own kernels (MLAS), in every build.
    Cpu,
    /// Intel CPUs, GPUs and NPUs; PyPI `onnxruntime-openvino`.
    OpenVino,
    /// NVIDIA GPUs; PyPI `onnxruntime-gpu` and the CUDA and cuDNN libraries.
    Cuda,
    /// NVIDIA GPUs; as CUDA, and TensorRT's libraries.
    TensorRt,
}

impl Provider {
    /// Every provider that Lynx knows.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::OpenVino, Self::Cuda, Self::TensorRt];

    /// The word that `execution-provider` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::OpenVino => "openvino",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
        }
    }

    /// The PyPI package whose ONNX Runtime has it.
    pub(crate) const fn package(self) -> &'static str {
        match self {
            Self::Cpu => "onnxruntime",
            Self::OpenVino => "onnxruntime-openvino",
            Self::Cuda | Self::TensorRt => "onnxruntime-gpu",
        }
    }

    /// Whether the library was built with this provider. It may still refuse a session when its
    /// own libraries or its device are missing.
    pub(crate) fn is_available(self) -> bool {
        match self {
            Self::Cpu => ep::CPU::is_available(),
            Self::OpenVino => ep::OpenVINO::is_available(),
            Self::Cuda => ep::CUDA::is_available(),
            Self::TensorRt => ep::TensorRT::is_available(),
        }
        .unwrap_or(false)
    }

    /// What ONNX Runtime calls it.
    const fn full_name(self) -> &'static str {
        match self {
            Self::Cpu => ep::CPU::NAME,
            Self::OpenVino => ep::OpenVINO::NAME,
            Self::Cuda => ep::CUDA::NAME,
            Self::TensorRt => ep::TensorRT::NAME,
        }
    }

    pub(crate) fn by_full_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|provider| provider.full_name() == name)
    }

    /// Adds it, with these options, to those of a session.
    pub(crate) fn register(
        self,
        keys: &BTreeMap<String, String>,
        builder: &mut SessionBuilder,
    ) -> Result<(), ort::Error> {
        fn with<P: ArbitrarilyConfigurableExecutionProvider>(
            provider: P,
            keys: &BTreeMap<String, String>,
        ) -> P {
            keys.iter().fold(provider, |provider, (key, value)| {
                provider.with_arbitrary_config(key, value)
            })
        }
        match self {
            // Else each run has its memory from malloc: it is paged in anew, and in pieces soon.
            Self::Cpu => ep::CPU::default()
                .with_arena_allocator(true)
                .register(builder),
            Self::OpenVino => with(ep::OpenVINO::default(), keys).register(builder),
            Self::Cuda => with(ep::CUDA::default(), keys).register(builder),
            Self::TensorRt => with(ep::TensorRT::default(), keys).register(builder),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Provider {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|p| p.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| Error::UnknownProvider {
                found: text.trim().to_owned(),
            })
    }
}

/// Reads an ordered list such as `openvino,cpu`.
pub fn parse_providers(text: &str) -> Result<Vec<Provider>, Error> {
    let providers: Vec<_> = text
        .split(',')
        .filter(|word| !word.trim().is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if providers.is_empty() {
        return Err(Error::EmptyProviders);
    }
    Ok(providers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order() {
        let list = parse_providers("tensorrt, CUDA,cpu").unwrap();
        assert_eq!(list, [Provider::TensorRt, Provider::Cuda, Provider::Cpu]);
    }

    #[test]
    fn an_unknown_provider_is_named_beside_the_known_ones() {
        let message = parse_providers("cpu,gpu").unwrap_err().to_string();
        assert!(
            message.contains("\"gpu\"") && message.contains("openvino"),
            "{message}"
        );
    }

    #[test]
    fn an_empty_list_is_refused() {
        assert!(matches!(parse_providers(" , "), Err(Error::EmptyProviders)));
    }
}
