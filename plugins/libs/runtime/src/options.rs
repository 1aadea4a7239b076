// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a session is built, and what each provider makes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::{CpuSet, Error, Provider};

/// How a session is built. Two that are equal give sessions that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionOptions {
    /// Providers in order of preference. Each takes of the model what those before it leave; what
    /// all of them leave runs on the CPU. One that refuses the model is passed over.
    pub providers: Vec<Provider>,
    /// The device of the first provider and of others that have one of such a name: the number of
    /// a GPU for CUDA and TensorRT, OpenVINO's name (`CPU`, `GPU`, `GPU.1`, `NPU`,
    /// `AUTO:GPU,CPU`). The default is GPU 0 and OpenVINO's `CPU`.
    pub device: Option<String>,
    /// How the first provider computes, and others that can. What takes its place and cannot runs
    /// the model in its own types.
    pub precision: Precision,
    /// Threads that one run uses, the caller's among them; 0 leaves the choice to ONNX Runtime
    /// (one a physical core) or, with `cpu_affinity`, makes it one a CPU.
    pub intra_op_threads: usize,
    /// The CPUs that the threads of ONNX Runtime's own kernels run on; `None` for all. The thread
    /// that calls a run is [pinned](CpuSet::pin_this_thread) by whoever starts it.
    pub cpu_affinity: Option<CpuSet>,
    /// More options of providers of the list, by the names that ONNX Runtime documents for each:
    /// <https://onnxruntime.ai/docs/execution-providers/>.
    pub provider_options: BTreeMap<Provider, BTreeMap<String, String>>,
}

impl Default for SessionOptions {
    /// On the CPU, with what ONNX Runtime chooses.
    fn default() -> Self {
        Self {
            providers: vec![Provider::Cpu],
            device: None,
            precision: Precision::Auto,
            intra_op_threads: 0,
            cpu_affinity: None,
            provider_options: BTreeMap::new(),
        }
    }
}

/// In what numbers a provider computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// As the provider does when it is not told.
    #[default]
    Auto,
    /// Single precision: CUDA without TF32, OpenVINO `FP32`, TensorRT; the CPU does so anyway.
    Fp32,
    /// Half precision: TensorRT, and OpenVINO on GPU and NPU.
    Fp16,
    /// TensorRT, which wants a quantised model or a calibration table. A quantised model runs in
    /// 8 bits on every provider without it.
    Int8,
}

impl Precision {
    pub const ALL: [Self; 4] = [Self::Auto, Self::Fp32, Self::Fp16, Self::Int8];

    /// The word that `precision` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Fp32 => "fp32",
            Self::Fp16 => "fp16",
            Self::Int8 => "int8",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim();
        let found = Self::ALL
            .into_iter()
            .find(|precision| precision.name().eq_ignore_ascii_case(word));
        found.ok_or_else(|| invalid("precision", word, "known are auto, fp32, fp16 and int8"))
    }
}

impl SessionOptions {
    /// Refuses what the providers would not heed. [`Session::load`](crate::Session::load)
    /// does so first; it needs no library.
    pub fn check(&self) -> Result<(), Error> {
        let Some(&first) = self.providers.first() else {
            return Err(Error::EmptyProviders);
        };
        if let Some(device) = &self.device
            && !takes_device(first, device)
        {
            let reason = format!(
                "{first}, the first of the execution providers, has no such device; cuda and \
                 tensorrt take a number such as 0, openvino a name such as GPU, GPU.1 or NPU"
            );
            return Err(invalid("device", device, &reason));
        }
        if !first.takes(self.precision) {
            let reason = format!(
                "{first}, the first of the execution providers, does not compute so; fp16 is for \
                 tensorrt and openvino, int8 for tensorrt; the others run a model in its own \
                 types, so convert the model instead"
            );
            return Err(invalid("precision", self.precision.name(), &reason));
        }
        if let Some(cpus) = &self.cpu_affinity {
            if !self.providers.contains(&Provider::Cpu) {
                let reason = "it is for ONNX Runtime's own CPU kernels; add cpu to the list of \
                              execution providers or leave it out";
                return Err(invalid("cpu-affinity", &cpus.to_string(), reason));
            }
            cpus.check()?;
        }
        let given = self.provider_options.iter();
        given
            .filter(|(_, options)| !options.is_empty())
            .try_for_each(|(provider, options)| self.check_options(*provider, options))
    }

    fn check_options(
        &self,
        provider: Provider,
        options: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let refuse = |value: &str, reason: &str| {
            Err(invalid(
                "provider-options",
                &format!("{provider},{value}"),
                reason,
            ))
        };
        let own = self.own_keys(provider);
        for (key, value) in options {
            let pair = format!("{key}={value}");
            if provider == Provider::Cpu {
                return refuse(&pair, "the provider cpu takes no options; leave them out");
            }
            if !self.providers.contains(&provider) {
                let reason = "this provider is not in the list; add it to the execution providers";
                return refuse(&pair, reason);
            }
            if key.is_empty() || pair.contains('\0') {
                return refuse(&pair.replace('\0', "\\0"), "that is no name and value");
            }
            if let Some(other) = own.get(key.as_str()).filter(|other| *other != value) {
                let reason = format!(
                    "device, precision or intra-op-threads make it {other}; set only one of them"
                );
                return refuse(&pair, &reason);
            }
        }
        Ok(())
    }

    /// What ONNX Runtime is told of a provider.
    pub(crate) fn keys(&self, provider: Provider) -> BTreeMap<String, String> {
        let own = self.own_keys(provider).into_iter();
        let mut keys: BTreeMap<_, _> = own.map(|(key, value)| (key.into(), value)).collect();
        if let Some(given) = self.provider_options.get(&provider) {
            keys.extend(given.clone());
        }
        if provider == Provider::OpenVino {
            // Without it OpenVINO takes the device that the library was built for.
            keys.entry("device_type".into())
                .or_insert_with(|| "CPU".into());
        }
        keys
    }

    /// What device, precision and threads are called by a provider.
    fn own_keys(&self, provider: Provider) -> BTreeMap<&'static str, String> {
        let mut keys = BTreeMap::new();
        let device = self.device.as_ref();
        let device = device.filter(|device| takes_device(provider, device));
        if let Some(device) = device.map(|device| device.trim().to_owned()) {
            match provider {
                // It takes other words than its own, such as `cpu`, and runs nothing there.
                Provider::OpenVino => keys.insert("device_type", device.to_ascii_uppercase()),
                Provider::Cuda | Provider::TensorRt => keys.insert("device_id", device),
                Provider::Cpu => None,
            };
        }
        let precision: &[_] = match (provider, self.precision) {
            (Provider::OpenVino, Precision::Fp32) => &[("precision", "FP32")],
            (Provider::OpenVino, Precision::Fp16) => &[("precision", "FP16")],
            (Provider::Cuda, Precision::Fp32) => &[("use_tf32", "0")],
            (Provider::TensorRt, Precision::Fp32) => {
                &[("trt_fp16_enable", "0"), ("trt_int8_enable", "0")]
            }
            (Provider::TensorRt, Precision::Fp16) => &[("trt_fp16_enable", "1")],
            (Provider::TensorRt, Precision::Int8) => &[("trt_int8_enable", "1")],
            _ => &[],
        };
        keys.extend(precision.iter().map(|(key, value)| (*key, (*value).into())));
        if provider == Provider::OpenVino && self.intra_op_threads > 0 {
            keys.insert("num_of_threads", self.intra_op_threads.to_string());
        }
        keys
    }

    /// Threads of one run, 0 for ONNX Runtime's choice.
    pub(crate) fn threads(&self) -> usize {
        match (self.intra_op_threads, &self.cpu_affinity) {
            (0, Some(cpus)) => cpus.count(),
            (threads, _) => threads,
        }
    }
}

fn takes_device(provider: Provider, device: &str) -> bool {
    let device = device.trim();
    let is_number = device.parse::<u16>().is_ok();
    match provider {
        Provider::Cuda | Provider::TensorRt => is_number,
        Provider::OpenVino => device.starts_with(|first: char| first.is_ascii_alphabetic()),
        Provider::Cpu => device.eq_ignore_ascii_case("cpu"),
    }
}

impl Provider {
    /// Whether a provider can be told to compute so.
    pub(crate) fn takes(self, precision: Precision) -> bool {
        match precision {
            Precision::Auto | Precision::Fp32 => true,
            Precision::Fp16 => matches!(self, Self::OpenVino | Self::TensorRt),
            Precision::Int8 => self == Self::TensorRt,
        }
    }
}

fn invalid(option: &str, value: &str, reason: &str) -> Error {
    Error::Option {
        option: option.into(),
        value: value.into(),
        reason: reason.into(),
    }
}

mod compile;
#[cfg(test)]
mod tests;
