// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties of elements as they stand in the configuration.

use gst::glib;
use gst::prelude::*;

use crate::config::Properties;
use crate::error::Error;

/// Sets an element's property from its text, as on a launch line.
///
/// # Errors
///
/// The element has no such property, or the text is no value of it.
pub fn set(element: &gst::Element, name: &str, text: &str) -> Result<(), Error> {
    let factory = element.factory().map(|f| f.name()).unwrap_or_default();
    let spec = element.find_property(name).ok_or_else(|| {
        Error::Invalid(format!(
            "{factory} has no property {name:?}; gst-inspect-1.0 {factory} lists them"
        ))
    })?;
    if !spec.flags().contains(glib::ParamFlags::WRITABLE) {
        let why = format!("the property {name:?} of {factory} can only be read");
        return Err(Error::Invalid(why));
    }
    let value = glib::Value::deserialize_with_pspec(text, &spec).map_err(|_| {
        Error::Invalid(format!(
            "{text:?} is no value of the property {name:?} of {factory}; \
             gst-inspect-1.0 {factory} says which are"
        ))
    })?;
    element.set_property_from_value(name, &value);
    Ok(())
}

/// Sets all of `properties`.
pub fn set_all(element: &gst::Element, properties: &Properties) -> Result<(), Error> {
    for (name, value) in properties {
        set(element, name, &text(value))?;
    }
    Ok(())
}

/// A value of the configuration as on a launch line.
pub fn text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Makes an element.
///
/// # Errors
///
/// GStreamer does not have it; the message says so.
pub fn make(factory: &str) -> Result<gst::Element, Error> {
    gst::ElementFactory::make(factory).build().map_err(|_| {
        Error::Failed(format!(
            "GStreamer has no element {factory:?} here; install the plugin that brings it"
        ))
    })
}
