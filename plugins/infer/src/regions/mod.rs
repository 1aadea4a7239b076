// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which parts of a frame the model looks at. Whatever says so, it ends as a list of regions; each
//! becomes one entry of a batch, and its result comes back through the transform of that entry.

mod areas;
mod moving;
mod objects;

use lynx_geometry::Rect;

pub(crate) use areas::Areas;
pub(crate) use moving::around;
pub(crate) use objects::Filter;

use crate::settings::{Images, InferenceRegion, Settings};

/// A part of the frame that the model looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    /// In pixels of the frame; of some size and at least partly inside it.
    pub rect: Rect,
    /// By how much it is turned about its centre, in radians, clockwise.
    pub rotation: f32,
    /// The object that it was cut out for, by its place in `objects::iter`.
    pub object: Option<usize>,
}

impl Region {
    /// All of a frame of `size` (width, height) pixels.
    pub fn whole(size: (u32, u32)) -> Self {
        Rect::new(0.0, 0.0, size.0 as f32, size.1 as f32).into()
    }

    pub fn is_whole(&self, size: (u32, u32)) -> bool {
        self.rotation == 0.0 && self.rect == Self::whole(size).rect
    }
}

impl From<Rect> for Region {
    fn from(rect: Rect) -> Self {
        Self {
            rect,
            rotation: 0.0,
            object: None,
        }
    }
}

/// Who says which parts of a frame the model looks at.
#[derive(Debug)]
pub(crate) enum Places {
    /// All of the frame, in one piece.
    FullFrame,
    /// Parts that are the same on every frame.
    Areas(Areas),
    /// The objects on the frame.
    Objects(Filter),
    /// What moves, as `lynxmotiongate` says.
    Motion,
}

impl Places {
    /// Whether it is the frame in one piece, so that a ready-made tensor is of use.
    pub fn takes_tensor(&self) -> bool {
        matches!(self, Self::FullFrame)
    }

    /// Whether it is what other elements have found.
    pub fn are_objects(&self) -> bool {
        matches!(self, Self::Objects(_))
    }

    /// What the images for the model are.
    pub fn images(&self) -> Images {
        match self {
            Self::FullFrame | Self::Motion => Images::Frames,
            Self::Areas(_) => Images::Areas,
            Self::Objects(_) => Images::Objects,
        }
    }

    /// What the settings ask for. The error says which property cannot work.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let areas = Areas::parse(settings)?;
        match (settings.inference_region, areas) {
            (InferenceRegion::FullFrame, None) => Ok(Self::FullFrame),
            (InferenceRegion::FullFrame, Some(areas)) => Ok(Self::Areas(areas)),
            (InferenceRegion::RoiList, None) => Ok(Self::Objects(Filter::parse(settings)?)),
            (InferenceRegion::Motion, None) => Ok(Self::Motion),
            (InferenceRegion::RoiList, Some(_)) => Err(elsewhere("roi-list looks at objects")),
            (InferenceRegion::Motion, Some(_)) => Err(elsewhere("motion looks at what moves")),
        }
    }
}

fn elsewhere(what: &str) -> String {
    format!(
        "inference-region={what}, tiles and regions say to look elsewhere; leave one of them out, \
         or use a lynxinfer for each"
    )
}

/// Reads two numbers with an `x` between them.
fn pair<T: std::str::FromStr>(text: &str) -> Option<(T, T)> {
    let (one, other) = text.split_once(['x', 'X'])?;
    Some((one.trim().parse().ok()?, other.trim().parse().ok()?))
}
