// SPDX-License-Identifier: MIT OR Apache-2.0
//! The picture that stands in for a camera that gives none.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gst_video::{VideoFormat, VideoInfo};
use lynx_meta::{Inference, InferenceInfo, frame, mapped, video};
use lynx_overlay::draw::{Canvas, Color, Face, Format, TextSize};

/// What viewers are told while there is no picture.
#[derive(Debug, Default)]
pub struct Notice(Mutex<Option<String>>);

impl Notice {
    /// Shows `text` from now on, or the camera's own picture again.
    pub fn set(&self, text: Option<String>) {
        *self.lock() = text;
    }

    pub fn text(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A dark picture with a line of text, of the size and format of `like`: viewers see no change of
/// stream. Before there was any, 1280×720.
pub fn picture(text: &str, like: Option<&gst::CapsRef>) -> Option<(gst::Caps, gst::Buffer)> {
    let info = like.and_then(|caps| VideoInfo::from_caps(caps).ok());
    let info = match info {
        Some(info) => info,
        None => VideoInfo::builder(VideoFormat::I420, 1280, 720)
            .build()
            .ok()?,
    };
    let format = video::pixel_format(info.format()).and_then(Format::of)?;
    let mut buffer = gst::Buffer::with_size(info.size()).ok()?;
    let writable = buffer.get_mut()?;
    let colorimetry = video::colorimetry(&info);
    let (width, height) = (info.width(), info.height());
    mapped::with_frame_mut(writable, &info, |planes| {
        let mut canvas = Canvas::new(format, width, height, colorimetry, planes).ok()?;
        let all = lynx_geometry::Rect::new(0.0, 0.0, width as f32, height as f32);
        canvas.fill(&all, Color::new(24, 26, 30), 255);
        let size = TextSize::for_height(height);
        let x = (width.saturating_sub(size.width(text)) / 2) as i32;
        let y = (height.saturating_sub(size.height()) / 2) as i32;
        canvas.text(x, y, text, size, Color::new(222, 226, 230));
        Some(())
    })
    .ok()??;
    // Nobody is in this picture, and that is known: there is nothing to hide in it.
    let nobody = InferenceInfo {
        inference: Inference::Ran,
        stream: "",
        model: "",
        version: None,
        provider: "",
        threshold: 0.0,
    };
    frame::set_inference(writable, &nobody);
    Some((info.to_caps().ok()?, buffer))
}
