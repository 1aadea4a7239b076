// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frame to tensor: Lynx and its peers in turn, in one run, one thread each. See `--help` of
//! `pipelines/bench.sh`, which calls this.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used)]

mod machine;
mod opencv;
mod report;
mod videoconvertscale;

use lynx_bench::{Case, Picture, Variant, cases, check_same, variants};

use opencv::OpenCv;
use report::Measured;
use videoconvertscale::VideoConvertScale;

type Failure = Box<dyn std::error::Error>;

struct Options {
    rounds: usize,
    json: bool,
    /// Only cases whose name contains this.
    only: String,
    /// A Python that has OpenCV.
    python: Option<String>,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        rounds: 50,
        json: false,
        only: String::new(),
        python: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--rounds" => options.rounds = value()?.parse::<usize>()?.max(1),
            "--quick" => options.rounds = 3,
            "--json" => options.json = true,
            "--case" => options.only = value()?,
            "--python" => options.python = Some(value()?),
            _ => return Err(format!("unknown option {argument}").into()),
        }
    }
    Ok(options)
}

/// A variant with its name and the times that it took so far.
struct Runner<'a> {
    name: &'static str,
    variant: Box<dyn Variant + 'a>,
    calls: usize,
    times: Vec<f64>,
}

/// Each variant has about so long in a round.
const ROUND_MS: f64 = 6.0;

impl<'a> Runner<'a> {
    fn new(name: &'static str, mut variant: Box<dyn Variant + 'a>, regions: usize) -> Self {
        let calls = match regions {
            0 => (ROUND_MS / variant.times(3)[2]).clamp(1.0, 40.0) as usize,
            // All of them, or one is easier than another.
            regions => regions,
        };
        Self {
            name,
            variant,
            calls,
            times: Vec::new(),
        }
    }

    /// One call to warm up after the others had the caches, then some that count.
    fn round(&mut self, regions: usize) {
        self.variant.times(regions.max(1));
        let times = self.variant.times(self.calls);
        let one = regions.max(1);
        let means = times
            .chunks(one)
            .map(|t| t.iter().sum::<f64>() / t.len() as f64);
        self.times.extend(means);
    }
}

/// Every variant of a case, in turn.
fn measure(options: &Options, case: &Case) -> Result<(Vec<Measured>, String), Failure> {
    let picture = Picture::new(case);
    let mut all = variants(case, &picture);
    if let Some(element) = VideoConvertScale::new(case, &picture)? {
        all.push(("videoconvertscale", Box::new(element)));
    }
    let mut opencv_version = String::new();
    if let Some(python) = &options.python {
        let opencv = OpenCv::new(python, case, &picture)?;
        opencv_version.clone_from(&opencv.version);
        all.push(("opencv", Box::new(opencv)));
    }
    let mut ours = Vec::new();
    for (name, variant) in &mut all {
        // OpenCV has made its first tensor when it started.
        if *name != "opencv" {
            variant.run();
        }
        match variant.tensor() {
            Some(tensor) if *name == "lynx" => ours = tensor.to_vec(),
            Some(theirs) => check_same(case, &ours, theirs)
                .map_err(|why| format!("{name} makes another tensor of {}: {why}", case.name()))?,
            None => (),
        }
    }
    let regions = case.regions.len();
    let runners = all
        .into_iter()
        .map(|(name, v)| Runner::new(name, v, regions));
    let mut runners: Vec<_> = runners.collect();
    for _ in 0..options.rounds {
        runners.iter_mut().for_each(|runner| runner.round(regions));
    }
    let measured = runners.into_iter().map(|r| Measured::new(r.name, r.times));
    Ok((measured.collect(), opencv_version))
}

fn main() -> Result<(), Failure> {
    let options = options()?;
    gst::init()?;
    if options.python.is_none() {
        eprintln!("OpenCV is left out: --python names no Python that has it");
    }
    let (mut first, mut found) = (true, false);
    for case in cases() {
        if !case.name().contains(&options.only) {
            continue;
        }
        found = true;
        let (all, opencv) = measure(&options, &case)?;
        if options.json {
            all.iter().for_each(|m| println!("{}", m.json(&case)));
            continue;
        }
        if std::mem::take(&mut first) {
            println!("{}\n\n{}", machine::facts(&opencv), report::heading());
        }
        println!("{}", report::row(&case, &all));
    }
    if !found {
        return Err(format!("no case has {:?} in its name", options.only).into());
    }
    Ok(())
}
