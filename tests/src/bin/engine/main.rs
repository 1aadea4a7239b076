// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast the engine is: whole pipelines beside bare ONNX Runtime, what lynxinfer adds to a
//! frame, and how long frames of live cameras take. See `--help` of `pipelines/bench.sh`, which
//! calls this.
#![allow(clippy::print_stdout)]

mod bare;
mod camera;
mod latency;
mod options;
mod overhead;
mod pipelines;
mod sample;
mod throughput;

use lynx_tests::{places, run};
use options::Options;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    run::init();
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let default = Options::default();
    match what.as_str() {
        "throughput" => throughput::run(&Options::read(arguments, default)?),
        "overhead" => {
            let default = Options {
                // A detector of 303 bytes, on pictures of 32 × 32 pixels.
                model: places::tiny("yolov8-fixed"),
                nireq: 1,
                threads: 1,
                frames: 20_000,
                ..default
            };
            overhead::run(&Options::read(arguments, default)?)
        }
        "latency" => {
            let default = Options {
                streams: 8,
                // A hundredth of a camera's frames are two.
                frames: 1600,
                rounds: 1,
                ..default
            };
            latency::run(&Options::read(arguments, default)?)
        }
        _ => Err(format!("{what}: throughput, overhead or latency").into()),
    }
}

/// Prints what was measured, in one of two forms.
fn print(options: &Options, value: &serde_json::Value, table: &str) {
    match options.json {
        true => println!("{value}"),
        false => println!("{table}"),
    }
}
