// SPDX-License-Identifier: MIT OR Apache-2.0

use half::f16;
use lynx_tensor::Element;

use crate::Case;

/// Checks that a peer made what Lynx makes: one that makes something else would be measured for
/// nothing. Peers round to whole levels in between, where one level of a colour difference is
/// two of blue, and take chroma from the nearest sample or between two.
///
/// # Errors
///
/// How far apart the tensors of a case are, in levels of 255.
pub fn check_same(case: &Case, ours: &[u8], theirs: &[u8]) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} bytes, not {}", theirs.len(), ours.len()));
    }
    let size = case.spec.element.size();
    let pairs = ours.chunks_exact(size).zip(theirs.chunks_exact(size));
    let off = pairs.map(|(a, b)| (value(case, a) - value(case, b)).abs() * case.spec.std[0]);
    let count = (ours.len() / size) as f32;
    let mean = off.clone().sum::<f32>() / count;
    let far = off.filter(|off| *off > FAR).count() as f32 / count;
    if mean > 1.5 || far > 0.01 {
        return Err(format!(
            "{mean} levels off on average and more than {FAR} in {far} of the elements"
        ));
    }
    Ok(())
}

const FAR: f32 = 6.0;

fn value(case: &Case, bytes: &[u8]) -> f32 {
    match (case.spec.element, bytes) {
        (Element::F32, &[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]),
        (Element::F16, &[a, b]) => f16::from_ne_bytes([a, b]).to_f32(),
        (Element::I8, &[a]) => f32::from(i8::from_ne_bytes([a])),
        (_, bytes) => f32::from(bytes[0]),
    }
}
