// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Lynx plugin: GStreamer elements that detect, track and annotate what cameras see.
//!
//! As a plugin, `libgstlynx.so` is found on `GST_PLUGIN_PATH`. Embedded in a Rust program,
//! [`plugin_register_static`] makes the elements known without any file:
//!
//! ```
//! gst::init().unwrap();
//! gstlynx::plugin_register_static().unwrap();
//! assert!(gst::ElementFactory::find("lynxinfer").is_some());
//! ```
//!
//! This is the only crate that defines a plugin; the element crates are linked into it, so each
//! type is registered once.

fn plugin_init(plugin: &gst::Plugin) -> Result<(), gst::glib::BoolError> {
    lynx_motiongate::register(plugin)?;
    lynx_preprocess::register(plugin)?;
    lynx_infer::register(plugin)?;
    lynx_track::register(plugin)?;
    lynx_overlay::register(plugin)?;
    lynx_publish::register(plugin)
}

gst::plugin_define!(
    lynx,
    env!("CARGO_PKG_DESCRIPTION"),
    plugin_init,
    concat!(env!("CARGO_PKG_VERSION"), "-", env!("COMMIT_ID")),
    "MIT/X11",
    env!("CARGO_PKG_NAME"),
    env!("CARGO_PKG_NAME"),
    env!("CARGO_PKG_REPOSITORY"),
    env!("BUILD_REL_DATE")
);
