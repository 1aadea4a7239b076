// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is asked for, and what that makes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use super::Plan;
use super::content::Content;
use super::registry::{Registry, lock};
use super::tune::{self, Candidate, Choice};
use crate::cache::{Compile, Loader, Sizes};
use crate::engine::{Backend, Ladder, Padding, Policy, Runner, runners};
use crate::{Error, Library, Loaded, Provider, Session, SessionOptions, Shape};

static SESSIONS: LazyLock<Registry<SessionKey, Session>> = LazyLock::new(Registry::default);
/// What was measured in this process.
static CHOICES: LazyLock<Mutex<HashMap<Asked, Choice>>> = LazyLock::new(Mutex::default);

/// What makes a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SessionKey {
    content: Content,
    options: SessionOptions,
    compile: Compile,
}

/// What makes an engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub session: SessionKey,
    pub inputs: Vec<Shape>,
    pub batch: usize,
    pub padding: Padding,
    requests: usize,
    pub policy: Policy,
}

/// Runs at the same time where no number was given and the CPU does not do the work: one is
/// prepared while the other runs.
const ON_A_DEVICE: usize = 2;

impl SessionKey {
    pub fn new(model: &Path, options: &SessionOptions) -> Result<Self, Error> {
        Ok(Self {
            content: Content::of(model)?,
            options: options.clone(),
            compile: Compile::default(),
        })
    }

    pub fn load(&self, model: &Path) -> Result<Arc<Session>, Error> {
        SESSIONS.get(self.clone(), |_| true, || self.loader(model)?.load())
    }

    /// The session, if it need not be compiled.
    fn load_cached(&self, model: &Path) -> Result<Option<Arc<Session>>, Error> {
        let load = || {
            let session = self.loader(model).and_then(|loader| loader.cached());
            session.map_err(Some)?.ok_or(None)
        };
        match SESSIONS.get(self.clone(), |_| true, load) {
            Ok(session) => Ok(Some(session)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    fn loader<'a>(&'a self, model: &'a Path) -> Result<Loader<'a>, Error> {
        Loader::new(model, &self.content, &self.options, &self.compile)
    }

    /// The provider that is to run it.
    pub fn first(&self) -> Provider {
        let first = self.options.providers.first();
        first.copied().unwrap_or(Provider::Cpu)
    }

    /// The session for so many requests of so many threads. OpenVINO divides its threads into as many
    /// streams, or its runs wait for each other.
    fn with_requests(&self, provider: Provider, requests: usize, threads: usize) -> Self {
        let mut options = self.options.clone();
        options.intra_op_threads = threads;
        if provider == Provider::OpenVino && requests > 1 {
            let theirs = options.provider_options.entry(provider).or_default();
            let streams = || requests.to_string();
            theirs.entry("num_streams".into()).or_insert_with(streams);
        }
        Self {
            options,
            ..self.clone()
        }
    }

    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.content != other.content {
            return Some("another model");
        }
        (self.options != other.options).then_some("other execution providers or options of theirs")
    }
}

impl Asked {
    pub fn new(plan: &Plan<'_>) -> Result<Self, Error> {
        let (batch, options) = (plan.batch.max(1), plan.options);
        let mut session = SessionKey::new(plan.model, options)?;
        // Where they do not matter, plans of other sizes share the session.
        let sizes = options
            .providers
            .iter()
            .any(|p| options.compiles_sizes(*p))
            .then(|| Sizes {
                inputs: plan.inputs.clone(),
                ladder: Ladder::new(batch, Padding::Dear),
            });
        session.compile = Compile {
            sizes,
            dir: plan.cache_dir.map(Path::to_owned),
        };
        Ok(Self {
            session,
            inputs: plan.inputs.clone(),
            batch,
            padding: plan.padding,
            requests: plan.requests,
            policy: plan.policy,
        })
    }

    /// What keeps it from being served by the engine that the other has asked for.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        let session = self.session.difference(&other.session);
        let same_requests = self.requests == other.requests || self.requests == 0;
        session.or_else(|| match () {
            () if self.inputs != other.inputs => Some("another size of input"),
            () if self.batch != other.batch => Some("another size of batch"),
            () if !same_requests => Some("another number of requests"),
            () if self.padding != other.padding => Some("another rule of padding"),
            () if self.policy != other.policy => Some("another scheduling policy"),
            () if self.session.compile.dir != other.session.compile.dir => {
                Some("another engine-cache-dir")
            }
            () => None,
        })
    }

    /// What is asked of other providers until the first has compiled the model; `None` where that
    /// is there, or does not take long, or there are no others.
    pub fn meanwhile(&self, model: &Path) -> Result<Option<Self>, Error> {
        let available = Library::open()?.providers();
        let Some(options) = self.session.options.meanwhile(&available) else {
            return Ok(None);
        };
        // Nobody waits for one that another engine has begun.
        let begun = SESSIONS.is_being_made(&self.session);
        if !begun && self.session.load_cached(model)?.is_some() {
            return Ok(None);
        }
        let session = SessionKey {
            content: self.session.content.clone(),
            options,
            compile: Compile::default(),
        };
        Ok(Some(Self {
            session,
            // As many as the first will have: an engine does not change their number.
            requests: match self.requests {
                0 => ON_A_DEVICE,
                requests => requests,
            },
            ..self.clone()
        }))
    }

    /// What is measured.
    fn runners(
        &self,
        session: Arc<Session>,
        requests: usize,
    ) -> Result<Vec<Box<dyn Runner>>, Error> {
        let inputs = self.inputs.clone();
        let backend: Arc<dyn Backend> = Arc::new(Loaded { session, inputs });
        runners(&backend, &[self.batch], requests)
    }

    /// How many requests there are, on which session, and what was measured for it.
    pub fn resolve(&self, model: &Path) -> Result<(usize, Arc<Session>, Option<Choice>), Error> {
        let session = self.session.load(model)?;
        let provider = session.provider();
        if self.session.options.compiles(provider) {
            // One that was measured would be compiled for it.
            let requests = match self.requests {
                0 => ON_A_DEVICE,
                requests => requests,
            };
            return Ok((requests, session, None));
        }
        let threads = self.session.options.intra_op_threads;
        let cores = match &self.session.options.cpu_affinity {
            Some(cpus) => cpus.count(),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let (requests, threads) = match (self.requests, threads) {
            (0, _) => match tune::candidates(provider, cores, threads)[..] {
                [only] => only,
                ref several => return self.choose(model, several, session),
            },
            (requests, 0) => (requests, tune::share(provider, cores, requests)),
            chosen => chosen,
        };
        Ok((
            requests,
            self.session
                .with_requests(provider, requests, threads)
                .load(model)?,
            None,
        ))
    }

    /// Measures, if that has not been done.
    fn choose(
        &self,
        model: &Path,
        candidates: &[(usize, usize)],
        session: Arc<Session>,
    ) -> Result<(usize, Arc<Session>, Option<Choice>), Error> {
        let key = Self {
            // What is of no matter to the choice.
            padding: Padding::Dear,
            policy: Policy::default(),
            ..self.clone()
        };
        let known = lock(&CHOICES).get(&key).cloned();
        let provider = session.provider();
        let load = |(requests, threads)| {
            let key = self.session.with_requests(provider, requests, threads);
            key.load(model)
        };
        if let Some(choice) = known {
            let session = load((choice.requests, choice.intra_op_threads))?;
            return Ok((choice.requests, session, Some(choice)));
        }
        // The runners have the sessions: what loses goes with them.
        let make = |pair| {
            let session = load(pair);
            let runners = session.and_then(|session| self.runners(session, pair.0));
            Candidate::new(pair, runners)
        };
        let Some(choice) = tune::choose(candidates, make, self.batch, tune::BUDGET) else {
            // The engine says why it does not run.
            return Ok((1, session, None));
        };
        lock(&CHOICES).insert(key, choice.clone());
        let session = load((choice.requests, choice.intra_op_threads))?;
        Ok((choice.requests, session, Some(choice)))
    }
}
