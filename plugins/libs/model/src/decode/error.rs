// SPDX-License-Identifier: MIT OR Apache-2.0

use crate::OutputView;
use crate::describe::Family;

/// Why outputs cannot be decoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting out of its range.
    #[error("{name} is {value}; expected 0 to 1")]
    Config { name: &'static str, value: f32 },
    /// Outputs of another number, type or shape than the model's description promised.
    #[error(
        "the outputs are {found}; {family} expects {expected}: name the model's family in a sidecar"
    )]
    Outputs {
        family: Family,
        found: String,
        expected: String,
    },
    /// A class that has no label: the labels are another model's.
    #[error(
        "the model found class {class}, but there are {labels} labels: give this model's own with labels-file or in a sidecar"
    )]
    Class { class: i64, labels: usize },
}

impl Error {
    pub(super) fn outputs(family: Family, outputs: &[OutputView], expected: String) -> Self {
        let found = outputs.iter().map(|output| match output {
            OutputView::F32(view) => format!("f32 {:?}", view.shape()),
            OutputView::I64(view) => format!("i64 {:?}", view.shape()),
        });
        Self::Outputs {
            family,
            found: found.collect::<Vec<_>>().join(" and "),
            expected,
        }
    }
}
