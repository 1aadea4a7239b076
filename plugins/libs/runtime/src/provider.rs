// SPDX-License-Identifier: MIT OR Apache-2.0

use std::fmt;
use std::str::FromStr;

use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};

use crate::Error;

/// Where ONNX Runtime runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// ONNX Runtime's own kernels (MLAS), in every build.
    Cpu,
    /// Intel CPUs (its GPUs and NPUs are not offered yet); PyPI `onnxruntime-openvino`.
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

    /// The provider as `ort` registers it. `ort` ignores a failed registration unless told
    /// otherwise; Lynx never replaces a provider in silence.
    pub(crate) fn dispatch(self, intra_op_threads: usize) -> ExecutionProviderDispatch {
        match self {
            Self::Cpu => ep::CPU::default().build(),
            Self::OpenVino => {
                let provider = ep::OpenVINO::default().with_device_type("CPU");
                match intra_op_threads {
                    0 => provider.build(),
                    n => provider.with_num_threads(n).build(),
                }
            }
            Self::Cuda => ep::CUDA::default().build(),
            Self::TensorRt => ep::TensorRT::default().build(),
        }
        .error_on_failure()
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
