// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hides who is not to be seen: from what a frame carries, by [`Guard`]'s rules, to its pixels.

mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gst_video::VideoInfo;
use lynx_geometry::Rect;
use lynx_meta::{FrameClock, Inference, account, frame, objects, video};

use crate::draw::{Averages, Canvas};
use crate::privacy::{Cover, Frame, Guard, Look, Object, class};
use settings::Classes;
pub(crate) use settings::{Settings, get, set, specs};

/// What of a frame is to be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Nothing,
    /// The veil's regions.
    Regions,
    Whole,
}

/// What the frames of a stream have in common.
#[derive(Default)]
pub(crate) struct Veil {
    guard: Guard,
    clock: FrameClock,
    /// Those that were hidden on the frame before.
    classes: Arc<Classes>,
    // Kept from frame to frame: nothing is allocated once they are large enough.
    objects: Vec<Object>,
    regions: Vec<Rect>,
    averages: Averages,
}

/// How much was hidden.
#[derive(Default)]
pub(crate) struct Counts {
    regions: AtomicU64,
    held: AtomicU64,
    whole: AtomicU64,
}

impl Veil {
    /// The stream goes on elsewhere: nothing that was seen says anything of what comes.
    pub fn forget(&mut self) {
        self.guard.forget();
    }

    /// Finds out what is to be hidden of a frame. The error says why that cannot be done, and then
    /// nobody may see the frame.
    pub fn judge(
        &mut self,
        buffer: &gst::BufferRef,
        info: &VideoInfo,
        settings: &Settings,
        counts: &Counts,
    ) -> Result<Verdict, String> {
        if self.classes != settings.classes {
            // Where those are that are hidden from now on is not known.
            self.guard.distrust();
            self.classes = Arc::clone(&settings.classes);
        }
        let time = self.clock.time(buffer, Some(info));
        if !settings.is_on() {
            self.guard.forget();
            return Ok(Verdict::Nothing);
        }
        let size = (info.width(), info.height());
        check_place(buffer, info)?;
        let frame = Frame {
            time,
            size: (size.0 as f32, size.1 as f32),
            look: self.gather(buffer, size),
            discontinuous: buffer.flags().contains(gst::BufferFlags::DISCONT),
        };
        let (cover, held) = self.guard.judge(&frame, &self.objects, &settings.limits);
        Ok(match cover {
            Cover::Whole => {
                counts.whole.fetch_add(1, Ordering::Relaxed);
                Verdict::Whole
            }
            Cover::Regions(regions) => {
                counts.held.fetch_add(held.into(), Ordering::Relaxed);
                counts
                    .regions
                    .fetch_add(regions.len() as u64, Ordering::Relaxed);
                self.regions.clear();
                self.regions.extend_from_slice(regions);
                match regions.is_empty() {
                    true => Verdict::Nothing,
                    false => Verdict::Regions,
                }
            }
        })
    }

    /// Reads who is on a frame, and has gone off it, and whether those are all.
    fn gather(&mut self, buffer: &gst::BufferRef, size: (u32, u32)) -> Look {
        let (classes, all) = (&self.classes, &mut self.objects);
        all.clear();
        let hidden = objects::iter(buffer, size).filter(|object| classes.has(object.label));
        all.extend(hidden.map(|object| Object {
            rect: object.bounds(),
            class: class(object.label),
            identity: object.identity.map(|identity| identity.id),
            predicted: object.identity.is_some_and(|identity| identity.coasted),
        }));
        let told = account::each_taken_off(buffer, size, |rect, label| {
            if classes.has(label) {
                all.push(Object {
                    rect,
                    class: class(label),
                    identity: None,
                    predicted: false,
                });
            }
        });
        if !told || !account::is_complete(buffer, size) {
            return Look::None;
        }
        match frame::inference(buffer).map(|info| info.inference) {
            None => Look::Unknown,
            Some(Inference::Ran) => {
                match (frame::looked_at(buffer), account::scale(buffer, size)) {
                    (None, _) => Look::Whole,
                    (Some(part), (x, y)) => {
                        Look::Part(Rect::new(part.x * x, part.y * y, part.w * x, part.h * y))
                    }
                }
            }
            Some(Inference::Skipped | Inference::Late | Inference::Failed) => Look::None,
        }
    }

    /// Hides what was found out to be hidden, in a picture whose corner is at `origin`.
    pub fn hide(
        &mut self,
        canvas: &mut Canvas<'_>,
        verdict: Verdict,
        (left, top): (f32, f32),
        settings: &Settings,
    ) {
        let (how, strength) = (settings.mode.into(), settings.strength);
        match verdict {
            Verdict::Nothing => (),
            Verdict::Whole => canvas.hide(None, how, strength, &mut self.averages),
            Verdict::Regions => {
                for r in &self.regions {
                    let rect = Rect::new(r.x + left, r.y + top, r.w, r.h);
                    canvas.hide(Some(&rect), how, strength, &mut self.averages);
                }
            }
        }
    }
}

impl Counts {
    pub fn reset(&self) {
        for count in [&self.regions, &self.held, &self.whole] {
            count.store(0, Ordering::Relaxed);
        }
    }

    /// Each with its name in `stats`.
    pub fn fields(&self) -> [(&'static str, u64); 3] {
        [
            ("privacy-regions", &self.regions),
            ("privacy-held", &self.held),
            ("privacy-whole", &self.whole),
        ]
        .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
    }
}

/// Objects are in pixels of the picture that the caps describe, which is to be found in memory.
fn check_place(buffer: &gst::BufferRef, info: &VideoInfo) -> Result<(), String> {
    let (memory, crop) = video::crop(buffer, info);
    let (width, height) = (info.width(), info.height());
    let found = crop.map_or(memory, |crop| (crop.w as u32, crop.h as u32));
    if found == (width, height) {
        return Ok(());
    }
    Err(format!(
        "the caps say {width}x{height}, but the picture in memory is {}x{}",
        found.0, found.1
    ))
}
