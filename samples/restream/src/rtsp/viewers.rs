// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who watches what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst_rtsp_server::prelude::*;
use gst_rtsp_server::{RTSPClient, RTSPContext};

/// Asks a stream for a key frame.
pub type KeyFrame = Arc<dyn Fn() + Send + Sync>;

/// Clients that play, by path.
#[derive(Default)]
pub struct Viewers(Mutex<BTreeMap<String, Path>>);

#[derive(Default)]
struct Path {
    playing: BTreeSet<usize>,
    key_frame: Option<KeyFrame>,
}

/// What names a client for as long as it lives.
pub fn id(client: &RTSPClient) -> usize {
    client.as_ptr() as usize
}

impl Viewers {
    /// Notes what a client does from now on.
    pub fn watch(self: &Arc<Self>, client: &RTSPClient) {
        let mine = self.clone();
        client.connect_play_request(move |client, context| mine.plays(client, context));
        let mine = self.clone();
        client.connect_pause_request(move |client, context| mine.ends(client, context));
        let mine = self.clone();
        client.connect_teardown_request(move |client, context| mine.ends(client, context));
        let mine = self.clone();
        client.connect_closed(move |client| mine.gone(client));
    }

    /// `key_frame` is called when somebody new watches `path`.
    pub fn tell(&self, path: &str, key_frame: KeyFrame) {
        self.lock().entry(path.into()).or_default().key_frame = Some(key_frame);
    }

    /// Forgets a path; who watched it.
    pub fn forget(&self, path: &str) -> BTreeSet<usize> {
        self.lock().remove(path).unwrap_or_default().playing
    }

    pub fn count(&self, path: &str) -> usize {
        self.lock().get(path).map_or(0, |path| path.playing.len())
    }

    fn plays(&self, client: &RTSPClient, context: &RTSPContext) {
        let key_frame = self.of(context, |path| {
            path.playing.insert(id(client));
            path.key_frame.clone()
        });
        if let Some(key_frame) = key_frame.flatten() {
            key_frame();
        }
    }

    fn ends(&self, client: &RTSPClient, context: &RTSPContext) {
        self.of(context, |path| path.playing.remove(&id(client)));
    }

    fn gone(&self, client: &RTSPClient) {
        for path in self.lock().values_mut() {
            path.playing.remove(&id(client));
        }
    }

    /// The path that a request is about: its address may go on with a stream of it.
    fn of<T>(&self, context: &RTSPContext, then: impl FnOnce(&mut Path) -> T) -> Option<T> {
        let requested = context.uri()?.request_uri();
        let (_, requested) = requested.split_once("://")?;
        let requested = &requested[requested.find('/')?..];
        let requested = requested.split(['?', '#']).next()?;
        let mut paths = self.lock();
        let longest = paths
            .iter_mut()
            .filter(|(path, _)| is_within(requested, path))
            .max_by_key(|(path, _)| path.len());
        longest.map(|(_, path)| then(path))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Path>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_within(requested: &str, path: &str) -> bool {
    requested
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn a_request_is_about_its_path() {
        assert!(is_within("/gate", "/gate") && is_within("/gate/stream=0", "/gate"));
        assert!(is_within("/gate/", "/gate") && is_within("/gate/raw", "/gate/raw"));
        assert!(!is_within("/gate2", "/gate") && !is_within("/", "/gate"));
    }
}
