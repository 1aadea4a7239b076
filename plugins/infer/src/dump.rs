// SPDX-License-Identifier: MIT OR Apache-2.0
//! The first tensors as files, to see what the network sees.

use std::fs;
use std::path::PathBuf;

use image::{ExtendedColorType, save_buffer};
use lynx_tensor::{TensorSpec, dump};

use crate::settings::Settings;

/// Writes tensors until it has written enough of them, or cannot.
#[derive(Debug, Default)]
pub(crate) struct Dump {
    folder: PathBuf,
    /// Of the stream and the model.
    name: String,
    written: u32,
    count: u32,
}

impl Dump {
    /// Makes the folder, where the settings name one.
    pub fn new(settings: &Settings, model: &str) -> Result<Self, String> {
        let Some(folder) = settings.dump_tensors.as_ref().filter(|f| !f.is_empty()) else {
            return Ok(Self::default());
        };
        fs::create_dir_all(folder).map_err(|error| {
            format!("the folder of dump-tensors, {folder}, cannot be made: {error}")
        })?;
        // A name may have a slash, as in site/cam0.
        let safe = |c: char| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        };
        Ok(Self {
            folder: folder.into(),
            name: format!("{}-{model}", settings.stream)
                .chars()
                .map(safe)
                .collect(),
            written: 0,
            count: settings.dump_count,
        })
    }

    /// Writes a tensor as `<stream>-<model>-<number>.npy` and `.png`, unless enough have been. After an
    /// error, which says what could not be written, it writes no more.
    pub fn write(&mut self, spec: &TensorSpec, tensor: &[u8]) -> Result<(), String> {
        if self.written >= self.count {
            return Ok(());
        }
        let file = |kind| {
            let name = format!("{}-{:04}.{kind}", self.name, self.written);
            self.folder.join(name)
        };
        let (npy, png) = (file("npy"), file("png"));
        self.written += 1;
        let picture = dump::picture(spec, tensor);
        let done = fs::write(&npy, dump::npy(spec, tensor))
            .map_err(|error| format!("{}: {error}", npy.display()))
            .and_then(|()| {
                save_buffer(
                    &png,
                    &picture,
                    spec.width,
                    spec.height,
                    ExtendedColorType::Rgb8,
                )
                .map_err(|error| format!("{}: {error}", png.display()))
            });
        done.map_err(|error| {
            self.count = 0;
            format!("dump-tensors stops, it cannot write {error}")
        })
    }
}
