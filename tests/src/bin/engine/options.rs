// SPDX-License-Identifier: MIT OR Apache-2.0
//! What to measure: the words of the command line.

use lynx_tests::places;

use crate::Failure;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Options {
    pub model: String,
    /// Sides of the input of a model that leaves them open; 0 = the model's own.
    pub size: u32,
    pub provider: String,
    pub streams: usize,
    pub batch: usize,
    /// In ms.
    pub batch_timeout: u32,
    /// 0 = lynxinfer's choice.
    pub nireq: usize,
    /// Threads a run; 0 = lynxinfer's choice.
    pub threads: usize,
    /// Frames a round, of all streams together.
    pub frames: usize,
    pub rounds: usize,
    /// Frames come from the clip's file, not from memory.
    pub file: bool,
    /// Share of the best rate that live cameras ask for.
    pub load: f64,
    /// Other programs, each with its name. The last number that one prints is its frames a second.
    pub peers: Vec<(String, String)>,
    pub json: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: "yolox-tiny-person".into(),
            size: 0,
            provider: "cpu".into(),
            streams: 1,
            batch: 1,
            batch_timeout: 0,
            nireq: 0,
            threads: 0,
            frames: 200,
            rounds: 5,
            file: false,
            load: 0.7,
            peers: Vec::new(),
            json: false,
        }
    }
}

impl Options {
    /// Reads the command line. `default` has what is not said there.
    pub fn read(
        mut arguments: impl Iterator<Item = String>,
        default: Self,
    ) -> Result<Self, Failure> {
        let mut options = default;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--model" => options.model = value()?,
                "--size" => options.size = value()?.parse()?,
                "--provider" => options.provider = value()?,
                "--streams" => options.streams = value()?.parse::<usize>()?.max(1),
                "--batch" => options.batch = value()?.parse::<usize>()?.clamp(1, 64),
                "--batch-timeout" => options.batch_timeout = value()?.parse()?,
                "--nireq" => options.nireq = value()?.parse()?,
                "--threads" => options.threads = value()?.parse()?,
                "--frames" => options.frames = value()?.parse::<usize>()?.max(1),
                "--rounds" => options.rounds = value()?.parse::<usize>()?.max(1),
                "--load" => options.load = value()?.parse::<f64>()?.clamp(0.01, 10.0),
                "--from" => {
                    options.file = match value()?.as_str() {
                        "file" => true,
                        "memory" => false,
                        other => return Err(format!("--from {other}: memory or file").into()),
                    }
                }
                "--peer" => {
                    let peer = value()?;
                    let (name, command) = peer.split_once('=').ok_or("--peer NAME=COMMAND")?;
                    options.peers.push((name.into(), command.into()));
                }
                "--json" => options.json = true,
                _ => return Err(format!("unknown option {argument}").into()),
            }
        }
        if !options.model.contains('/') {
            options.model = places::model(&options.model);
        }
        Ok(options)
    }

    /// The model's name, with the size that it was given.
    pub fn name(&self) -> String {
        let path = std::path::Path::new(&self.model);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match self.size {
            0 => name.into_owned(),
            size => format!("{name} at {size}"),
        }
    }
}
