// SPDX-License-Identifier: MIT OR Apache-2.0
//! What providers compile of a model, kept for the next start.
//!
//! | provider | what it keeps | its own check |
//! |---|---|---|
//! | TensorRT | the engine of each part of the model, the range of sizes it is good for, and how fast the ways to compute each layer were | versions of TensorRT, kind of GPU |
//! | OpenVINO | the model as the device runs it, one file a device and part, weights included | version of OpenVINO, device and driver |
//!
//! On the CPU, OpenVINO keeps its own form of the model, and takes its IR frontend to read that
//! back. PyPI's onnxruntime-openvino (1.24.1) has none: each start would write the file anew and
//! read none, so that nothing is kept there.
//!
//! Each has a folder of its own for each [key](key::about); anything of that being another, it
//! compiles into another folder. Folders are never removed: `lynx.txt` in each says what it is
//! for, and all of them can be removed at any time.

mod folder;
mod key;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use folder::{Folder, Unfinished};
use key::Key;

use crate::engine::Ladder;
use crate::{Binding, Error, Library, Provider, Session, SessionOptions, Shape, shared};

/// What matters to providers that compile, besides their options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Compile {
    /// For what sizes, where one of the providers wants to know.
    pub sizes: Option<Sizes>,
    /// Where it is kept.
    pub dir: Option<PathBuf>,
}

/// The shapes of all inputs for one image, and the images of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sizes {
    pub inputs: Vec<Shape>,
    pub ladder: Ladder,
}

impl Display for Sizes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Shape { element, dims } in &self.inputs {
            write!(f, "{element:?} {dims:?} ")?;
        }
        write!(f, "in runs of 1 to {}", self.ladder.limit())
    }
}

/// Loads one model on providers that may have compiled it before.
pub(crate) struct Loader<'a> {
    model: &'a Path,
    options: SessionOptions,
    sizes: Option<&'a Sizes>,
    /// Of each provider that keeps something.
    folders: Vec<(Provider, Folder)>,
    /// Why one keeps nothing that could.
    problem: Option<String>,
}

impl<'a> Loader<'a> {
    pub fn new(
        model: &'a Path,
        content: &dyn Display,
        options: &SessionOptions,
        compile: &'a Compile,
    ) -> Result<Self, Error> {
        options.check()?;
        let sizes = compile.sizes.as_ref();
        let options = match sizes {
            // A model that loads on no CPU does without, and TensorRT compiles at the first run.
            Some(sizes) => match shared::io(model) {
                Ok(io) => options.with_profiles(&io, &sizes.inputs, sizes.ladder.limit()),
                Err(_) => options.clone(),
            },
            None => options.clone(),
        };
        let (mut folders, mut problem) = (Vec::new(), None);
        if let Some(dir) = &compile.dir {
            let library = Library::open()?;
            let available = library.providers();
            let keeping = options.providers.iter().filter(|p| p.keeps());
            for &provider in keeping.filter(|p| available.contains(p)) {
                if provider == Provider::OpenVino && !openvino_reads_back(&options, library) {
                    problem = Some(NO_FRONTEND.into());
                    continue;
                }
                let sizes = sizes.filter(|_| options.compiles_sizes(provider));
                let sizes = sizes.map(|sizes| sizes as &dyn Display);
                let about = key::about(library, provider, &options, content, sizes);
                folders.push((provider, Folder::new(dir, Key::new(about))));
            }
        }
        Ok(Self {
            model,
            options,
            sizes,
            folders,
            problem,
        })
    }

    /// A session on what was compiled before; `None` if the foremost provider has to compile.
    pub fn cached(&self) -> Result<Option<Session>, Error> {
        match self.folders.first() {
            Some((_, folder)) if folder.is_there() => self.attempt(),
            // That it cannot be written to is said before minutes have passed.
            Some((_, folder)) => folder.begin().map(|_| None),
            None => Ok(None),
        }
    }

    /// A session, compiled if it has to be.
    pub fn load(&self) -> Result<Session, Error> {
        for _ in 0..2 {
            if let Some(session) = self.attempt()? {
                return Ok(session);
            }
        }
        // Others put there again what does not load here.
        Session::load(self.model, &self.options)
    }

    /// A session, or none, and folders that do not load set aside.
    fn attempt(&self) -> Result<Option<Session>, Error> {
        let mut options = self.options.clone();
        let (mut there, mut unfinished) = (Vec::new(), Vec::new());
        for (provider, folder) in &self.folders {
            if folder.is_there() {
                options.keep(*provider, &folder.path());
                there.push((*provider, folder));
            } else {
                let new = folder.begin()?;
                options.keep(*provider, new.path());
                unfinished.push((*provider, folder, new));
            }
        }
        let session = match Session::load(self.model, &options) {
            Err(Error::NoProvider { .. }) if !there.is_empty() => None,
            loaded => Some(loaded?),
        };
        let refused = |provider| {
            let refusals = session.as_ref().map(Session::refusals);
            refusals.is_none_or(|all| all.iter().any(|refusal| refusal.provider == provider))
        };
        there.retain(|(provider, _)| refused(*provider));
        for (_, folder) in &there {
            folder.set_aside()?;
        }
        match session {
            Some(session) if there.is_empty() => self.finish(session, unfinished).map(Some),
            _ => Ok(None),
        }
    }

    /// Keeps what was compiled.
    fn finish(
        &self,
        session: Session,
        unfinished: Vec<(Provider, &Folder, Unfinished)>,
    ) -> Result<Session, Error> {
        let session = match unfinished.is_empty() && !self.folders.is_empty() {
            true => session,
            false => self.warm(session)?,
        };
        let mut problem = self.problem.clone();
        for (provider, folder, new) in unfinished {
            if session.refusals().iter().any(|r| r.provider == provider) {
                folder.restore();
            } else if let Err(error) = new.finish() {
                problem = Some(error.to_string());
            }
        }
        Ok(session.with_cache_problem(problem))
    }

    /// Runs the model in all sizes, as some providers compile what they are first run on.
    fn warm(&self, session: Session) -> Result<Session, Error> {
        let Some(Sizes { inputs, ladder }) = self.sizes else {
            return Ok(session);
        };
        let rungs: Vec<_> = ladder.rungs().collect();
        let session = Arc::new(session);
        drop(Binding::new(&session, inputs, &rungs)?);
        // The binding had the only other.
        Arc::try_unwrap(session).map_err(|_| Error::Run {
            reason: "its memory is still in use".into(),
        })
    }
}

const NO_FRONTEND: &str = "engine-cache-dir: this build of OpenVINO compiles for the CPU at each \
    start, as it lacks libopenvino_ir_frontend.so to read back what it wrote; leave the property \
    out, or take a build that has it";

/// Whether OpenVINO can use what it has kept. Where its libraries are not beside ONNX Runtime they
/// are those of a full installation.
fn openvino_reads_back(options: &SessionOptions, library: &Library) -> bool {
    let beside = |start| key::beside(library.path(), start).is_some();
    let on_cpu = !options.is_on_device(Provider::OpenVino);
    !on_cpu || beside("libopenvino_ir_frontend.so") || !beside("libopenvino.so")
}
