// SPDX-License-Identifier: MIT OR Apache-2.0
//! Building a session: which providers of the list take the model.

use std::path::{Path, PathBuf};

use ort::session::builder::SessionBuilder;

use super::Refusal;
use crate::{Error, Library, Provider, SessionOptions, log};

/// A session, and how it came about.
pub(super) struct Built {
    pub session: ort::session::Session,
    /// Those that the session was built with, in order.
    pub providers: Vec<Provider>,
    pub refusals: Vec<Refusal>,
    /// What ONNX Runtime warned of.
    pub notes: Vec<String>,
}

/// A provider that cannot be had, or under which the model does not load.
struct Failure {
    provider: Provider,
    error: ort::Error,
}

/// Loads the model with all providers of the list but those that refuse it.
pub(super) fn load(model: &Path, options: &SessionOptions) -> Result<Built, Error> {
    options.check()?;
    check_file(model)?;
    let library = Library::open()?;
    let mut providers = to_try(&options.providers);
    let mut refusals = Vec::new();
    while !providers.is_empty() {
        let (result, notes) = log::listen(|| build(library, model, options, &providers));
        let Failure { provider, error } = match result {
            Ok(session) => {
                return Ok(Built {
                    session,
                    providers,
                    refusals,
                    notes,
                });
            }
            Err(failure) => failure,
        };
        // A file that is no model is no model on any provider.
        if is_model_error(&error) {
            return Err(Error::ModelInvalid {
                path: model.into(),
                version: library.version().into(),
                reason: error.to_string(),
            });
        }
        providers.retain(|other| *other != provider);
        refusals.push(Refusal {
            reason: reason(&error, &notes, provider, options),
            provider,
        });
    }
    let refusals = refusals
        .iter()
        .map(|r| format!("{}: {}", r.provider, r.reason));
    Err(Error::NoProvider {
        model: model.into(),
        refusals: refusals.collect(),
        version: library.version().into(),
        library: library.path().into(),
        available: library.providers(),
    })
}

/// Each of the list once, and none behind the CPU, which leaves nothing to them.
fn to_try(list: &[Provider]) -> Vec<Provider> {
    let mut providers = Vec::new();
    for &provider in list {
        if !providers.contains(&provider) {
            providers.push(provider);
        }
        if provider == Provider::Cpu {
            break;
        }
    }
    providers
}

fn build(
    library: &Library,
    model: &Path,
    options: &SessionOptions,
    providers: &[Provider],
) -> Result<ort::session::Session, Failure> {
    // What is wrong when all can be had is the first's doing: it takes most of the model.
    let first = providers[0];
    let of_first = |error| Failure {
        provider: first,
        error,
    };
    let mut builder = builder(library, options).map_err(of_first)?;
    for &provider in providers {
        let registered = provider.register(&options.keys(provider), &mut builder);
        registered.map_err(|error| Failure { provider, error })?;
    }
    builder.commit_from_file(model).map_err(of_first)
}

fn builder(library: &Library, options: &SessionOptions) -> Result<SessionBuilder, ort::Error> {
    let threads = options.threads();
    let builder = ort::session::Session::builder(&library.environment)?
        .with_intra_threads(threads)?
        // Threads that spin between operators take the cores from decoders and other runs.
        .with_intra_op_spinning(false)?
        .with_config_entry("session.record_ep_graph_assignment_info", "1")?;
    let cpus = options.cpu_affinity.as_ref();
    Ok(match cpus.and_then(|cpus| cpus.for_threads(threads)) {
        Some(cpus) => builder.with_config_entry("session.intra_op_thread_affinities", cpus)?,
        None => builder,
    })
}

/// What ONNX Runtime says of a refusal, in its error and in its log, and what it was asked for.
fn reason(
    error: &ort::Error,
    notes: &[String],
    provider: Provider,
    options: &SessionOptions,
) -> String {
    let error = error.to_string();
    let mut reason = message(&error).to_owned();
    for note in notes.iter().map(|note| message(note)) {
        if !reason.contains(note) {
            reason = format!("{reason}: {note}");
        }
    }
    let keys = options.keys(provider);
    if !keys.is_empty() {
        let keys: Vec<_> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
        reason = format!("{reason} (asked for with {})", keys.join(", "));
    }
    reason
}

/// What is said, without the place in ONNX Runtime's sources that says it.
fn message(text: &str) -> &str {
    let marks = ["[ONNXRuntimeError] : ", "[ERROR] "];
    let mut ends = marks.iter().filter_map(|mark| text.split_once(mark));
    match text.starts_with('/') {
        true => ends.next().map_or(text, |(_, message)| message).trim(),
        false => text.trim(),
    }
}

fn is_model_error(error: &ort::Error) -> bool {
    use ort::ErrorCode::{InvalidGraph, InvalidProtobuf, NoModel};
    matches!(error.code(), InvalidGraph | InvalidProtobuf | NoModel)
}

/// What the file system says of a file that may be a model.
pub(crate) fn check_file(model: &Path) -> Result<std::fs::Metadata, Error> {
    let unreadable = |reason: String| Error::ModelUnreadable {
        path: PathBuf::from(model),
        reason,
    };
    let file = std::fs::File::open(model).map_err(|error| unreadable(error.to_string()))?;
    let metadata = file
        .metadata()
        .map_err(|error| unreadable(error.to_string()))?;
    if metadata.is_dir() {
        return Err(unreadable("it is a folder".into()));
    }
    if metadata.len() == 0 {
        return Err(Error::ModelEmpty { path: model.into() });
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_reason_is_told_without_the_line_of_code_that_gave_it() {
        for (text, told) in [
            (
                "/src/factory.cc:141 T f(const T&) [ERROR] [OpenVINO] Device GPU is not available\n",
                "[OpenVINO] Device GPU is not available",
            ),
            (
                "/src/bridge.cc:20 T f() [ONNXRuntimeError] : 1 : FAIL : no libcublas.so",
                "1 : FAIL : no libcublas.so",
            ),
            ("/src/a.cc:2 T f() no key: x", "/src/a.cc:2 T f() no key: x"),
            ("Failed to load: [ERROR] x ", "Failed to load: [ERROR] x"),
        ] {
            assert_eq!(message(text), told);
        }
    }
}
