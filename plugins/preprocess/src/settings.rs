// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the user asked for: every value may stay "auto", which is what downstream wants.

use lynx_tensor::TensorSpec;

use crate::enums::{ColorFormat, Interpolation, ResizeMode, TensorLayout, TensorType, chosen};

/// An empty list, 0, -1 and `Auto` leave a value to downstream.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub width: u32,
    pub height: u32,
    pub element: TensorType,
    pub color: ColorFormat,
    pub layout: TensorLayout,
    pub resize: ResizeMode,
    pub interpolation: Interpolation,
    pub pad_value: i32,
    pub range: Vec<f32>,
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
    pub scale: Vec<f32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            width: 0,
            height: 0,
            element: TensorType::default(),
            color: ColorFormat::default(),
            layout: TensorLayout::default(),
            resize: ResizeMode::default(),
            interpolation: Interpolation::default(),
            pad_value: -1,
            range: Vec::new(),
            mean: Vec::new(),
            std: Vec::new(),
            scale: Vec::new(),
        }
    }
}

impl Settings {
    /// The tensor to make: what downstream wants, overridden by what the user asked for.
    /// The error says what is missing or cannot work.
    pub fn spec(&self, wanted: Option<TensorSpec>) -> Result<TensorSpec, String> {
        let mut spec = match wanted {
            Some(spec) => spec,
            None if self.width > 0 && self.height > 0 => TensorSpec::new(self.width, self.height),
            None => {
                return Err(
                    "no element downstream says which tensor it wants; put a lynxinfer after this \
                     element or set tensor-width and tensor-height"
                        .into(),
                );
            }
        };
        if self.width > 0 {
            spec.width = self.width;
        }
        if self.height > 0 {
            spec.height = self.height;
        }
        spec.element = chosen(self.element).unwrap_or(spec.element);
        spec.color = chosen(self.color).unwrap_or(spec.color);
        spec.layout = chosen(self.layout).unwrap_or(spec.layout);
        spec.resize = chosen(self.resize).unwrap_or(spec.resize);
        spec.filter = chosen(self.interpolation).unwrap_or(spec.filter);
        if let Ok(value) = u8::try_from(self.pad_value) {
            spec.pad_value = value;
        }
        self.normalise(&mut spec)?;
        Ok(spec)
    }

    /// `range`, `mean`, `std` and `scale` as one mean and one std a channel: the value of a level
    /// `v` is `(low + v / 255 * (high - low) - mean) / std * scale`.
    fn normalise(&self, spec: &mut TensorSpec) -> Result<(), String> {
        let channels = spec.channels();
        let (low, step) = match *self.range {
            [] => (0.0, 1.0),
            [low, high] if low != high => (low, (high - low) / 255.0),
            _ => {
                return Err(format!(
                    "range has the numbers {:?}, expected two that differ, as in range=\"<0.0,1.0>\"",
                    self.range
                ));
            }
        };
        let mean = per_channel("mean", &self.mean, channels)?;
        let std = per_channel("std", &self.std, channels)?;
        let scale = per_channel("scale", &self.scale, channels)?;
        if self.range.is_empty() && scale.is_none() {
            spec.mean = mean.unwrap_or(spec.mean);
            spec.std = std.unwrap_or(spec.std);
            return Ok(());
        }
        // With a range or a scale of its own, what the user does not say is nothing to undo.
        let (mean, std) = (mean.unwrap_or([0.0; 3]), std.unwrap_or([1.0; 3]));
        let scale = scale.unwrap_or([1.0; 3]);
        for channel in 0..3 {
            spec.mean[channel] = (mean[channel] - low) / step;
            spec.std[channel] = std[channel] / (step * scale[channel]);
        }
        Ok(())
    }
}

/// A number a channel; `None` for none at all.
fn per_channel(name: &str, numbers: &[f32], channels: usize) -> Result<Option<[f32; 3]>, String> {
    match *numbers {
        [] => Ok(None),
        [a] if channels == 1 => Ok(Some([a; 3])),
        [a, b, c] if channels == 3 => Ok(Some([a, b, c])),
        _ => {
            let example = if channels == 1 {
                "<0.0>"
            } else {
                "<0.0,0.0,0.0>"
            };
            Err(format!(
                "{name} has {} numbers, expected one for each of {channels} channels; set \
                 {name}=\"{example}\" or leave it empty",
                numbers.len()
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lynx_tensor::ColorFormat as Color;

    fn normalised(settings: &Settings) -> TensorSpec {
        settings.spec(Some(TensorSpec::new(8, 8))).unwrap()
    }

    /// The value of level `v` in channel `c`.
    fn value(spec: &TensorSpec, c: usize, v: f32) -> f32 {
        (v - spec.mean[c]) / spec.std[c]
    }

    #[test]
    fn range_mean_std_and_scale_make_one_line_a_channel() {
        let spec = normalised(&Settings {
            range: vec![-1.0, 1.0],
            ..Settings::default()
        });
        assert!((value(&spec, 1, 0.0) + 1.0).abs() < 1e-6);
        assert!((value(&spec, 1, 255.0) - 1.0).abs() < 1e-6);
        let spec = normalised(&Settings {
            range: vec![0.0, 1.0],
            mean: vec![0.485, 0.456, 0.406],
            std: vec![0.229, 0.224, 0.225],
            ..Settings::default()
        });
        assert!((value(&spec, 2, 255.0) - (1.0 - 0.406) / 0.225).abs() < 1e-5);
        let spec = normalised(&Settings {
            mean: vec![127.5; 3],
            scale: vec![0.5, 1.0, -2.0],
            ..Settings::default()
        });
        assert!((value(&spec, 2, 128.5) + 2.0).abs() < 1e-5);
    }

    #[test]
    fn grey_has_one_number_and_colours_have_three() {
        let gray = Settings {
            color: ColorFormat::Gray,
            mean: vec![127.5],
            std: vec![127.5],
            ..Settings::default()
        };
        let spec = normalised(&gray);
        assert_eq!((spec.color, spec.mean[0]), (Color::Gray, 127.5));
        let wrong = Settings {
            color: ColorFormat::Rgb,
            ..gray
        };
        let error = wrong.spec(Some(TensorSpec::new(8, 8))).unwrap_err();
        assert!(error.contains("mean has 1 numbers"), "{error}");
    }

    #[test]
    fn a_range_without_width_is_refused() {
        for range in [vec![1.0, 1.0], vec![1.0], vec![0.0, 1.0, 2.0]] {
            let settings = Settings {
                range,
                ..Settings::default()
            };
            let error = settings.spec(Some(TensorSpec::new(8, 8))).unwrap_err();
            assert!(error.contains("range"), "{error}");
        }
    }
}
