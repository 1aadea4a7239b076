// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a second model says of an object that a first one found: a car's colour, a person's coat.
//!
//! In the same two kinds of metadata as the objects: a further `GstAnalyticsClsMtd` related to the
//! detection, and a param of the region in the form of DL Streamer's `gvaclassify`.

use crate::{analytics, roi};

/// One classification of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classification<'a> {
    /// The class's name.
    pub label: &'a str,
    /// The class's index in its model; analytics metadata does not hold it.
    pub class: Option<u32>,
    /// Confidence, 0..=1.
    pub score: f32,
    /// Name of the model that says so; analytics metadata does not hold it.
    pub model: Option<&'a str>,
}

/// Adds to each object, by its place in [`crate::objects::iter`], what `says` has of it. In a
/// region it takes the place of what the same model said before.
pub fn add<'a>(buffer: &mut gst::BufferRef, says: impl Fn(usize) -> Option<Classification<'a>>) {
    let detections = analytics::detections(buffer);
    let mut next = detections.len();
    roi::classify(buffer, detections.is_empty(), |id, label, rect| {
        let mirrored = detections
            .iter()
            .position(|d| d.is_mirrored_by(id, label, rect));
        says(mirrored.unwrap_or_else(|| {
            next += 1;
            next - 1
        }))
    });
    for (index, detection) in detections.iter().enumerate() {
        if let Some(said) = says(index) {
            analytics::classify(buffer, detection.id, &said);
        }
    }
}

/// Shows all classifications to `visit`, each with its object's place in [`crate::objects::iter`].
pub fn each(buffer: &gst::BufferRef, mut visit: impl FnMut(usize, Classification<'_>)) {
    analytics::classifications(buffer, &mut visit);
    let detections = analytics::detections(buffer);
    roi::classifications(
        buffer,
        |id, label, rect| !detections.iter().any(|d| d.is_mirrored_by(id, label, rect)),
        |nth, said| visit(detections.len() + nth, said),
    );
}
