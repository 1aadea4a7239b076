// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pipelines beside bare loops and other programs, in turn.

use std::process::Command;

use serde_json::{Value, json};

use crate::bare::{Bare, Way, ways};
use crate::camera::Film;
use crate::options::Options;
use crate::pipelines::{measure, whole};
use crate::sample::{Sample, median, middle};
use crate::{Failure, print};

/// What was measured, one sample a round each.
struct Measured {
    bare: Vec<(Way, Vec<Sample>)>,
    pipelines: Vec<Sample>,
    peers: Vec<(String, Vec<f64>)>,
    /// What a lynxinfer said at the end.
    stats: Option<gst::Structure>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let measured = Measured::new(options)?;
    print(options, &measured.json(options), &measured.table(options));
    Ok(())
}

impl Measured {
    fn new(options: &Options) -> Result<Self, Failure> {
        let (line, film) = (whole(options), Film::of_clip()?);
        let loops = ways(options).into_iter();
        let loops = loops.map(|way| Bare::new(options, way));
        let loops = loops.collect::<Result<Vec<_>, _>>()?;
        let mut loops: Vec<_> = loops.into_iter().flatten().collect();
        let mut measured = Self {
            bare: loops.iter().map(|one| (one.way, Vec::new())).collect(),
            pipelines: Vec::new(),
            peers: Vec::new(),
            stats: None,
        };
        let names = options.peers.iter().map(|(name, _)| name.clone());
        measured.peers = names.map(|name| (name, Vec::new())).collect();
        for _ in 0..options.rounds {
            for (one, (_, samples)) in loops.iter_mut().zip(&mut measured.bare) {
                samples.push(one.measure(options.frames)?);
            }
            let (sample, stats) = measure(&line, &film, options.streams, options.frames)?;
            measured.pipelines.push(sample);
            measured.stats = stats;
            for ((_, command), (_, rates)) in options.peers.iter().zip(&mut measured.peers) {
                rates.push(peer(command)?);
            }
        }
        Ok(measured)
    }

    /// The bare loop that is fastest, by its median.
    fn best(&self) -> Option<&(Way, Vec<Sample>)> {
        let fps = |(_, samples): &&(Way, Vec<Sample>)| middle(samples).fps;
        self.bare.iter().max_by(|a, b| fps(a).total_cmp(&fps(b)))
    }

    /// The pipelines' rate in parts of that of other samples, the median of the rounds.
    fn ratio(&self, others: &[Sample]) -> f64 {
        let pairs = self.pipelines.iter().zip(others);
        median(pairs.map(|(ours, theirs)| ours.fps / theirs.fps))
    }

    fn best_ratio(&self) -> f64 {
        self.best()
            .map_or(f64::NAN, |(_, samples)| self.ratio(samples))
    }

    fn number(&self, name: &str) -> u32 {
        let stats = self.stats.as_ref();
        stats.and_then(|s| s.get(name).ok()).unwrap_or_default()
    }

    fn json(&self, options: &Options) -> Value {
        let bare = self.bare.iter().map(|(way, samples)| {
            let mut value = middle(samples).json();
            value["requests"] = way.requests.into();
            value["threads"] = way.threads.into();
            value["batch"] = way.batch.into();
            value["ratio"] = self.ratio(samples).into();
            value
        });
        let peers = self.peers.iter().map(|(name, rates)| {
            let rate = median(rates.iter().copied());
            json!({"name": name, "fps": rate})
        });
        let mut pipeline = middle(&self.pipelines).json();
        pipeline["requests"] = self.number("nireq").into();
        pipeline["batch"] = self.number("batch-size").into();
        json!({
            "model": options.name(), "provider": options.provider, "streams": options.streams,
            "from": if options.file { "file" } else { "memory" },
            "threads": options.threads, "frames": options.frames, "rounds": options.rounds,
            "bare": bare.collect::<Vec<_>>(),
            "pipeline": pipeline,
            "peers": peers.collect::<Vec<_>>(),
            "ratio": self.best_ratio(),
        })
    }

    fn table(&self, options: &Options) -> String {
        let from = match options.file {
            true => "decoded from the file",
            false => "in memory",
        };
        let mut lines = vec![
            format!(
                "{} on {}, {} stream(s), frames {from}, medians of {} rounds of {} frames",
                options.name(),
                options.provider,
                options.streams,
                options.rounds,
                options.frames
            ),
            String::new(),
            "| | frames/s | CPU ms/frame | pipeline / this |".into(),
            "|---|---:|---:|---:|".into(),
        ];
        let mut row = |name: String, sample: Sample, ratio: f64| {
            let Sample { fps, cpu } = sample;
            let percent = ratio * 100.0;
            lines.push(format!("| {name} | {fps:.2} | {cpu:.2} | {percent:.1} % |"));
        };
        for (way, samples) in &self.bare {
            row(way.to_string(), middle(samples), self.ratio(samples));
        }
        let name = format!(
            "pipelines: {} requests, batch {}",
            self.number("nireq"),
            self.number("batch-size")
        );
        row(name, middle(&self.pipelines), 1.0);
        for (name, rates) in &self.peers {
            let ours = self.pipelines.iter().zip(rates);
            let ratio = median(ours.map(|(ours, theirs)| ours.fps / theirs)) * 100.0;
            let fps = median(rates.iter().copied());
            lines.push(format!("| {name} | {fps:.2} | | {ratio:.1} % |"));
        }
        lines.push(String::new());
        lines.push(format!(
            "pipelines / best bare loop: {:.1} % (median of the rounds)",
            self.best_ratio() * 100.0
        ));
        lines.join("\n")
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let threads = match self.threads {
            0 => "all cores".into(),
            1 => "1 thread".into(),
            threads => format!("{threads} threads"),
        };
        write!(
            f,
            "bare: {} × {threads}, batch {}",
            self.requests, self.batch
        )
    }
}

/// Runs another program to its end. The last number that it prints is its frames a second.
fn peer(command: &str) -> Result<f64, Failure> {
    let output = Command::new("bash").args(["-c", command]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers = text.split_whitespace().rev();
    let rate = numbers.filter_map(|word| word.parse().ok()).next();
    match rate.filter(|_| output.status.success()) {
        Some(rate) => Ok(rate),
        None => {
            let error = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command} gave no rate: {text}{error}").into())
        }
    }
}
