// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes while it runs. Each is done, then kept; what cannot be kept is undone.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Entry, check_look, look, plan};
use super::{App, lock};
use crate::config::{self, CameraPatch, Config, Model, ModelPatch};
use crate::error::Error;
use crate::model::Loaded;

/// How long a change waits for a camera that goes.
const GOING: Duration = Duration::from_secs(3);

pub fn add(app: &App, camera: config::Camera) -> Result<(), Error> {
    let _changing = lock(&app.0.changing);
    let mut config = app.config();
    config.cameras.push(camera.clone());
    config.check()?;
    let entry = app.entry(&config, &camera)?;
    if let Err(error) = keep(app, config) {
        app.end(&entry, GOING);
        return Err(error);
    }
    lock(&app.0.cameras).push(entry);
    Ok(())
}

pub fn remove(app: &App, name: &str) -> Result<(), Error> {
    let _changing = lock(&app.0.changing);
    let entry = app.find(name)?;
    let mut config = app.config();
    config.cameras.retain(|camera| camera.name != name);
    keep(app, config)?;
    lock(&app.0.cameras).retain(|entry| entry.name != name);
    app.end(&entry, GOING);
    (app.0.say)(&format!("camera {name}: removed"));
    Ok(())
}

pub fn camera(app: &App, name: &str, patch: CameraPatch) -> Result<config::Camera, Error> {
    let _changing = lock(&app.0.changing);
    let entry = app.find(name)?;
    let old = app.config();
    let mut new = old.clone();
    let found = new.cameras.iter_mut().find(|camera| camera.name == name);
    let camera = found.ok_or_else(|| Error::NotFound(name.into()))?;
    let before = camera.clone();
    apply(camera, patch);
    let after = camera.clone();
    new.check()?;
    let done = change(app, &entry, &new, &before, &after).and_then(|()| keep(app, new));
    if let Err(error) = done {
        // What ran before runs on; that it did so already is why this cannot fail for long.
        let _ = change(app, &entry, &old, &after, &before);
        return Err(error);
    }
    Ok(after)
}

fn apply(camera: &mut config::Camera, patch: CameraPatch) {
    let CameraPatch {
        source,
        raw,
        paused,
        threshold,
        events,
        record,
        overlay,
    } = patch;
    camera.source = source.unwrap_or_else(|| camera.source.clone());
    camera.raw = raw.unwrap_or(camera.raw);
    camera.paused = paused.unwrap_or(camera.paused);
    camera.threshold = threshold.unwrap_or(camera.threshold);
    camera.events = events.unwrap_or_else(|| camera.events.clone());
    camera.record = record.unwrap_or_else(|| camera.record.clone());
    camera.overlay = overlay.unwrap_or_else(|| camera.overlay.clone());
}

fn change(
    app: &App,
    entry: &Entry,
    config: &Config,
    before: &config::Camera,
    after: &config::Camera,
) -> Result<(), Error> {
    let look = look(config, after, &app.0.encoder);
    check_look(&look)?;
    if before.record != after.record {
        entry.record(after, &app.0.say)?;
    }
    entry.camera.stream.set_look(look);
    app.allow_raw(entry, after.raw);
    entry.camera.set_plan(plan(config, after));
    Ok(())
}

pub fn model(app: &App, patch: ModelPatch) -> Result<Model, Error> {
    let _changing = lock(&app.0.changing);
    let mut config = app.config();
    let old = config.model.clone();
    let ModelPatch {
        path,
        threshold,
        execution_provider,
        properties,
    } = patch;
    let model = &mut config.model;
    model.path = path.unwrap_or_else(|| model.path.clone());
    model.threshold = threshold.unwrap_or(model.threshold);
    model.execution_provider =
        execution_provider.unwrap_or_else(|| model.execution_provider.clone());
    model.properties = properties.unwrap_or_else(|| model.properties.clone());
    let new = model.clone();
    config.check()?;
    let same = Model {
        threshold: new.threshold,
        ..old.clone()
    };
    // The old one serves on until the new one is known to load.
    let loaded = match new == same {
        true => None,
        false => Some(Loaded::new(&new)?),
    };
    keep(app, config.clone())?;
    if let Some(loaded) = loaded {
        let provider = loaded.provider();
        let old = lock(&app.0.loaded).replace(loaded);
        drop(old);
        (app.0.say)(&format!("model {} on {provider}", new.path.display()));
    }
    for entry in cameras(app) {
        let mut plan = entry.camera.plan();
        plan.model = new.clone();
        entry.camera.set_plan(plan);
    }
    Ok(new)
}

fn cameras(app: &App) -> Vec<Arc<Entry>> {
    lock(&app.0.cameras).clone()
}

/// Writes the configuration down, and takes it for what is asked.
fn keep(app: &App, config: Config) -> Result<(), Error> {
    (app.0.keep)(&config)?;
    *lock(&app.0.config) = config;
    Ok(())
}
