// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory for tensors: 64-byte aligned, with padding that is written once, when it is new.

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use lynx_tensor::{Padding, TensorSpec};

/// A pool of buffers for tensors of `spec`, which come with `padding`.
pub(crate) fn new(spec: &TensorSpec, padding: Padding) -> Result<gst::BufferPool, glib::BoolError> {
    let bytes = u32::try_from(spec.bytes())
        .map_err(|_| glib::bool_error!("a tensor of {:?} is too large", spec.shape()))?;
    let pool: TensorPool = glib::Object::new();
    let _ = pool.imp().padding.set(padding);
    let mut config = pool.config();
    let params = gst::AllocationParams::new(gst::MemoryFlags::empty(), 63, 0, 0);
    config.set_params(None, bytes, 2, 0);
    config.set_allocator(None::<&gst::Allocator>, Some(&params));
    pool.set_config(config)?;
    pool.set_active(true)?;
    Ok(pool.upcast())
}

glib::wrapper! {
    pub struct TensorPool(ObjectSubclass<imp::TensorPool>)
        @extends gst::BufferPool, gst::Object;
}

mod imp {
    use std::sync::OnceLock;

    use gst::glib;
    use gst::subclass::prelude::*;
    use lynx_tensor::Padding;

    #[derive(Default)]
    pub struct TensorPool {
        pub(super) padding: OnceLock<Padding>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for TensorPool {
        const NAME: &'static str = "GstLynxTensorPool";
        type Type = super::TensorPool;
        type ParentType = gst::BufferPool;
    }

    impl ObjectImpl for TensorPool {}
    impl GstObjectImpl for TensorPool {}

    impl BufferPoolImpl for TensorPool {
        fn alloc_buffer(
            &self,
            params: Option<&gst::BufferPoolAcquireParams>,
        ) -> Result<gst::Buffer, gst::FlowError> {
            let mut buffer = self.parent_alloc_buffer(params)?;
            if let (Some(padding), Some(new)) = (self.padding.get(), buffer.get_mut()) {
                let mut map = new.map_writable().map_err(|_| gst::FlowError::Error)?;
                padding.fill(&mut map).map_err(|_| gst::FlowError::Error)?;
            }
            Ok(buffer)
        }
    }
}
