// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes what workers run on, which takes runs, and these may hang.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;

use super::{Backend, Runner, guarded};
use crate::Error;

/// So many runners. Who waits for them waits no longer than the backend's
/// [`patience`](Backend::patience): they are made on a thread of its own, which is left to itself
/// if one of them hangs.
pub(crate) fn runners(
    backend: &Arc<dyn Backend>,
    rungs: &[usize],
    count: usize,
) -> Result<Vec<Box<dyn Runner>>, Error> {
    let (done, made) = mpsc::channel();
    let (theirs, sizes) = (Arc::clone(backend), rungs.to_vec());
    let make = move || {
        for _ in 0..count {
            let runner = guarded(|| theirs.runner(&sizes));
            let runner = runner.unwrap_or_else(|reason| Err(Error::Run { reason }));
            let is_made = runner.is_ok();
            if done.send(runner).is_err() || !is_made {
                break;
            }
        }
    };
    let thread = Builder::new().name("lynx-first-run".into()).spawn(make);
    let thread = thread.map_err(|error| Error::Run {
        reason: format!("no thread for its first run: {error}"),
    })?;
    let patience = backend.patience(rungs, true);
    let mut hangs = false;
    let next = |_| {
        let next = match patience {
            Some(patience) => made.recv_timeout(patience),
            None => made.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        hangs = next
            .as_ref()
            .is_err_and(|e| *e == RecvTimeoutError::Timeout);
        next.unwrap_or_else(|_| {
            let reason = match patience {
                Some(patience) if hangs => {
                    format!("its first run did not come back within {patience:?}")
                }
                _ => "the thread of its first run has gone".into(),
            };
            Err(Error::Run { reason })
        })
    };
    let runners = (0..count).map(next).collect();
    // It keeps the model until then.
    if !hangs {
        let _ = thread.join();
    }
    runners
}
