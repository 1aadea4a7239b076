// SPDX-License-Identifier: MIT OR Apache-2.0
//! What systemd is told (`sd_notify(3)`); nothing where it does not ask.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::app::App;

pub fn ready() {
    tell(&[NotifyState::Ready]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says for ever that the application lives, as long as it does: twice as often as is asked for,
/// its state is read, which takes every lock that a camera's thread could hang in. Where that does
/// not come back, nothing is said any more, and systemd starts it anew.
pub async fn watchdog(app: App) {
    let Some(interval) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = tokio::time::interval(interval / 2);
    loop {
        ticks.tick().await;
        let asked = app.clone();
        let answer = tokio::task::spawn_blocking(move || asked.status());
        let Ok(Ok(status)) =
            tokio::time::timeout(interval.max(Duration::from_secs(1)), answer).await
        else {
            continue;
        };
        let playing = status.cameras.iter();
        let playing = playing.filter(|camera| camera.state == crate::status::State::Playing);
        let text = format!(
            "{} of {} cameras play",
            playing.count(),
            status.cameras.len()
        );
        tell(&[NotifyState::Watchdog, NotifyState::Status(&text)]);
    }
}

fn tell(what: &[NotifyState<'_>]) {
    // Without systemd there is nobody to tell.
    let _ = sd_notify::notify(what);
}
