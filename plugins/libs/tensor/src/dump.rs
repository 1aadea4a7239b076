// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tensors as files that people and NumPy read.

use half::f16;

use crate::{ColorFormat, Element, TensorLayout, TensorSpec};

/// A tensor as a `.npy` file, version 1.0, in native byte order.
///
/// Source: NumPy, "The NPY format" (NEP 1).
pub fn npy(spec: &TensorSpec, bytes: &[u8]) -> Vec<u8> {
    let order = match spec.element.size() {
        1 => '|',
        _ if cfg!(target_endian = "little") => '<',
        _ => '>',
    };
    let kind = match spec.element {
        Element::F32 => "f4",
        Element::F16 => "f2",
        Element::U8 => "u1",
        Element::I8 => "i1",
    };
    let [n, a, b, c] = spec.shape();
    let mut header = format!(
        "{{'descr': '{order}{kind}', 'fortran_order': False, 'shape': ({n}, {a}, {b}, {c}), }}"
    );
    // Magic, version and length take ten bytes, and the data is to begin at a multiple of 64.
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

/// A tensor as the picture that a model sees: 8-bit RGB, row by row, with the colours and the
/// mean and std undone that `spec` says the model wants. A tensor made with others shows it: blue
/// faces, or a picture too dark or too bright.
pub fn picture(spec: &TensorSpec, bytes: &[u8]) -> Vec<u8> {
    let (width, height) = (spec.width as usize, spec.height as usize);
    let channels = spec.channels();
    let element = |index: usize| -> f32 {
        let size = spec.element.size();
        let Some(bytes) = bytes.get(index * size..(index + 1) * size) else {
            return 0.0;
        };
        match (spec.element, bytes) {
            (Element::F32, &[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]),
            (Element::F16, &[a, b]) => f16::from_ne_bytes([a, b]).to_f32(),
            (Element::U8, &[a]) => a.into(),
            (_, &[a]) => (a as i8).into(),
            _ => 0.0,
        }
    };
    let swapped = spec.color == ColorFormat::Bgr;
    let mut picture = Vec::with_capacity(width * height * 3);
    for pixel in 0..width * height {
        for color in 0..3 {
            let c = if swapped { 2 - color } else { color } * (channels - 1) / 2;
            let value = element(match spec.layout {
                TensorLayout::Nchw => c * width * height + pixel,
                TensorLayout::Nhwc => pixel * channels + c,
            });
            picture.push((value * spec.std[c] + spec.mean[c]).round() as u8);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_numpy_reads_it() {
        let spec = TensorSpec {
            element: Element::U8,
            layout: TensorLayout::Nhwc,
            ..TensorSpec::new(2, 1)
        };
        let file = npy(&spec, &[1, 2, 3, 4, 5, 6]);
        assert_eq!(&file[..10], b"\x93NUMPY\x01\x00\x76\x00");
        let text = std::str::from_utf8(&file[10..128]).unwrap();
        let dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 3), }";
        assert_eq!(text.trim_end(), dict);
        assert!(text.ends_with('\n'));
        assert_eq!(file[128..], [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_picture_has_mean_std_and_the_order_of_colours_undone() {
        let spec = TensorSpec {
            color: ColorFormat::Bgr,
            mean: [10.0, 20.0, 30.0],
            std: [2.0, 2.0, 4.0],
            ..TensorSpec::new(2, 1)
        };
        let tensor: Vec<u8> = [0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0]
            .into_iter()
            .flat_map(f32::to_ne_bytes)
            .collect();
        let rgb = TensorSpec {
            color: ColorFormat::Rgb,
            ..spec.clone()
        };
        assert_eq!(picture(&rgb, &tensor), [10, 24, 46, 12, 26, 50]);
        assert_eq!(picture(&spec, &tensor), [46, 24, 10, 50, 26, 12]);
        let gray = TensorSpec {
            color: ColorFormat::Gray,
            ..spec
        };
        assert_eq!(picture(&gray, &tensor), [10, 10, 10, 12, 12, 12]);
    }
}
