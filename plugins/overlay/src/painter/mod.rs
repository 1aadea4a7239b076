// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is drawn into a frame, from what is known of it.

mod bar;
mod clock;
mod mode;
mod object;
mod trails;
mod zones;

use std::ops::Range;
use std::time::Duration;

use gst_video::VideoInfo;
use lynx_geometry::Rect;
use lynx_meta::{FrameClock, Object, classes, mapped, masks, objects, video};

use crate::beside;
use crate::draw::{
    Canvas, Face, FontFile, Format, Glyph, Labels, Mask, PlaneMut, Sheet, TextSize, thickness_for,
};
use crate::settings::Settings;
use crate::veil::{Counts, Veil, Verdict};
use bar::Bar;
pub use clock::Clock;
use clock::Zone;
pub(crate) use mode::DisplayMode;
pub use object::ColorBy;
use trails::Trails;
pub(crate) use zones::Zones;

/// How strongly a mask tints what it covers, of 255.
const MASK_ALPHA: u8 = 110;

/// What runs between two caps. What is kept from frame to frame is kept here, so that nothing is
/// allocated once it is large enough.
pub(crate) struct Painter {
    info: VideoInfo,
    font: Font,
    veil: Veil,
    time: FrameClock,
    pub objects: Vec<Object>,
    masks: Vec<masks::Mask>,
    /// What second models say: which object, and where in `words`.
    said: Vec<(usize, Range<usize>)>,
    words: String,
    text: String,
    labels: Labels,
    trails: Trails,
    bar: Bar,
    bar_text: String,
    clock_text: String,
    zone: Zone,
    /// Where the frames' memory is not ours to draw on.
    sheet: Option<Sheet>,
}

/// The font in use.
enum Font {
    BuiltIn(TextSize),
    File(Box<FontFile>),
}

impl Face for Font {
    fn height(&self) -> u32 {
        match self {
            Font::BuiltIn(size) => size.height(),
            Font::File(file) => file.height(),
        }
    }

    fn glyph(&self, c: char) -> Glyph<'_> {
        match self {
            Font::BuiltIn(size) => size.glyph(c),
            Font::File(file) => file.glyph(c),
        }
    }
}

impl Font {
    fn learn(&mut self, text: &str) {
        if let Self::File(file) = self {
            file.learn(text);
        }
    }
}

/// What of a frame was read before it is drawn on.
struct Place {
    format: Format,
    /// The memory's size, of which the picture may be a part, with its corner at `origin`.
    memory: (u32, u32),
    origin: (f32, f32),
}

impl Painter {
    /// # Errors
    ///
    /// The font's file cannot be read.
    /// `elsewhere`: the frames' memory is not ours to draw on.
    pub fn new(info: VideoInfo, settings: &Settings, elsewhere: bool) -> Result<Self, String> {
        let (width, height) = (info.width(), info.height());
        let font = match &settings.font_file {
            Some(path) => {
                let size = match settings.text_size {
                    0 => ((height as f32 / 45.0).round() as u32).max(14),
                    size => size,
                };
                Font::File(Box::new(FontFile::open(path, size)?))
            }
            None => Font::BuiltIn(match settings.text_size {
                0 => TextSize::for_height(height),
                size => TextSize::nearest(size),
            }),
        };
        Ok(Self {
            info,
            font,
            veil: Veil::default(),
            time: FrameClock::default(),
            objects: Vec::new(),
            masks: Vec::new(),
            said: Vec::new(),
            words: String::new(),
            text: String::new(),
            labels: Labels::default(),
            trails: Trails::default(),
            bar: Bar::default(),
            bar_text: String::new(),
            clock_text: String::new(),
            zone: Zone::default(),
            sheet: match elsewhere {
                true => Some(Sheet::new(width, height).map_err(|error| error.to_string())?),
                false => None,
            },
        })
    }

    /// The stream goes on elsewhere.
    pub fn forget(&mut self) {
        self.veil.forget();
        self.trails.clear();
        self.bar.clear();
    }

    /// Hides who is not to be seen, and draws what is asked for. A frame with nothing of either is
    /// not even mapped.
    pub fn paint(
        &mut self,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
        hidden: &Counts,
    ) -> Result<(), String> {
        if let Some(sheet) = self.sheet.take() {
            let (sheet, drawn) = self.paint_beside(buffer, settings, sheet);
            self.sheet = Some(sheet);
            return drawn;
        }
        let verdict = self
            .veil
            .judge(buffer, &self.info, &settings.veil, hidden)?;
        self.read(buffer, settings);
        if self.has_nothing(settings) && verdict == Verdict::Nothing {
            return Ok(());
        }
        let format = video::pixel_format(self.info.format()).and_then(Format::of);
        let (memory, crop) = video::crop(buffer, &self.info);
        let place = Place {
            format: format.ok_or("unsupported video format")?,
            memory,
            origin: crop.map_or((0.0, 0.0), |crop| (crop.x, crop.y)),
        };
        let info = self.info.clone();
        let drawn = mapped::with_frame_mut(buffer, &info, |planes| {
            self.draw(planes, &place, verdict, settings)
        });
        drawn.map_err(|error| error.to_string())?
    }

    /// Whether there is nothing to draw.
    fn has_nothing(&self, settings: &Settings) -> bool {
        let texts = [&self.bar_text, &self.clock_text];
        self.objects.is_empty() && settings.zones.is_empty() && texts.iter().all(|t| t.is_empty())
    }

    /// Puts what is drawn beside the frame. Nobody can be hidden so: it is others who blend, or not.
    fn paint_beside(
        &mut self,
        buffer: &mut gst::BufferRef,
        settings: &Settings,
        mut sheet: Sheet,
    ) -> (Sheet, Result<(), String>) {
        if settings.veil.is_on() {
            return (sheet, Err("its memory is not ours to draw on".into()));
        }
        self.read(buffer, settings);
        if self.has_nothing(settings) {
            return (sheet, Ok(()));
        }
        let place = Place {
            format: Format::Premultiplied,
            memory: (self.info.width(), self.info.height()),
            origin: (0.0, 0.0),
        };
        let drawn = self.draw(&mut [sheet.plane()], &place, Verdict::Nothing, settings);
        let drawn = drawn.and_then(|()| beside::attach(buffer, sheet.take()));
        (sheet, drawn)
    }

    /// Reads what there is to draw.
    fn read(&mut self, buffer: &gst::BufferRef, settings: &Settings) {
        let size = (self.info.width(), self.info.height());
        let time = self.time.time(buffer, Some(&self.info));
        self.objects.clear();
        self.masks.clear();
        self.said.clear();
        self.words.clear();
        self.objects.extend(objects::iter(buffer, size));
        if settings.draw_masks && !self.objects.is_empty() {
            self.masks.extend(masks::iter(buffer));
        }
        if settings.draw_labels && !self.objects.is_empty() {
            let (said, words) = (&mut self.said, &mut self.words);
            classes::each(buffer, |index, class| {
                let start = words.len();
                words.push_str(class.label);
                said.push((index, start..words.len()));
            });
        }
        self.follow(time, settings);
        self.clock_text.clear();
        if settings.clock != Clock::None {
            clock::write(
                &mut self.clock_text,
                clock::taken(buffer),
                settings.clock,
                &mut self.zone,
            );
        }
        self.bar_text.clear();
        if settings.draw_stats {
            self.bar
                .write(&mut self.bar_text, buffer, time, &self.objects);
        }
        self.font.learn(&self.bar_text);
        for name in settings.zones.names() {
            self.font.learn(name);
        }
    }

    /// Notes where everybody stands: the middle of the box's lower edge.
    fn follow(&mut self, time: Duration, settings: &Settings) {
        let length = Duration::from_millis(settings.trail_length.into());
        if length.is_zero() {
            return self.trails.clear();
        }
        for object in &self.objects {
            if let Some(identity) = object.identity {
                let foot = (object.rect.x + object.rect.w / 2.0, object.rect.bottom());
                self.trails.note(identity.id, time, foot, length);
            }
        }
        self.trails.forget_before(time, length);
    }

    fn draw(
        &mut self,
        planes: &mut [PlaneMut<'_>],
        place: &Place,
        verdict: Verdict,
        settings: &Settings,
    ) -> Result<(), String> {
        let (width, height) = place.memory;
        let colorimetry = video::colorimetry(&self.info);
        let mut canvas = Canvas::new(place.format, width, height, colorimetry, planes)
            .map_err(|error| error.to_string())?;
        let canvas = &mut canvas;
        self.veil
            .hide(canvas, verdict, place.origin, &settings.veil);
        let thickness = match settings.thickness {
            0 => thickness_for(self.info.height()),
            thickness => thickness,
        };
        let size = (self.info.width() as f32, self.info.height() as f32);
        self.labels.clear();
        // What stands in a corner keeps its place; labels go around it. It is drawn last.
        let font = &self.font;
        let clock = canvas.reserve(&self.clock_text, font, (true, false), &mut self.labels);
        let bar = canvas.reserve(&self.bar_text, font, (false, true), &mut self.labels);
        settings.zones.draw(canvas, size, place.origin, thickness);
        self.tint_masks(canvas, place.origin, settings);
        self.draw_boxes(canvas, place.origin, thickness, settings);
        let (font, labels) = (&self.font, &mut self.labels);
        settings
            .zones
            .name(canvas, size, place.origin, &font, labels);
        self.draw_labels(canvas, place.origin, settings);
        canvas.strip(clock, &self.clock_text, &self.font);
        canvas.strip(bar, &self.bar_text, &self.font);
        Ok(())
    }

    fn tint_masks(&mut self, canvas: &mut Canvas<'_>, origin: (f32, f32), settings: &Settings) {
        for mask in self.masks.drain(..) {
            let object = self.objects.iter().find(|o| o.id == mask.object);
            // An outline is a part of what is to be hidden.
            let shown = |label| settings.display.of(label).mask && !settings.veil.hides(label);
            let object = object.filter(|object| shown(object.label));
            if let (Some(object), Ok(data)) = (object, mask.data.map_readable()) {
                let pixels = Mask {
                    data: &data,
                    width: mask.width as usize,
                    height: mask.height as usize,
                };
                let rect = shifted(&mask.rect, origin);
                canvas.mask(
                    &rect,
                    &pixels,
                    object::color(object, settings.color_by),
                    MASK_ALPHA,
                );
            }
        }
    }

    /// Boxes come before labels: a label of one covers the boxes of others, not the other way round.
    fn draw_boxes(
        &self,
        canvas: &mut Canvas<'_>,
        origin: (f32, f32),
        thickness: u32,
        settings: &Settings,
    ) {
        for object in &self.objects {
            let parts = settings.display.of(object.label);
            let color = object::color(object, settings.color_by);
            if let (true, Some(identity)) = (parts.trail, object.identity) {
                self.trails
                    .draw(canvas, identity.id, origin, thickness, color);
            }
            if parts.boxes {
                object::outline(canvas, object, origin, thickness, color);
            }
        }
    }

    fn draw_labels(&mut self, canvas: &mut Canvas<'_>, origin: (f32, f32), settings: &Settings) {
        for (index, object) in self.objects.iter().enumerate() {
            if !settings.display.of(object.label).label {
                continue;
            }
            let said = self.said.iter().filter(|(of, _)| *of == index);
            let said = said.map(|(_, place)| &self.words[place.clone()]);
            object::describe(&mut self.text, object, said, settings);
            self.font.learn(&self.text);
            let rect = shifted(&object.bounds(), origin);
            let color = object::color(object, settings.color_by);
            canvas.label(&rect, &self.text, &self.font, color, &mut self.labels);
        }
    }
}

fn shifted(rect: &Rect, (left, top): (f32, f32)) -> Rect {
    Rect::new(rect.x + left, rect.y + top, rect.w, rect.h)
}
