// SPDX-License-Identifier: MIT OR Apache-2.0
//! One session and one engine for all who want the same.
//!
//! Sessions hold the weights. They are shared by what is in the model file and how it is to be
//! run; engines, which have the memory of runs, besides by the size and number of these. Nothing
//! is kept that nobody has: the last to go frees it.

mod asked;
mod content;
mod meanwhile;
mod progress;
mod registry;
mod serving;
mod tune;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use asked::{Asked, SessionKey};
use content::Content;
use lynx_model::ModelIo;
use meanwhile::Serve;
use registry::{Registry, lock};
use serving::Serving;

use crate::engine::{Engine, Padding, Policy};
use crate::{Error, Session, SessionOptions, Shape};

pub use progress::{Progress, Subscription};
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
    /// Where TensorRT and OpenVINO keep what they compile; `None` to compile at each start. It is
    /// made if it is not there, and may be shared by models, processes and containers. Each model
    /// on each provider has a folder there for each content, ONNX Runtime, version of the provider,
    /// machine, device, precision and other options and, where they are compiled in, sizes: with
    /// another of these it is compiled anew. `lynx.txt` in a folder says what it is for; folders
    /// that are no longer wanted, and `.bad` ones, which did not load, can be removed.
    pub cache_dir: Option<&'a Path>,
}

/// An engine that others may have, too. Keep it for as long as the engine is used: others find it
/// while somebody does.
pub struct Shared {
    serving: Arc<Serving>,
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

/// What models say of themselves, of those that were asked about.
static IOS: LazyLock<Mutex<HashMap<Content, ModelIo>>> = LazyLock::new(Mutex::default);

static ENGINES: LazyLock<Registry<Name, Shared>> = LazyLock::new(Registry::default);

/// What a model file says of itself, without a session on the providers that are to run it, which
/// may take minutes to compile it: ask this before there is an engine. It is read on the CPU, once
/// a process. A model of operators that only another provider has is an error.
pub fn io(model: &Path) -> Result<ModelIo, Error> {
    let content = Content::of(model)?;
    if let Some(io) = lock(&IOS).get(&content).cloned() {
        return Ok(io);
    }
    let io = crate::session::io(model)?;
    lock(&IOS).insert(content, io.clone());
    Ok(io)
}

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
///
/// Where the first provider would compile the model for long (TensorRT, and OpenVINO on GPU and
/// NPU) and has not done so before (see [`Plan::cache_dir`]), and another of the list is there at
/// once, this returns an engine on that, and the first takes over between two runs when it is
/// ready: [`Shared::progress`]. Should it refuse the model, the other serves on. Requests are not
/// measured then: there are two if none are given.
pub fn engine(plan: &Plan<'_>) -> Result<Arc<Shared>, Error> {
    let asked = Asked::new(plan)?;
    let name = match plan.instance {
        Some(id) => Name::Instance(id.into()),
        None => Name::Asked(Box::new(asked.clone())),
    };
    let serves = |shared: &Shared| shared.engine().stats().workers > 0;
    let shared = ENGINES.get(name, serves, || Shared::new(plan.model, &asked))?;
    match (plan.instance, asked.difference(&shared.asked)) {
        (Some(id), Some(difference)) => Err(shared.in_use(id, plan.model, difference)),
        _ => Ok(shared),
    }
}

impl Shared {
    fn new(model: &Path, asked: &Asked) -> Result<Self, Error> {
        let (serving, choice) = Serving::start(model, asked)?;
        Ok(Self {
            serving,
            choice,
            model: model.into(),
            asked: asked.clone(),
        })
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.serving.engine
    }

    /// The session that the engine runs on.
    pub fn session(&self) -> Arc<Session> {
        self.serving.session()
    }

    /// What was measured, where the number of requests was to be chosen.
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// How far the first provider is, where another serves until it has compiled the model; `None`
    /// where nobody had to wait.
    pub fn progress(&self) -> Option<Progress> {
        self.serving.reports.now()
    }

    /// Has `listener` called with the progress as it is, if there is any, and with each change, in
    /// order, for as long as the subscription is kept. [`Shared::session`] is the new one when it
    /// is told [`Progress::Ready`]. It is called on this thread and others, and is to be quick.
    pub fn on_progress(&self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Subscription {
        self.serving.reports.subscribe(Box::new(listener))
    }

    /// Goes on with another session of the same model, for all who have the engine: see
    /// [`Engine::replace`].
    pub fn replace(&self, session: Arc<Session>) -> Result<(), Error> {
        self.serving.switch(session)
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
