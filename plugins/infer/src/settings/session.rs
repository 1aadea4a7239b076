// SPDX-License-Identifier: MIT OR Apache-2.0

use std::collections::BTreeMap;

use gst::glib;
use lynx_runtime::{Provider, SessionOptions, parse_providers};

use super::Settings;

impl Settings {
    /// How the model's session is built. The error says which property is wrong.
    pub fn session_options(&self) -> Result<SessionOptions, String> {
        let display = |error: lynx_runtime::Error| error.to_string();
        let device = Some(self.device.trim()).filter(|device| !device.is_empty());
        let affinity = Some(self.cpu_affinity.trim()).filter(|cpus| !cpus.is_empty());
        let mut provider_options = BTreeMap::new();
        let structures = self.provider_options.as_ref().map(structures).transpose()?;
        for structure in structures.into_iter().flatten() {
            let provider: Provider = structure.name().parse().map_err(display)?;
            let options: BTreeMap<_, _> = structure.iter().map(text).collect::<Result<_, _>>()?;
            provider_options.insert(provider, options);
        }
        Ok(SessionOptions {
            providers: parse_providers(&self.execution_provider).map_err(display)?,
            device: device.map(str::to_owned),
            precision: self.precision.into(),
            intra_op_threads: self.intra_op_threads as usize,
            cpu_affinity: affinity.map(str::parse).transpose().map_err(display)?,
            provider_options,
        })
    }
}

/// The structure itself or, of one called `providers`, those in its fields.
fn structures(structure: &gst::Structure) -> Result<Vec<gst::Structure>, String> {
    if structure.name() != "providers" {
        return Ok(vec![structure.clone()]);
    }
    let of_provider = |(name, value): (&glib::GStr, &glib::SendValue)| {
        value.get().map_err(|_| {
            format!(
                "provider-options has {name} that is no structure; write \
                 providers,{name}=(structure)[openvino,num_streams=2]"
            )
        })
    };
    structure.iter().map(of_provider).collect()
}

/// A field's value as ONNX Runtime takes it.
fn text((name, value): (&glib::GStr, &glib::SendValue)) -> Result<(String, String), String> {
    let text = match value.get::<bool>() {
        Ok(value) => Some(if value { "True" } else { "False" }.to_owned()),
        Err(_) => value.transform::<String>().ok().and_then(|v| v.get().ok()),
    };
    let text = text.ok_or_else(|| {
        format!(
            "provider-options has {name} that is no text, number or boolean; write it in quotes"
        )
    })?;
    Ok((name.to_string(), text))
}
