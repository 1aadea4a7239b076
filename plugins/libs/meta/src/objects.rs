// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detected objects on a buffer, whoever wrote them.
//!
//! Two kinds of metadata carry them: `GstAnalyticsRelationMeta` (GStreamer 1.24 and newer, with
//! the cargo feature `v1_24`) and `GstVideoRegionOfInterestMeta` in DL Streamer's form. Readers
//! take both. A region that mirrors an analytics detection (DL Streamer's rule: its id is that of
//! the detection) is the same object, and counts once.

use lynx_geometry::Rect;

use crate::{analytics, roi};

/// An object as a frame carries it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Object {
    /// Names it among the objects of this frame and kind of metadata; see [`Object::parent`].
    pub id: u32,
    /// The object that this one is a part of (the car of a license plate), by its [`Object::id`].
    pub parent: Option<u32>,
    /// Where, in pixels of the frame; may reach beyond its edges.
    pub rect: Rect,
    /// By how much `rect` is turned about its centre, in radians, clockwise; 0 for an upright box.
    pub rotation: f32,
    /// The class's name.
    pub label: &'static str,
    /// The class's index in its model, where the writer said it.
    pub class: Option<u32>,
    /// Confidence, 0..=1.
    pub score: f32,
    /// Who it is, once tracked.
    pub identity: Option<Identity>,
}

impl Object {
    /// The upright box around it, in pixels of the frame.
    pub fn bounds(&self) -> Rect {
        match self.rotation {
            0.0 => self.rect,
            rotation => self.rect.turned_bounds(rotation),
        }
    }
}

/// A tracked object's identity on one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// From 1, unique within a stream. (DL Streamer's form holds 31 bits.)
    pub id: u64,
    /// Whether the box was predicted because inference did not run on this frame.
    pub coasted: bool,
    /// When it was first and last detected, in time of the buffers; DL Streamer's form does not
    /// hold it.
    pub seen: Option<(gst::ClockTime, gst::ClockTime)>,
}

/// An object to be added to a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewObject<'a> {
    /// In pixels of the frame. The part outside the frame is cut off.
    pub rect: Rect,
    /// As [`Object::rotation`]; a turned box is not cut off.
    pub rotation: f32,
    pub label: &'a str,
    pub class: Option<u32>,
    pub score: f32,
    pub identity: Option<Identity>,
    /// As [`Object::parent`].
    pub parent: Option<u32>,
}

impl<'a> NewObject<'a> {
    /// An upright box of nobody in particular.
    pub fn new(rect: Rect, label: &'a str, class: u32, score: f32) -> Self {
        Self {
            rect,
            rotation: 0.0,
            label,
            class: Some(class),
            score,
            identity: None,
            parent: None,
        }
    }
}

/// Which kinds of metadata carry objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forms {
    /// `GstAnalyticsRelationMeta`; never where this build has none.
    pub analytics: bool,
    /// `GstVideoRegionOfInterestMeta`.
    pub roi: bool,
}

impl Forms {
    /// What Lynx writes: analytics metadata where this build has it, regions besides it when
    /// asked to, and alone otherwise.
    pub fn new(roi: bool) -> Self {
        Self {
            analytics: analytics::AVAILABLE,
            roi: roi || !analytics::AVAILABLE,
        }
    }

    /// What a frame's objects came in; `None` for a frame without objects.
    pub fn of(buffer: &gst::BufferRef) -> Option<Self> {
        let found = Self {
            analytics: !analytics::detections(buffer).is_empty(),
            roi: roi::any(buffer),
        };
        (found.analytics || found.roi).then_some(found)
    }
}

/// What [`assign`] does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Give it this identity, and the class that the identity has by now.
    Identify {
        identity: Identity,
        class: Option<u32>,
        label: &'static str,
    },
    /// Leave it as it is.
    Keep,
    /// Take it off the frame.
    Remove,
}

/// A detection in analytics metadata, as far as a region may mirror it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detection {
    pub id: u32,
    pub label: &'static str,
    pub rect: Rect,
}

impl Detection {
    /// Whether the region of that id, name and place is this detection. GStreamer gives regions
    /// the id 0 unless told: those must lie within it, others only touch it.
    pub(crate) fn is_mirrored_by(&self, id: i32, label: &str, rect: Rect) -> bool {
        let slack = 2.0;
        let within = rect.x >= self.rect.x - slack
            && rect.y >= self.rect.y - slack
            && rect.right() <= self.rect.right() + slack
            && rect.bottom() <= self.rect.bottom() + slack;
        let there = within || (id != 0 && self.rect.intersection_area(&rect) > 0.0);
        u32::try_from(id) == Ok(self.id) && label == self.label && there
    }
}

/// The objects of a frame of `size` (width, height) pixels, in the order they were added; those
/// in analytics metadata come first.
pub fn iter(buffer: &gst::BufferRef, size: (u32, u32)) -> impl Iterator<Item = Object> + '_ {
    let detections = analytics::detections(buffer);
    let regions = roi::iter(buffer, size, move |id, label, rect| {
        !detections.iter().any(|d| d.is_mirrored_by(id, label, rect))
    });
    analytics::objects(buffer, size).into_iter().chain(regions)
}

/// Adds an object to a frame of `size` (width, height) pixels, in all of `forms`. Returns its
/// [`Object::id`]; an object wholly outside the frame is not added.
pub fn add(
    buffer: &mut gst::BufferRef,
    size: (u32, u32),
    object: &NewObject<'_>,
    forms: Forms,
) -> Option<u32> {
    let inside = object.rect.clipped(size.0 as f32, size.1 as f32)?;
    let rect = if object.rotation == 0.0 {
        inside
    } else {
        object.rect
    };
    let object = NewObject { rect, ..*object };
    let id = forms
        .analytics
        .then(|| analytics::add(buffer, size, &object))
        .flatten();
    if forms.roi {
        return Some(roi::add(buffer, size, &object, id));
    }
    id
}

/// Decides, object by object in [`iter`]'s order, who it is or whether it stays.
pub fn assign(buffer: &mut gst::BufferRef, mut decide: impl FnMut(usize) -> Fate) {
    let detections = analytics::detections(buffer);
    let fates: Vec<_> = (0..detections.len()).map(&mut decide).collect();
    let mut next = detections.len();
    roi::assign(buffer, detections.is_empty(), |id, label, rect| {
        let mirrored = detections
            .iter()
            .position(|d| d.is_mirrored_by(id, label, rect));
        mirrored.map(|index| fates[index]).unwrap_or_else(|| {
            next += 1;
            decide(next - 1)
        })
    });
    analytics::assign(buffer, &fates);
}
