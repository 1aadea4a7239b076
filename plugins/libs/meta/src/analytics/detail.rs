// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the standard metadata of a detection does not hold: fractions of a pixel, the class's
//! index, whether the box was predicted. Metadata of Lynx's own, related to the detection;
//! others pass over it. It is known by its name, so that two copies of Lynx in one process read
//! each other's.

use gst_analytics::AnalyticsRelationMeta as Meta;

use super::raw::{self, Kind};
use crate::exact::Corners;
use crate::names::DETECTION_MTD;

static KIND: Kind = Kind::new(DETECTION_MTD);

/// As bytes: four corners (f64), class (u32), coasted (u32), in native byte order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Detail {
    pub corners: Corners,
    pub class: Option<u32>,
    pub coasted: bool,
}

const SIZE: usize = 40;
/// In place of a class's index that nobody said.
const UNKNOWN: u32 = u32::MAX;

impl Detail {
    pub(super) fn add(self, meta: &mut Meta) -> Option<u32> {
        raw::add(meta, &KIND, &self.to_bytes())
    }

    /// `None` where `id` is something else.
    pub(super) fn read(meta: &Meta, id: u32) -> Option<Self> {
        if raw::name(meta, id)? != DETECTION_MTD {
            return None;
        }
        let (corners, rest) = raw::bytes(meta, id).split_first_chunk::<32>()?;
        let (class, rest) = rest.split_first_chunk::<4>()?;
        let coasted = rest.first_chunk::<4>()?;
        let corner = |i: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&corners[8 * i..8 * i + 8]);
            f64::from_ne_bytes(bytes)
        };
        Some(Self {
            corners: Corners([corner(0), corner(1), corner(2), corner(3)]),
            class: Some(u32::from_ne_bytes(*class)).filter(|class| *class != UNKNOWN),
            coasted: u32::from_ne_bytes(*coasted) != 0,
        })
    }

    /// Puts this in the place of what [`Self::read`] found at `id`.
    pub(super) fn overwrite(self, meta: &mut Meta, id: u32) {
        raw::bytes_mut(meta, id)[..SIZE].copy_from_slice(&self.to_bytes());
    }

    fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        for (place, corner) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.corners.0) {
            place.copy_from_slice(&corner.to_ne_bytes());
        }
        bytes[32..36].copy_from_slice(&self.class.unwrap_or(UNKNOWN).to_ne_bytes());
        bytes[36..].copy_from_slice(&u32::from(self.coasted).to_ne_bytes());
        bytes
    }
}
