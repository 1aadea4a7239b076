// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detected objects on a buffer, whoever wrote them.

use lynx_geometry::Rect;

use crate::roi;

/// An object as a frame carries it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Object {
    /// Where, in pixels of the frame; may reach beyond its edges.
    pub rect: Rect,
    /// The class's name.
    pub label: &'static str,
    /// The class's index in its model.
    pub class: u32,
    /// Confidence, 0..=1.
    pub score: f32,
    /// Who it is, once tracked.
    pub identity: Option<Identity>,
}

/// A tracked object's identity on one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// From 1, unique within a stream. (DL Streamer's form holds 31 bits.)
    pub id: u64,
    /// Whether the box was predicted because inference did not run on this frame.
    pub coasted: bool,
}

/// What [`assign`] does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Give it this identity, and the class that the identity has by now.
    Identify {
        identity: Identity,
        class: u32,
        label: &'static str,
    },
    /// Leave it as it is.
    Keep,
    /// Take it off the frame.
    Remove,
}

/// The objects of a frame of `size` (width, height) pixels, in the order they were added.
pub fn iter(buffer: &gst::BufferRef, size: (u32, u32)) -> impl Iterator<Item = Object> + '_ {
    roi::iter(buffer, size)
}

/// Adds an object to a frame of `size` (width, height) pixels. The part outside the frame is
/// cut off; an object wholly outside is not added.
pub fn add(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    rect: Rect,
    label: &str,
    class: u32,
    score: f32,
    identity: Option<Identity>,
) {
    let Some(rect) = rect.clipped(size.0 as f32, size.1 as f32) else {
        return;
    };
    roi::add(buffer, size, rect, label, class, score, identity);
}

/// Decides, object by object in [`iter`]'s order, who it is or whether it stays.
pub fn assign(buffer: &mut gst::BufferRef, decide: impl FnMut(usize) -> Fate) {
    roi::assign(buffer, decide);
}
