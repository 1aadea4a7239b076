// SPDX-License-Identifier: MIT OR Apache-2.0
//! One session and one engine for all who want the same.
//!
//! Sessions hold the weights. They are shared by what is in the model file and how it is to be
//! run; engines, which have the memory of runs, besides by the size and number of these. Nothing
//! is kept that nobody has: the last to go frees it.

mod asked;
mod content;
mod registry;
mod tune;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use asked::{Asked, SessionKey};
use registry::{Registry, lock};

use crate::engine::{Engine, EngineOptions, Ladder, Padding, Policy};
use crate::{Error, Loaded, Session, SessionOptions, Shape};

pub use tune::{Choice, Measured};

/// How a model is to be run.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    pub model: &'a Path,
    pub options: &'a SessionOptions,
    /// An engine of its own for all who give this name; they must want the same. The weights are
    /// shared with others all the same.
    pub instance: Option<&'a str>,
    /// Shapes of the inputs for one image, in the model's order.
    pub inputs: Vec<Shape>,
    /// The most images of a run, at least 1.
    pub batch: usize,
    pub padding: Padding,
    /// Runs at the same time; 0 = choose (see [`engine`]).
    pub requests: usize,
    pub policy: Policy,
}

/// An engine that others may have, too. Keep it for as long as the engine is used: others find it
/// while somebody does.
pub struct Shared {
    engine: Arc<Engine>,
    session: Mutex<Arc<Session>>,
    choice: Option<Choice>,
    model: PathBuf,
    asked: Asked,
}

/// What an engine is found by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name {
    Instance(String),
    Asked(Box<Asked>),
}

static ENGINES: LazyLock<Registry<Name, Shared>> = LazyLock::new(Registry::default);

/// A session of a model that others may have, too.
///
/// It is the one of the same content and options if that is loaded, whatever the file is called;
/// who asks while it is being loaded waits for it. An `instance` that is in use by other
/// content or options is an error.
pub fn session(
    model: &Path,
    options: &SessionOptions,
    instance: Option<&str>,
) -> Result<Arc<Session>, Error> {
    let key = SessionKey::new(model, options)?;
    if let Some(id) = instance
        && let Some(other) = ENGINES.find(&Name::Instance(id.into()))
        && let Some(difference) = key.difference(&other.asked.session)
    {
        return Err(other.in_use(id, model, difference));
    }
    key.load(model)
}

/// An engine for a plan, which others with the same plan may have, too.
///
/// Plans that differ in the engine's part alone (batch, requests …) share the session. An engine
/// that has lost its workers is not given to anybody new. It may be that its session is not the one
/// that [`session`] gives for these options, as the number of threads is another: who has that
/// one lets it go afterwards, not before, so that it is not loaded twice.
///
/// Where the number of requests is to be chosen, some are measured on the CPU, if the number of
/// threads is to be chosen, too, and with OpenVINO. That takes about 1.5 s, more for models that
/// take longer than 100 ms, and is done once a process for each model and size of batch. With
/// threads, there are as many requests as the CPU's cores have room for; on GPUs there are two, so
/// that one is prepared while another runs. With requests but no number of threads, the CPU's cores
/// are divided between them, rounded down.
pub fn engine(plan: &Plan<'_>) -> Result<Arc<Shared>, Error> {
    let asked = Asked::new(plan)?;
    let name = match plan.instance {
        Some(id) => Name::Instance(id.into()),
        None => Name::Asked(Box::new(asked.clone())),
    };
    let serves = |shared: &Shared| shared.engine.stats().workers > 0;
    let shared = ENGINES.get(name, serves, || Shared::new(plan.model, &asked))?;
    match (plan.instance, asked.difference(&shared.asked)) {
        (Some(id), Some(difference)) => Err(shared.in_use(id, plan.model, difference)),
        _ => Ok(shared),
    }
}

impl Shared {
    fn new(model: &Path, asked: &Asked) -> Result<Self, Error> {
        let (requests, session, choice) = asked.resolve(model)?;
        let backend = Loaded {
            session: Arc::clone(&session),
            inputs: asked.inputs.clone(),
        };
        let options = EngineOptions {
            requests,
            ladder: Ladder::new(asked.batch, asked.padding),
            policy: asked.policy,
        };
        Ok(Self {
            engine: Engine::new(Arc::new(backend), options)?,
            session: Mutex::new(session),
            choice,
            model: model.into(),
            asked: asked.clone(),
        })
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The session that the engine runs on.
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&lock(&self.session))
    }

    /// What was measured, where the number of requests was to be chosen.
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// Goes on with another session of the same model, for all who have the engine: see
    /// [`Engine::replace`].
    pub fn replace(&self, session: Arc<Session>) -> Result<(), Error> {
        let backend = Loaded {
            session: Arc::clone(&session),
            inputs: self.asked.inputs.clone(),
        };
        self.engine.replace(Arc::new(backend))?;
        let before = std::mem::replace(&mut *lock(&self.session), session);
        drop(before);
        Ok(())
    }

    fn in_use(&self, id: &str, model: &Path, difference: &str) -> Error {
        Error::InstanceInUse {
            id: id.into(),
            running: self.model.clone(),
            asked: model.into(),
            difference: difference.into(),
        }
    }
}
