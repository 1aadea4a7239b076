// SPDX-License-Identifier: MIT OR Apache-2.0
//! What lynxinfer adds to a frame besides the model: a model that takes no time.

use serde_json::json;

use crate::bare::{Bare, Way};
use crate::camera::Film;
use crate::options::Options;
use crate::pipelines::{infer, measure};
use crate::sample::median;
use crate::{Failure, print};

/// How many elements at once.
const STREAMS: [usize; 2] = [1, 16];

pub fn run(options: &Options) -> Result<(), Failure> {
    let film = Film::tiny()?;
    let way = Way {
        requests: 1,
        threads: 1,
        batch: 1,
    };
    let mut bare = Bare::new(options, way)?.ok_or("any model takes a batch of 1")?;
    let without = "appsrc name=in ! identity";
    let with = format!("appsrc name=in ! {}", infer(options));
    let (mut runs, mut rows) = (Vec::new(), vec![Vec::new(); STREAMS.len()]);
    for _ in 0..options.rounds {
        let run = bare.measure(options.frames)?.micros();
        runs.push(run);
        for (streams, row) in STREAMS.iter().zip(&mut rows) {
            let (without, _) = measure(without, &film, *streams, options.frames)?;
            let (with, _) = measure(&with, &film, *streams, options.frames)?;
            row.push((
                without.micros(),
                with.micros(),
                with.micros() - without.micros(),
            ));
        }
    }
    let run = median(runs);
    let rows: Vec<_> = STREAMS
        .iter()
        .zip(&rows)
        .map(|(streams, row)| {
            let without = median(row.iter().map(|r| r.0));
            let with = median(row.iter().map(|r| r.1));
            (*streams, without, with, median(row.iter().map(|r| r.2)))
        })
        .collect();
    let value = rows.iter().map(|(elements, without, with, added)| {
        json!({
            "elements": elements, "without_us": without, "with_us": with, "added_us": added,
            "overhead_us": added - run,
        })
    });
    let value = json!({
        "model": options.name(), "frames": options.frames, "rounds": options.rounds,
        "bare_run_us": run, "rows": value.collect::<Vec<_>>(),
    });
    let mut table = format!(
        "{}, medians of {} rounds of {} frames; a bare run takes {run:.1} µs\n\n\
         | elements | with identity µs/frame | with lynxinfer | added | added besides the run |\n\
         |---:|---:|---:|---:|---:|",
        options.name(),
        options.rounds,
        options.frames
    );
    for (elements, without, with, added) in rows {
        let net = added - run;
        table += &format!("\n| {elements} | {without:.1} | {with:.1} | {added:.1} | {net:.1} |");
    }
    print(options, &value, &table);
    Ok(())
}
