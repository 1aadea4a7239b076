// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long a frame of a live camera is on its way through lynxinfer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bare::{Bare, ways};
use crate::camera::Film;
use crate::options::Options;
use crate::pipelines::{Pipelines, whole};
use crate::sample::median;
use crate::{Failure, print};

/// The golden ratio's fraction: cameras that start so far apart are never in step, few or many.
const APART: f64 = 0.618_033_988_75;

/// Milliseconds, the worst of all cameras.
struct Round {
    p50: f64,
    p99: f64,
    run_p50: f64,
    run_p99: f64,
    late: u64,
    nireq: u32,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let film = Film::of_clip()?;
    let mut rate: f64 = 0.0;
    for way in ways(options) {
        if let Some(mut bare) = Bare::new(options, way)? {
            bare.measure(options.frames / 4)?;
            rate = rate.max(bare.measure(options.frames)?.fps);
        }
    }
    let rate = rate * options.load;
    let rounds = (0..options.rounds).map(|_| round(options, &film, rate));
    let rounds = rounds.collect::<Result<Vec<_>, _>>()?;
    let middle = |pick: fn(&Round) -> f64| median(rounds.iter().map(pick));
    let (p50, p99) = (middle(|r| r.p50), middle(|r| r.p99));
    let (run_p50, run_p99) = (middle(|r| r.run_p50), middle(|r| r.run_p99));
    let bound = 2.0 * f64::from(options.batch_timeout) + run_p50;
    let late: u64 = rounds.iter().map(|r| r.late).sum();
    let nireq = rounds.last().map_or(0, |r| r.nireq);
    let value: Value = json!({
        "model": options.name(), "provider": options.provider, "cameras": options.streams,
        "batch": options.batch, "batch_timeout_ms": options.batch_timeout, "requests": nireq,
        "load": options.load, "fps": rate, "rounds": options.rounds,
        "latency_ms": {"p50": p50, "p99": p99}, "run_ms": {"p50": run_p50, "p99": run_p99},
        "bound_ms": bound, "late": late,
    });
    let table = format!(
        "{} on {}, {} live cameras, {:.1} frames/s of them all ({:.0} % load), batch {}, \
         batch-timeout {} ms, {nireq} requests, worst camera, medians of {} rounds of {} frames\n\n\
         | latency p50 ms | p99 | run p50 | run p99 | 2 × batch-timeout + run p50 | late |\n\
         |---:|---:|---:|---:|---:|---:|\n\
         | {p50:.1} | {p99:.1} | {run_p50:.1} | {run_p99:.1} | {bound:.1} | {late} |",
        options.name(),
        options.provider,
        options.streams,
        rate,
        options.load * 100.0,
        options.batch,
        options.batch_timeout,
        options.rounds,
        options.frames
    );
    print(options, &value, &table);
    Ok(())
}

/// Cameras that together send so many frames a second.
fn round(options: &Options, film: &Film, rate: f64) -> Result<Round, Failure> {
    let interval = Duration::from_secs_f64(options.streams as f64 / rate);
    let mut live = Vec::new();
    let counts = [options.frames];
    let pipelines = Pipelines::start(
        &whole(options),
        options.streams,
        &counts,
        |index, source| {
            let phase = (index as f64 * APART).fract();
            live.push(film.feed_live(source, interval, interval.mul_f64(phase)));
        },
    )?;
    pipelines.wait()?;
    let all = pipelines.stats();
    drop(live);
    let worst = |name: &str| {
        let nanos = all.iter().filter_map(|s| s.get::<u64>(name).ok());
        nanos.max().unwrap_or_default() as f64 / 1e6
    };
    Ok(Round {
        p50: worst("latency-p50"),
        p99: worst("latency-p99"),
        run_p50: worst("run-p50"),
        run_p99: worst("run-p99"),
        late: all.iter().filter_map(|s| s.get::<u64>("late").ok()).sum(),
        nireq: all.first().and_then(|s| s.get("nireq").ok()).unwrap_or(0),
    })
}
