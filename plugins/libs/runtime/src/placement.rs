// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which part of a model each provider took, and whether that is what was asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::{Error, Provider, Refusal};

/// A provider that takes no more than this share of the heavy operators does not run the model.
const MOST: f64 = 0.5;

/// Which operators of a model each provider took, as ONNX Runtime divided it. The operators are
/// those of the model after constants were folded and before providers fuse them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    parts: Vec<Part>,
    notes: Vec<String>,
}

/// What one provider took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The word of [`Provider::name`], or what ONNX Runtime calls one that Lynx does not know.
    pub provider: String,
    /// All operators.
    pub nodes: usize,
    /// Those that take nearly all the time of a model: convolutions, matrix products, attention
    /// and recurrent layers, quantised or not.
    pub heavy: usize,
    /// How many there are of each type.
    pub operators: BTreeMap<String, usize>,
}

impl Placement {
    /// Of the name that ONNX Runtime has for a provider, and the type, of each operator.
    pub fn new(operators: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        for (name, operator) in operators {
            let part = parts.entry(name).or_default();
            part.nodes += 1;
            part.heavy += usize::from(is_heavy(&operator));
            *part.operators.entry(operator).or_default() += 1;
        }
        let named = parts.into_iter().map(|(name, part)| Part {
            provider: Provider::by_full_name(&name).map_or(name, |p| p.name().into()),
            ..part
        });
        let mut parts: Vec<_> = named.collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.heavy, part.nodes)));
        Self {
            parts,
            notes: Vec::new(),
        }
    }

    /// With what ONNX Runtime warned of meanwhile.
    pub fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// Of each provider that took something, the one with most heavy operators first.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What ONNX Runtime warned of while it divided the model.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Heavy operators of the model.
    pub fn heavy(&self) -> usize {
        self.parts.iter().map(|part| part.heavy).sum()
    }

    /// Operators of the model.
    pub fn nodes(&self) -> usize {
        self.parts.iter().map(|part| part.nodes).sum()
    }

    /// What a provider took; `None` for nothing.
    pub fn of(&self, provider: Provider) -> Option<&Part> {
        let mut parts = self.parts.iter();
        parts.find(|part| part.provider == provider.name())
    }

    /// The share of the heavy operators that a provider took, 0 to 1. Of a model that has none,
    /// the share of all operators; of a model without any, 1.
    pub fn share(&self, provider: Provider) -> f64 {
        let part = self.of(provider);
        let (taken, all) = match self.heavy() {
            0 => (part.map_or(0, |part| part.nodes), self.nodes()),
            heavy => (part.map_or(0, |part| part.heavy), heavy),
        };
        match all {
            0 => 1.0,
            all => taken as f64 / all as f64,
        }
    }
}

/// `openvino 90 of 90 heavy operators, 430 of 430 in all; cpu ...`
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (heavy, nodes) = (self.heavy(), self.nodes());
        for (index, part) in self.parts.iter().enumerate() {
            let (comma, name) = (if index > 0 { "; " } else { "" }, &part.provider);
            write!(
                f,
                "{comma}{name} {} of {heavy} heavy operators, {} of {nodes} in all",
                part.heavy, part.nodes
            )?;
        }
        Ok(())
    }
}

/// Whether an operator is one that takes the time of a model, by the words that ONNX and ONNX
/// Runtime's own domains have in their names (`QLinearConv`, `FusedMatMul`,
/// `MultiHeadAttention`, `DynamicQuantizeLSTM`). An `EPContext` is a part that was compiled before.
fn is_heavy(operator: &str) -> bool {
    let words = [
        "Conv",
        "MatMul",
        "Gemm",
        "Attention",
        "LSTM",
        "GRU",
        "RNN",
        "Einsum",
    ];
    operator == "EPContext" || words.iter().any(|word| operator.contains(word))
}

/// What is done when the model does not run where it was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ProviderPolicy {
    /// It does not start unless the first provider of the list took most of the heavy operators;
    /// it warns unless that took them all.
    Strict,
    /// It warns unless the first provider of the list took all of the heavy operators.
    #[default]
    Warn,
    /// It says nothing.
    Fallback,
}

impl ProviderPolicy {
    pub const ALL: [Self; 3] = [Self::Strict, Self::Warn, Self::Fallback];

    /// The word that `provider-policy` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Warn => "warn",
            Self::Fallback => "fallback",
        }
    }
}

impl FromStr for ProviderPolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim();
        let mut all = Self::ALL.into_iter();
        all.find(|policy| policy.name().eq_ignore_ascii_case(word))
            .ok_or_else(|| Error::Option {
                option: "provider-policy".into(),
                value: word.into(),
                reason: "known are strict, warn and fallback".into(),
            })
    }
}

/// What is to be said of where a model runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    Warn(String),
    Fail(String),
}

/// Whether the model runs where the first provider of `requested` would have it. The providers
/// behind it are there to take its place, so that what they took is not asked. Operators that are
/// not heavy count for nothing: shape arithmetic on the CPU is usual.
pub fn verdict(
    policy: ProviderPolicy,
    requested: &[Provider],
    placement: Result<&Placement, &str>,
    refusals: &[Refusal],
) -> Verdict {
    // The CPU's kernels are in every build and take whatever there is.
    let Some(&wanted) = requested.first().filter(|first| **first != Provider::Cpu) else {
        return Verdict::Fine;
    };
    let share = placement.map_or(0.0, |placement| placement.share(wanted));
    let refused = refusals.iter().any(|refusal| refusal.provider == wanted);
    let is_light = placement.is_ok_and(|placement| placement.heavy() == 0);
    let runs_there = share > MOST && !refused;
    match policy {
        ProviderPolicy::Fallback => Verdict::Fine,
        _ if runs_there && (share == 1.0 || is_light) => Verdict::Fine,
        ProviderPolicy::Strict if !runs_there => Verdict::Fail(format!(
            "{}; provider-policy=strict forbids that",
            complaint(wanted, placement, refusals)
        )),
        _ => Verdict::Warn(complaint(wanted, placement, refusals)),
    }
}

fn complaint(
    wanted: Provider,
    placement: Result<&Placement, &str>,
    refusals: &[Refusal],
) -> String {
    let refusals = refusals.iter().map(|refusal| {
        let Refusal { provider, reason } = refusal;
        format!("execution provider {provider} refused the model: {reason}")
    });
    let mut sentences: Vec<_> = refusals.collect();
    match placement {
        Ok(placement) => {
            sentences.push(format!(
                "asked for {wanted}, the model runs on: {placement}"
            ));
            let others = placement.parts().iter();
            let others = others.filter(|part| part.provider != wanted.name() && part.heavy > 0);
            // Where it took nothing the kinds say nothing.
            if placement.share(wanted) > 0.0 {
                sentences.extend(others.map(heavy_ones));
            }
            sentences.extend(placement.notes().iter().cloned());
        }
        Err(reason) => sentences.push(format!("where the model runs is not known: {reason}")),
    }
    sentences.join("; ")
}

/// `cpu has Conv 3, MatMul 1`
fn heavy_ones(part: &Part) -> String {
    let heavy = part.operators.iter().filter(|(name, _)| is_heavy(name));
    let heavy: Vec<_> = heavy
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    format!("{} has {}", part.provider, heavy.join(", "))
}

#[cfg(test)]
mod tests;
