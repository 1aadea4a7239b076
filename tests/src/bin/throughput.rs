// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole pipelines against a bare ONNX Runtime loop, in turn, in one run. See `--help` of
//! `pipelines/bench.sh`, which calls this.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use gst::prelude::*;
use lynx_model::describe::{Overrides, Sidecar, describe};
use lynx_runtime::{Provider, Session, SessionOptions};
use lynx_tensor::AlignedBytes;
use lynx_tests::{places, run};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

/// What to measure.
struct Options {
    model: String,
    streams: usize,
    threads: usize,
    frames: u32,
    rounds: usize,
    json: bool,
}

/// One measurement.
#[derive(Clone, Copy)]
struct Sample {
    /// Frames a second, wall clock.
    fps: f64,
    /// Milliseconds of processor time a frame, all threads.
    cpu: f64,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        model: "yolox-tiny-person".into(),
        streams: 1,
        threads: 0,
        frames: 200,
        rounds: 5,
        json: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--model" => options.model = value()?,
            "--streams" => options.streams = value()?.parse::<usize>()?.max(1),
            "--threads" => options.threads = value()?.parse()?,
            "--frames" => options.frames = value()?.parse::<u32>()?.max(1),
            "--rounds" => options.rounds = value()?.parse::<usize>()?.max(1),
            "--batch" => {
                if value()? != "1" {
                    return Err("--batch: this version runs batches of 1".into());
                }
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

/// Processor time of this process so far.
fn cpu_time() -> Duration {
    // SAFETY: `getrusage` fills the struct it is given, for which all zeroes is a valid value.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn measured(frames: usize, work: impl FnOnce() -> Result<(), Failure>) -> Result<Sample, Failure> {
    let (wall, cpu) = (Instant::now(), cpu_time());
    work()?;
    let (wall, cpu) = (wall.elapsed(), cpu_time() - cpu);
    Ok(Sample {
        fps: frames as f64 / wall.as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1e3 / frames as f64,
    })
}

/// A loop of nothing but runs on a prepared tensor.
fn bare(options: &Options) -> Result<Sample, Failure> {
    let session_options = SessionOptions {
        providers: vec![Provider::Cpu],
        intra_op_threads: options.threads,
        ..Default::default()
    };
    let mut session = Session::load(Path::new(&options.model), &session_options)?;
    let sidecar = match std::fs::read_to_string(format!("{}.json", options.model)) {
        Ok(text) => Some(Sidecar::parse(&text)?),
        Err(_) => None,
    };
    let description = describe(
        "bench",
        session.io(),
        sidecar.as_ref(),
        &Overrides::default(),
    )?;
    let input = &description.input;
    let shape = input.shape();
    // A picture of nothing takes as long as any other.
    let tensor = AlignedBytes::new(input.bytes());
    session.run(input.element, shape, &tensor)?;
    let frames = options.frames as usize * options.streams;
    measured(frames, || {
        for _ in 0..frames {
            session.run(input.element, shape, &tensor)?;
        }
        Ok(())
    })
}

/// Frames of each stream before the clock starts: by then models are loaded, queues are full and
/// what leaves the pipeline is what it infers.
const WARM_UP: usize = 20;

/// When the pipelines together had shown so many frames.
#[derive(Default)]
struct Marks {
    shown: AtomicUsize,
    start: OnceLock<(Instant, Duration)>,
    end: OnceLock<(Instant, Duration)>,
}

impl Marks {
    fn show(&self, streams: usize, frames: usize) {
        let shown = self.shown.fetch_add(1, Ordering::Relaxed) + 1;
        if shown == WARM_UP * streams {
            let _ = self.start.set((Instant::now(), cpu_time()));
        }
        if shown == (WARM_UP + frames) * streams {
            let _ = self.end.set((Instant::now(), cpu_time()));
        }
    }

    fn sample(&self, frames: usize) -> Option<Sample> {
        let ((wall0, cpu0), (wall1, cpu1)) = (*self.start.get()?, *self.end.get()?);
        Some(Sample {
            fps: frames as f64 / (wall1 - wall0).as_secs_f64(),
            cpu: (cpu1 - cpu0).as_secs_f64() * 1e3 / frames as f64,
        })
    }
}

/// Whole pipelines from the file on: decode, preprocess, infer, track, overlay.
fn pipelines(options: &Options) -> Result<Sample, Failure> {
    let (streams, frames) = (options.streams, options.frames as usize);
    let line = format!(
        "filesrc location={} ! avidemux ! avdec_msmpeg4 ! identity eos-after={} ! lynxpreprocess \
         ! queue max-size-buffers=4 ! lynxinfer model={} threshold=0.1 intra-op-threads={} \
         ! queue max-size-buffers=4 ! lynxtrack ! lynxoverlay ! fakesink name=out sync=false",
        places::clip(),
        WARM_UP + frames + 1,
        options.model,
        options.threads
    );
    let marks = Arc::new(Marks::default());
    let all: Vec<_> = (0..streams).map(|_| run::build(&line).0).collect();
    for pipeline in &all {
        let sink = pipeline
            .by_name("out")
            .and_then(|out| out.static_pad("sink"));
        let marks = Arc::clone(&marks);
        sink.ok_or("the launch line names it")?.add_probe(
            gst::PadProbeType::BUFFER,
            move |_, _| {
                marks.show(streams, frames);
                gst::PadProbeReturn::Ok
            },
        );
        pipeline.set_state(gst::State::Playing)?;
    }
    for pipeline in &all {
        let bus = pipeline.bus().ok_or("a pipeline has a bus")?;
        let ends = [gst::MessageType::Eos, gst::MessageType::Error];
        let end = bus.timed_pop_filtered(gst::ClockTime::NONE, &ends);
        if let Some(gst::MessageView::Error(error)) = end.as_ref().map(|m| m.view()) {
            return Err(error.error().into());
        }
        pipeline.set_state(gst::State::Null)?;
    }
    marks
        .sample(frames * streams)
        .ok_or_else(|| "the clip has fewer frames than asked for".into())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Failure> {
    let options = options()?;
    run::init();
    let (mut bares, mut wholes) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        bares.push(bare(&options)?);
        wholes.push(pipelines(&options)?);
    }
    let of =
        |samples: &[Sample], pick: fn(&Sample) -> f64| median(samples.iter().map(pick).collect());
    let pairs = bares.iter().zip(&wholes);
    let ratio = median(pairs.map(|(bare, whole)| whole.fps / bare.fps).collect());
    let model = Path::new(&options.model)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let (bare_fps, bare_cpu) = (of(&bares, |s| s.fps), of(&bares, |s| s.cpu));
    let (fps, cpu) = (of(&wholes, |s| s.fps), of(&wholes, |s| s.cpu));
    if options.json {
        let result = json!({
            "model": model, "streams": options.streams, "batch": 1, "threads": options.threads,
            "frames": options.frames, "rounds": options.rounds,
            "bare": {"fps": bare_fps, "cpu_ms_per_frame": bare_cpu},
            "pipeline": {"fps": fps, "cpu_ms_per_frame": cpu},
            "ratio": ratio,
        });
        println!("{result}");
        return Ok(());
    }
    println!(
        "{model}, {} stream(s), batch 1, medians of {} rounds",
        options.streams, options.rounds
    );
    println!("                      frames/s   CPU ms/frame");
    println!("bare ONNX Runtime   {bare_fps:10.2} {bare_cpu:14.2}");
    println!("whole pipeline      {fps:10.2} {cpu:14.2}");
    println!(
        "pipeline / bare     {:9.1} %   (median of the pairs)",
        ratio * 100.0
    );
    Ok(())
}
