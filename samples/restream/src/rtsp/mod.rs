// SPDX-License-Identifier: MIT OR Apache-2.0
//! The RTSP server: what cameras give, to whom it may concern.

mod login;
mod media;
mod viewers;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use gst::glib;
use gst_rtsp_server::prelude::*;
use gst_rtsp_server::{
    RTSPFilterResult, RTSPMountPoints, RTSPServer, RTSPSessionPool, RTSPThreadPool,
};

use crate::config;
use crate::error::Error;

pub use media::{Codec, Offer};
use viewers::Viewers;

/// Sessions of viewers who went without a word end this often.
const CLEAN_UP_SECONDS: u32 = 5;
/// Threads that answer clients. Who asks for a stream that does not begin (the raw one of a camera
/// that is lost) keeps its thread for 20 s; by default there is one for all.
const THREADS: i32 = 32;

/// A server with a thread and a main loop of its own.
pub struct Server {
    server: RTSPServer,
    mounts: RTSPMountPoints,
    viewers: Arc<Viewers>,
    address: String,
    main_loop: glib::MainLoop,
    clean_up: glib::Source,
    running: Mutex<Option<Running>>,
}

struct Running {
    listening: glib::SourceId,
    thread: JoinHandle<()>,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    ///
    /// The address is taken, or is none of this machine; the certificate cannot be read.
    pub fn start(settings: &config::Rtsp) -> Result<Self, Error> {
        let server = RTSPServer::new();
        server.set_address(&settings.listen.ip().to_string());
        server.set_service(&settings.listen.port().to_string());
        if let Some(auth) = login::auth(settings)? {
            server.set_auth(Some(&auth));
        }
        let threads = RTSPThreadPool::new();
        threads.set_max_threads(THREADS);
        server.set_thread_pool(Some(&threads));
        let missing = || Error::Failed("the RTSP server has no mount points".into());
        let mounts = server.mount_points().ok_or_else(missing)?;
        let pool = server.session_pool().ok_or_else(missing)?;
        let viewers = Arc::new(Viewers::default());
        let watching = viewers.clone();
        server.connect_client_connected(move |_, client| watching.watch(client));

        let context = glib::MainContext::new();
        let listening = server.attach(Some(&context)).map_err(|_| {
            Error::Failed(format!(
                "RTSP cannot listen on {}: the address is taken, or is none of this machine; \
                 choose another rtsp.listen",
                settings.listen
            ))
        })?;
        let clean_up = clean_up(pool);
        clean_up.attach(Some(&context));
        let main_loop = glib::MainLoop::new(Some(&context), false);
        let running = main_loop.clone();
        let thread = std::thread::Builder::new()
            .name("rtsp".into())
            .spawn(move || {
                // Fails only where another thread runs this context already.
                let _ = context.with_thread_default(|| running.run());
            })
            .map_err(|error| Error::Failed(format!("no thread for RTSP: {error}")))?;
        let tls = settings.tls.is_some();
        let mut listen = settings.listen;
        listen.set_port(u16::try_from(server.bound_port()).unwrap_or(listen.port()));
        Ok(Self {
            address: format!("{}://{listen}", if tls { "rtsps" } else { "rtsp" }),
            server,
            mounts,
            viewers,
            main_loop,
            clean_up,
            running: Mutex::new(Some(Running { listening, thread })),
        })
    }

    /// Such as `rtsp://127.0.0.1:8554`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Serves `offer` at `/PATH`.
    pub fn add(&self, path: &str, offer: Offer) {
        let path = format!("/{path}");
        self.viewers.tell(&path, offer.key_frame.clone());
        self.mounts.add_factory(&path, media::factory(offer));
    }

    /// Serves nothing there any more, and sends off who watches.
    pub fn remove(&self, path: &str) {
        let path = format!("/{path}");
        self.mounts.remove_factory(&path);
        let gone = self.viewers.forget(&path);
        if gone.is_empty() {
            return;
        }
        self.server.client_filter(Some(
            &mut |_: &RTSPServer, client: &gst_rtsp_server::RTSPClient| match gone
                .contains(&viewers::id(client))
            {
                true => RTSPFilterResult::Remove,
                false => RTSPFilterResult::Keep,
            },
        ));
    }

    /// How many watch `/PATH`.
    pub fn viewers(&self, path: &str) -> usize {
        self.viewers.count(&format!("/{path}"))
    }

    /// Sends everybody off, and ends.
    pub fn stop(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Running { listening, thread }) = running else {
            return;
        };
        // It belongs to our own context, where `SourceId::remove` does not look.
        if let Some(source) = self.main_loop.context().find_source_by_id(&listening) {
            source.destroy();
        }
        self.clean_up.destroy();
        self.server.client_filter(Some(
            &mut |_: &RTSPServer, _: &gst_rtsp_server::RTSPClient| RTSPFilterResult::Remove,
        ));
        self.main_loop.quit();
        let _ = thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn clean_up(pool: RTSPSessionPool) -> glib::Source {
    glib::timeout_source_new_seconds(CLEAN_UP_SECONDS, None, glib::Priority::DEFAULT, move || {
        pool.cleanup();
        glib::ControlFlow::Continue
    })
}
