// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine of those who share it, and what it runs on.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::asked::Asked;
use super::meanwhile::{self, Serve, TICK};
use super::progress::Reports;
use super::registry::lock;
use super::tune::Choice;
use crate::engine::{Engine, EngineOptions, Ladder};
use crate::{Error, Loaded, Provider, Session, Shape};

pub(super) struct Serving {
    pub engine: Arc<Engine>,
    session: Mutex<Arc<Session>>,
    inputs: Vec<Shape>,
    pub reports: Arc<Reports>,
}

impl Serving {
    /// Starts to serve: on the first provider or, if that compiles and another is there at once,
    /// on that until the first is ready.
    pub fn start(model: &Path, asked: &Asked) -> Result<(Arc<Self>, Option<Choice>), Error> {
        if let Some(other) = asked.meanwhile(model)? {
            // If that fails, the first may serve all the same, or say what is wrong with the model.
            if let Ok((requests, session, _)) = other.resolve(model) {
                let serving = Self::new(asked, requests, session)?;
                serving.await_first(model, asked)?;
                return Ok((serving, None));
            }
        }
        let (requests, session, choice) = asked.resolve(model)?;
        Ok((Self::new(asked, requests, session)?, choice))
    }

    fn new(asked: &Asked, requests: usize, session: Arc<Session>) -> Result<Arc<Self>, Error> {
        let inputs = asked.inputs.clone();
        let backend = Loaded {
            session: Arc::clone(&session),
            inputs: inputs.clone(),
        };
        let options = EngineOptions {
            requests,
            ladder: Ladder::new(asked.batch, asked.padding),
            policy: asked.policy,
        };
        Ok(Arc::new(Self {
            engine: Engine::new(Arc::new(backend), options)?,
            session: Mutex::new(session),
            inputs,
            reports: Arc::default(),
        }))
    }

    /// Has the first provider compile the model, and the engine go on with it.
    fn await_first(self: &Arc<Self>, model: &Path, asked: &Asked) -> Result<(), Error> {
        let first = asked.session.first();
        let (key, model) = (asked.session.clone(), model.to_owned());
        meanwhile::build(self, first, TICK, move || {
            let session = key.load(&model).map_err(|error| error.to_string())?;
            match refusal(&session, first) {
                Some(reason) => Err(reason),
                None => Ok(session),
            }
        })
    }

    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&lock(&self.session))
    }
}

/// Why the provider to wait for did not take the model.
fn refusal(session: &Session, provider: Provider) -> Option<String> {
    let mut refusals = session.refusals().iter();
    let refusal = refusals.find(|refusal| refusal.provider == provider)?;
    Some(refusal.reason.clone())
}

impl Serve<Arc<Session>> for Serving {
    fn reports(&self) -> &Reports {
        &self.reports
    }

    fn switch(&self, session: Arc<Session>) -> Result<(), Error> {
        let backend = Loaded {
            session: Arc::clone(&session),
            inputs: self.inputs.clone(),
        };
        self.engine.replace(Arc::new(backend))?;
        let before = std::mem::replace(&mut *lock(&self.session), session);
        drop(before);
        Ok(())
    }
}
