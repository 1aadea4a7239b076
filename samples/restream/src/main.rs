// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lynx-restream config.toml`

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use lynx_restream::app::App;
use lynx_restream::config::{Store, redact};
use lynx_restream::error::Error;
use lynx_restream::http;
use lynx_restream::service;
use tokio::signal::unix::{SignalKind, signal};

/// Annotates cameras and serves them over RTSP.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration; what is changed while it runs is written back
    config: PathBuf,
    /// Only say whether the configuration can work
    #[arg(long)]
    check: bool,
}

/// All must have ended by then.
const END: Duration = Duration::from_millis(1800);

fn main() -> ExitCode {
    share_memory();
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = runtime
        .map_err(|error| Error::Failed(format!("no event loop: {error}")))
        .and_then(|runtime| {
            let result = runtime.block_on(run(arguments));
            // A change that still loads a model does not hold up the end.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Threads come and go with cameras and viewers. glibc would give up to eight memory areas to each
/// processor, and what was freed in one is of no use in another: memory grew with every reconnection.
fn share_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: no other thread is there yet, and the call only sets a number.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}

async fn run(arguments: Arguments) -> Result<(), Error> {
    let cannot =
        |what: &str, error: &dyn std::fmt::Display| Error::Failed(format!("{what}: {error}"));
    gst::init().map_err(|error| cannot("GStreamer does not start", &error))?;
    gstlynx::plugin_register_static().map_err(|error| cannot("Lynx does not start", &error))?;
    let store = Store::new(&arguments.config);
    let config = store.read()?;
    if arguments.check {
        config.check_files()?;
        say(&format!("{} is in order", arguments.config.display()));
        return Ok(());
    }
    if !config.rtsp.listen.ip().is_loopback() && config.rtsp.users.is_empty() {
        say(
            "warning: whoever reaches this machine may watch; [rtsp.users] has names and passwords",
        );
    }
    // Whoever asks to end while it starts is heard, too.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| cannot("no signals", &e))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| cannot("no signals", &e))?;

    let (listener, address) = http::listen(&config.http).await?;
    let keep = Box::new(move |config: &_| store.write(config));
    let settings = config.http.clone();
    let starting = tokio::task::spawn_blocking(move || App::start(config, keep, Arc::new(say)));
    let app = tokio::select! {
        app = starting => app.map_err(|error| cannot("it does not start", &error))??,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    say(&format!("page and API on http://{address}/"));
    tokio::spawn(http::serve(listener, http::router(app.clone(), &settings)));
    tokio::spawn(service::watchdog(app.clone()));
    service::ready();

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    say("ending");
    service::stopping();
    let ending = tokio::task::spawn_blocking(move || app.stop(END));
    let ended = tokio::select! {
        ended = tokio::time::timeout(END, ending) => matches!(ended, Ok(Ok(true))),
        // Once more means at once.
        _ = interrupt.recv() => false,
    };
    if !ended {
        // A source that does not let go must not keep the process.
        say("ended; some sources did not let go");
        std::process::exit(0);
    }
    say("ended");
    Ok(())
}

#[allow(clippy::print_stderr)] // this is where the lines for people go
fn say(text: &str) {
    eprintln!("lynx-restream: {}", redact(text));
}
