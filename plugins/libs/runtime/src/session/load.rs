// SPDX-License-Identifier: MIT OR Apache-2.0
//! Building a session: which providers of the list take the model.

use std::path::Path;

use lynx_model::ModelIo;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use super::Refusal;
use super::describe::describe;
use crate::{Error, Library, Provider, SessionOptions, file, log, refusal};

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
    file::check_model(model)?;
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
        let message = error.to_string();
        // A file that is no model is no model on any provider.
        if let Some(remedy) = refusal::of_model(&message, is_model_error(&error)) {
            return Err(Error::ModelInvalid {
                path: model.into(),
                version: library.version().into(),
                reason: refusal::cause(&message),
                remedy,
            });
        }
        let reason = match provider.is_available() {
            true => refusal::of_provider(provider, &options.keys(provider), &message, &notes),
            false => refusal::not_built_in(provider),
        };
        providers.retain(|other| *other != provider);
        refusals.push(Refusal { provider, reason });
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

/// What the model file says of itself, read without any provider but the CPU.
pub(crate) fn io(model: &Path) -> Result<ModelIo, Error> {
    file::check_model(model)?;
    let library = Library::open()?;
    let session = ort::session::Session::builder(&library.environment)
        .and_then(|builder| Ok(builder.with_intra_threads(1)?))
        .and_then(|builder| Ok(builder.with_optimization_level(GraphOptimizationLevel::Disable)?))
        .and_then(|mut builder| builder.commit_from_file(model));
    match session {
        Ok(session) => Ok(describe(&session)),
        Err(error) => {
            let message = error.to_string();
            Err(Error::ModelInvalid {
                path: model.into(),
                version: library.version().into(),
                reason: refusal::cause(&message),
                remedy: refusal::of_model(&message, true).unwrap_or_default(),
            })
        }
    }
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
        let whole = library.check(provider).map_err(ort::Error::new);
        whole
            .and_then(|()| provider.register(&options.keys(provider), &mut builder))
            .map_err(|error| Failure { provider, error })?;
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

fn is_model_error(error: &ort::Error) -> bool {
    use ort::ErrorCode::{InvalidGraph, InvalidProtobuf, NoModel};
    matches!(error.code(), InvalidGraph | InvalidProtobuf | NoModel)
}
