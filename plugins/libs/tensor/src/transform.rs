// SPDX-License-Identifier: MIT OR Apache-2.0

use lynx_geometry::Rect;

/// Where a frame lies in a tensor: `tensor = frame * scale + offset`, per axis, on pixel edges
/// (a frame `w` wide covers `offset_x .. offset_x + w * scale_x` of the tensor).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    pub scale_x: f32,
    pub scale_y: f32,
    pub offset_x: f32,
    pub offset_y: f32,
}

impl Transform {
    /// The tensor is the frame.
    pub const IDENTITY: Self = Self {
        scale_x: 1.0,
        scale_y: 1.0,
        offset_x: 0.0,
        offset_y: 0.0,
    };

    /// A rectangle of the tensor in pixels of the frame.
    pub fn to_frame(&self, r: &Rect) -> Rect {
        Rect::new(
            (r.x - self.offset_x) / self.scale_x,
            (r.y - self.offset_y) / self.scale_y,
            r.w / self.scale_x,
            r.h / self.scale_y,
        )
    }

    /// A rectangle of the frame in elements of the tensor.
    pub fn to_tensor(&self, r: &Rect) -> Rect {
        Rect::new(
            r.x * self.scale_x + self.offset_x,
            r.y * self.scale_y + self.offset_y,
            r.w * self.scale_x,
            r.h * self.scale_y,
        )
    }
}
