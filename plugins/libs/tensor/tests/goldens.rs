// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tensors beside those of each model family's own preprocessing in OpenCV, Pillow and NumPy: see
//! tests/reference/preprocess.py, which wrote the texts in `goldens/` and says what they hold.

#![allow(clippy::expect_used)] // Helpers of tests are tests, too.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use half::f16;
use lynx_tensor::{AlignedBytes, Converter, Element, Frame, PixelFormat, Plane};
use lynx_tensor::{Source, TensorLayout, TensorSpec, Word};

/// RGB: a ramp across, a ramp down, a saw tooth; inverted in some of the squares of 16. As
/// `picture` in the script.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let ramps = [
                x * 255 / (width - 1),
                y * 255 / (height - 1),
                (x * 3 + y * 5) % 256,
            ];
            let inverted = (x / 16 + y / 16 * 3) % 5 == 0;
            pixels.extend(ramps.map(|v| if inverted { 255 - v } else { v } as u8));
        }
    }
    pixels
}

/// One text of `goldens/`.
struct Golden {
    picture: (u32, u32),
    spec: TensorSpec,
    shape: Vec<usize>,
    /// How far an element and a channel's mean may be off, in levels of 255.
    tolerance: [f64; 2],
    means: Vec<f64>,
    deviations: Vec<f64>,
    samples: Vec<Sample>,
}

/// One element of the tensor.
struct Sample {
    index: usize,
    value: f64,
    exact: bool,
}

fn numbers<T: FromStr<Err: std::fmt::Debug>>(text: &str, separator: char) -> Vec<T> {
    let parts = text.split(separator).map(str::parse);
    parts.map(|number| number.expect(text)).collect()
}

fn size(text: &str) -> (u32, u32) {
    let sides = numbers(text, 'x');
    (sides[0], sides[1])
}

fn word<T: Word>(text: &str) -> T {
    T::from_word(text).unwrap_or_else(|| panic!("{text} is none of {}", T::choices()))
}

impl Golden {
    fn parse(text: &str) -> Self {
        let mut fields = BTreeMap::new();
        let mut samples = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (key, value) = line.split_once(' ').expect("a line is a key and a value");
            match key {
                "at" | "exactly" => {
                    let (index, value) = value.split_once(' ').expect("an index and a value");
                    samples.push(Sample {
                        index: index.parse().expect(line),
                        value: value.parse().expect(line),
                        exact: key == "exactly",
                    });
                }
                _ => assert!(fields.insert(key, value).is_none(), "{key} is there twice"),
            }
        }
        let mut take = |key| fields.remove(key).unwrap_or_else(|| panic!("no {key}"));
        let (width, height) = size(take("tensor"));
        let mut triple = |key| numbers(take(key), ',').try_into().expect("three numbers");
        let (mean, std) = (triple("mean"), triple("std"));
        let golden = Self {
            picture: size(take("picture")),
            spec: TensorSpec {
                element: word(take("element")),
                layout: word(take("layout")),
                color: word(take("color")),
                resize: word(take("resize")),
                filter: word(take("filter")),
                pad_value: take("pad").parse().expect("a pad value"),
                mean,
                std,
                ..TensorSpec::new(width, height)
            },
            shape: numbers(take("shape"), ' '),
            tolerance: numbers(take("tolerance"), ' ').try_into().expect("two"),
            means: numbers(take("channel-means"), ' '),
            deviations: numbers(take("channel-deviations"), ' '),
            samples,
        };
        assert!(fields.is_empty(), "unknown fields {fields:?}");
        assert!(golden.samples.len() >= 64, "too few samples");
        golden
    }

    /// The tensor that Lynx makes.
    fn tensor(&self) -> Vec<f64> {
        let (width, height) = self.picture;
        let data = picture(width, height);
        let planes = [Plane {
            data: &data,
            stride: 3 * width as usize,
        }];
        let source = Source::new(PixelFormat::Rgb, width, height);
        let mut converter = Converter::new(source, &self.spec).expect("a spec that works");
        let mut out = AlignedBytes::new(self.spec.bytes());
        converter
            .convert(&Frame { planes: &planes }, &mut out)
            .expect("a frame that fits");
        let size = self.spec.element.size();
        out.chunks_exact(size)
            .map(|bytes| match (self.spec.element, bytes) {
                (Element::F32, &[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]).into(),
                (Element::F16, &[a, b]) => f16::from_ne_bytes([a, b]).into(),
                (Element::U8, &[a]) => a.into(),
                (Element::I8, &[a]) => i8::from_ne_bytes([a]).into(),
                _ => unreachable!("an element of {size} bytes"),
            })
            .collect()
    }

    /// The channel that an element belongs to.
    fn channel(&self, index: usize) -> usize {
        match self.spec.layout {
            TensorLayout::Nchw => index / (self.shape[2] * self.shape[3]),
            TensorLayout::Nhwc => index % self.shape[3],
        }
    }

    /// Everything that is not as it should be.
    fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        let tensor = self.tensor();
        if self.spec.shape() != self.shape[..] {
            return vec![format!("shape {:?}: {:?}", self.spec.shape(), self.shape)];
        }
        // One level in the tensor's own unit.
        let level = |channel: usize| 1.0 / f64::from(self.spec.std[channel]).abs();
        let mut compare = |what: String, channel: usize, ours: f64, theirs: f64, levels: f64| {
            let off = (ours - theirs).abs() / level(channel);
            // The texts have six digits.
            if off > levels + 1e-3 {
                found.push(format!(
                    "{what}: {ours} is not {theirs}, {off:.3} levels off"
                ));
            }
        };
        for sample in &self.samples {
            let index = sample.index;
            let levels = if sample.exact { 0.0 } else { self.tolerance[0] };
            let what = format!("element {index}");
            compare(
                what,
                self.channel(index),
                tensor[index],
                sample.value,
                levels,
            );
        }
        for (channel, (mean, deviation)) in self.means.iter().zip(&self.deviations).enumerate() {
            let values = (tensor.iter().enumerate()).filter(|(i, _)| self.channel(*i) == channel);
            let values: Vec<f64> = values.map(|(_, v)| *v).collect();
            let count = values.len() as f64;
            let ours = values.iter().sum::<f64>() / count;
            let square = values.iter().map(|v| (v - ours).powi(2)).sum::<f64>() / count;
            let levels = self.tolerance[1] + 5e-3;
            compare(
                format!("mean of channel {channel}"),
                channel,
                ours,
                *mean,
                levels,
            );
            let what = format!("deviation of channel {channel}");
            compare(what, channel, square.sqrt(), *deviation, levels);
        }
        found
    }
}

#[test]
fn tensors_are_those_of_each_familys_own_preprocessing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let mut texts: Vec<_> = (folder.read_dir().expect("the folder is there"))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    texts.sort();
    assert!(texts.len() >= 22, "goldens are gone: {texts:?}");
    let mut wrong = Vec::new();
    for path in texts {
        let text = std::fs::read_to_string(&path).expect("a readable text");
        let name = path.file_stem().expect("a name").to_string_lossy();
        let found = Golden::parse(&text).differences();
        wrong.extend(
            found
                .iter()
                .map(|difference| format!("{name}: {difference}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
