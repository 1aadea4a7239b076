// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames of known content: rectangles of one colour on black, and objects on them.

use gst::prelude::*;
use lynx_meta::{Forms, NewObject, objects};

use crate::run::{Outcome, build, run_built};

/// A rectangle (x, y, width, height in pixels) and its colour (red, green, blue).
pub type Patch = ((usize, usize, usize, usize), [u8; 3]);

pub const WHITE: [u8; 3] = [255; 3];

/// As [`run_painted`], and each frame comes with these objects.
pub fn run_scene(
    size: (usize, usize),
    frames: u32,
    patches: &[Patch],
    found: &[NewObject<'static>],
    elements: &str,
) -> Outcome {
    let (found, patches) = (found.to_vec(), patches.to_vec());
    run_changed(size, frames, elements, move |buffer| {
        paint(buffer, size.0, &patches);
        for object in &found {
            let size = (size.0 as u32, size.1 as u32);
            objects::add(buffer, size, object, Forms::new(false));
        }
    })
}

/// Plays `frames` black RGB frames of `size`, each changed before, through `elements`.
pub fn run_changed(
    size: (usize, usize),
    frames: u32,
    elements: &str,
    change: impl Fn(&mut gst::BufferRef) + Send + Sync + 'static,
) -> Outcome {
    let (pipeline, seen) = build(&line(size, frames, elements));
    on_each_frame(&pipeline, change);
    run_built(&pipeline, &seen)
}

/// Plays `frames` RGB frames of `size` with these patches through `elements`, which are followed by
/// a sink, until the end or the first error.
pub fn run_painted(
    size: (usize, usize),
    frames: u32,
    patches: &[Patch],
    elements: &str,
) -> Outcome {
    run_scene(size, frames, patches, &[], elements)
}

fn line((width, height): (usize, usize), frames: u32, elements: &str) -> String {
    format!(
        "videotestsrc pattern=black num-buffers={frames} \
         ! video/x-raw,format=RGB,width={width},height={height},framerate=25/1 \
         ! identity name=paint ! {elements} ! fakesink name=out"
    )
}

fn on_each_frame(
    pipeline: &gst::Pipeline,
    change: impl Fn(&mut gst::BufferRef) + Send + Sync + 'static,
) {
    let paint = pipeline.by_name("paint").expect("identity");
    let pad = paint.static_pad("src").expect("identity has a source pad");
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        if let Some(buffer) = info.buffer_mut() {
            change(buffer.make_mut());
        }
        gst::PadProbeReturn::Ok
    });
}

/// Fills the rectangles of an RGB frame of that width.
pub fn paint(buffer: &mut gst::BufferRef, width: usize, patches: &[Patch]) {
    // RGB rows are padded to four bytes.
    let stride = (width * 3).next_multiple_of(4);
    let mut map = buffer.map_writable().expect("memory is writable");
    for ((x, y, w, h), color) in patches {
        for row in *y..y + h {
            let row = &mut map[row * stride + x * 3..][..w * 3];
            row.as_chunks_mut::<3>()
                .0
                .iter_mut()
                .for_each(|p| p.copy_from_slice(color));
        }
    }
}
