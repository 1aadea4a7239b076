// SPDX-License-Identifier: MIT OR Apache-2.0
//! In place of analytics metadata in builds for GStreamers that have none (before 1.24).

use crate::classes::Classification;
use crate::objects::{Detection, Fate, NewObject, Object};

pub(crate) const AVAILABLE: bool = false;

pub(crate) fn detections(_: &gst::BufferRef) -> Vec<Detection> {
    Vec::new()
}

pub(crate) fn objects(_: &gst::BufferRef, _: (u32, u32)) -> Vec<Object> {
    Vec::new()
}

pub(crate) fn add(_: &mut gst::BufferRef, _: (u32, u32), _: &NewObject<'_>) -> Option<u32> {
    None
}

pub(crate) fn assign(_: &mut gst::BufferRef, _: &[Fate]) {}

pub(crate) fn classify(_: &mut gst::BufferRef, _: u32, _: &Classification<'_>) {}

pub(crate) fn classifications(_: &gst::BufferRef, _: &mut impl FnMut(usize, Classification<'_>)) {}
