// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the frames of a stream to input tensors, on whichever thread wants one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use gst_video::VideoInfo;
use lynx_meta::TensorMaker;
use lynx_meta::element::lock;
use lynx_meta::tensor::FrameTensor;
use lynx_tensor::{TensorSpec, Transform, Word};

use crate::regions::Region;

/// What the caps say of frames, and what makes their tensors.
pub(crate) struct Input {
    info: VideoInfo,
    spec: TensorSpec,
    /// One for each thread that makes tensors at the same time.
    makers: Mutex<Vec<TensorMaker>>,
    checked: AtomicBool,
    /// What is to be said of the pictures that are read.
    warning: Mutex<Option<String>>,
    /// Names the padding that whole frames of this size leave in a tensor; not 0.
    padding: u64,
}

impl Input {
    pub fn new(info: VideoInfo, spec: &TensorSpec) -> Self {
        let mut hasher = DefaultHasher::new();
        let par = info.par();
        (info.width(), info.height(), par.numer(), par.denom()).hash(&mut hasher);
        // Others who share the engine may want another padding.
        format!("{spec:?}").hash(&mut hasher);
        Self {
            spec: spec.clone(),
            makers: Mutex::default(),
            checked: AtomicBool::default(),
            warning: Mutex::default(),
            padding: hasher.finish() | 1,
            info,
        }
    }

    pub fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// Of a frame, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.info.width(), self.info.height())
    }

    pub fn spec(&self) -> &TensorSpec {
        &self.spec
    }

    /// Makes sure that tensors can be made of such frames.
    pub fn check(&self) -> Result<(), String> {
        if !self.checked.load(Ordering::Relaxed) {
            let maker = self.maker()?;
            lock(&self.makers).push(maker);
            self.checked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// What is to be said, once.
    pub fn warning(&self) -> Option<String> {
        lock(&self.warning).take()
    }

    /// Writes the tensor of a region of a frame. Returns where the frame lies in it.
    pub fn fill(
        &self,
        buffer: &gst::BufferRef,
        region: &Region,
        tensor: &mut [u8],
        writer: &mut u64,
    ) -> Result<Transform, String> {
        let maker = lock(&self.makers).pop();
        let mut maker = match maker {
            Some(maker) => maker,
            None => self.maker()?,
        };
        let padded = *writer == self.padding;
        *writer = 0;
        let result = if region.is_whole(self.size()) {
            let result = maker.picture(buffer, tensor, padded);
            if result.is_ok() && !maker.is_cropped() {
                *writer = self.padding;
            }
            result
        } else if region.rotation == 0.0 {
            maker.region(buffer, &region.rect, tensor)
        } else {
            let Region { rect, rotation, .. } = region;
            let result = maker.turned(buffer, rect, *rotation, tensor);
            // That of a turned crop is no such transform, and a class needs none.
            result.map(|()| Transform::IDENTITY)
        };
        lock(&self.makers).push(maker);
        result
    }

    fn maker(&self) -> Result<TensorMaker, String> {
        let mut maker = TensorMaker::new(&self.info, &self.spec)?;
        if let Some(warning) = maker.warning() {
            *lock(&self.warning) = Some(warning.to_owned());
        }
        Ok(maker)
    }
}

/// Whether a tensor that was made upstream is what the model wants.
pub(crate) fn check_shape(ready: &FrameTensor, input: &Input) -> Result<(), String> {
    let spec = input.spec();
    let size = ready.data.size();
    if (ready.element, ready.shape) == (spec.element, spec.shape()) && size == spec.bytes() {
        return Ok(());
    }
    Err(format!(
        "lynxpreprocess made a tensor of {:?} {} and the model wants {:?} {}; leave tensor-width, \
         tensor-height, tensor-type, color-format and tensor-layout of lynxpreprocess at their \
         defaults",
        ready.shape,
        ready.element.word(),
        spec.shape(),
        spec.element.word()
    ))
}
